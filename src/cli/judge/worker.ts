/** A judging thread: the work is one long computation, beside which Ctrl-C is still heard. */
import { workerData } from "node:worker_threads";
import { InputError } from "../../base/input-error.ts";
import { unreachable } from "../../base/invariant.ts";
import { doPiece } from "../../campaign/pieces.ts";
import { replay } from "../../campaign/replay.ts";
import type { Job, JobMessage, JobResult } from "./messages.ts";

const flag = new Int32Array(workerData as SharedArrayBuffer);
// Standard output is for results alone.
process.stdout.write = process.stderr.write.bind(process.stderr);

/** What the pool calls for each job. */
export default async function answer(job: Job): Promise<JobMessage> {
  try {
    return { kind: "done", result: await work(job) };
  } catch (error) {
    return failure(error);
  }
}

/** What only campaigns need, generators above all, is loaded for them alone. */
async function work(job: Job): Promise<JobResult> {
  switch (job.kind) {
    case "replay":
      return replay(job.counterexample);
    case "fuzz":
      return (await import("../../campaign/fuzz.ts")).fuzzPart(
        job.options,
        job.from,
        job.to,
        shouldStop,
      );
    case "tell":
      return (await import("../../campaign/fuzz-shrink.ts")).tellMechanism(job.seen, job.options);
    case "piece": {
      const enough = new Int32Array(job.enough);
      return doPiece(job.piece, () => shouldStop() || Atomics.load(enough, 0) !== 0);
    }
    default:
      return unreachable(job, "kind of job");
  }
}

const shouldStop = (): boolean => Atomics.load(flag, 0) !== 0;

function failure(error: unknown): JobMessage {
  if (error instanceof InputError) {
    return { kind: "input", place: error.place, reason: error.reason };
  }
  if (!(error instanceof Error)) return { kind: "fault", message: String(error) };
  return { kind: "fault", message: error.message, stack: error.stack };
}
