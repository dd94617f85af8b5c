/** A judging thread: the work is one long computation, beside which Ctrl-C is still heard. */
import { parentPort, workerData } from "node:worker_threads";
import { InputError } from "../../base/input-error.ts";
import { invariant, unreachable } from "../../base/invariant.ts";
import { check } from "../../campaign/check.ts";
import { fuzzPart } from "../../campaign/fuzz.ts";
import { tellMechanism } from "../../campaign/fuzz-shrink.ts";
import { replay } from "../../campaign/replay.ts";
import type { Progress } from "../../campaign/report.ts";
import type { Job, JobResult, WorkerMessage } from "./messages.ts";

/** Milliseconds between two reports of progress. */
const progressMs = 100;

const port = parentPort;
invariant(port !== null, "a judging thread has a parent");
const flag = new Int32Array(workerData as SharedArrayBuffer);
let lastProgress = 0;

port.on("message", (job: Job) => {
  try {
    send({ kind: "done", result: work(job) });
  } catch (error) {
    send(failure(error));
  }
});

function work(job: Job): JobResult {
  switch (job.kind) {
    case "replay":
      return replay(job.counterexample);
    case "fuzz":
      return fuzzPart(job.options, job.from, job.to, shouldStop);
    case "tell":
      return tellMechanism(job.seen, job.options);
    case "check":
      return check(job.subject, { ...job.options, shouldStop, onProgress: sendProgress });
    default:
      return unreachable(job, "kind of job");
  }
}

const shouldStop = (): boolean => Atomics.load(flag, 0) !== 0;

function sendProgress(progress: Progress): void {
  const now = performance.now();
  if (now - lastProgress < progressMs) return;
  lastProgress = now;
  send({ kind: "progress", progress });
}

function failure(error: unknown): WorkerMessage {
  if (error instanceof InputError) {
    return { kind: "input", place: error.place, reason: error.reason };
  }
  if (!(error instanceof Error)) return { kind: "fault", message: String(error) };
  return { kind: "fault", message: error.message, stack: error.stack };
}

function send(message: WorkerMessage): void {
  port?.postMessage(message);
}
