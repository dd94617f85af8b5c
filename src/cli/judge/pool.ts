/** Jobs over several threads. Each result depends on its job alone, so their number changes none. */
import { Piscina } from "piscina";
import { InputError } from "../../base/input-error.ts";
import { RemoteFault } from "../exit.ts";
import { judgingThread } from "../places.ts";
import type { Stop } from "../stop.ts";
import type { Job, JobMessage, JobResult } from "./messages.ts";

/** Threads that do jobs, the first asked for first. */
export interface Pool {
  /**
   * @param place The file that the job is about, for mistakes that only judging shows.
   * @throws {InputError} or {RemoteFault}, as the job ends in one.
   */
  run<J extends Job>(job: J, place: string): Promise<JobResult<J>>;
  /** Breaks off what is under way. */
  end(): Promise<void>;
}

/** @param warm Threads that begin at once; the others, up to `workers`, when they are first needed. */
export function openPool(workers: number, { flag }: Pick<Stop, "flag">, warm = 0): Pool {
  const pool = new Piscina<Job, JobMessage>({
    filename: judgingThread.href,
    minThreads: Math.min(warm, workers),
    maxThreads: workers,
    idleTimeout: Number.POSITIVE_INFINITY,
    workerData: flag,
    // Modules are imported, never required, which Node warns of.
    execArgv: ["--no-experimental-require-module"],
    // A thread that waits for a job still writes what drivers print.
    atomics: "disabled",
  });
  // It can end before it has a job: that is told to who asks next, and to who waits.
  let lost: RemoteFault | undefined;
  pool.on("error", (error: Error) => {
    lost ??= toFault(error);
    void pool.destroy();
  });
  return {
    async run<J extends Job>(job: J, place: string) {
      if (lost !== undefined) throw lost;
      const message = await pool.run(job).catch((error: Error) => {
        throw lost ?? toFault(error);
      });
      if (message.kind === "done") return message.result as JobResult<J>;
      throw toError(message, place);
    },
    end: () => pool.destroy(),
  };
}

interface JobsOptions<J extends Job> {
  readonly workers: number;
  readonly stop: Stop;
  readonly placeOf: (index: number) => string;
  /** Asked before each job: true leaves this one and those behind it undone. */
  readonly isEnough?: () => boolean;
  /** Told in the order of the jobs, as soon as all before it are told. */
  readonly onResult: (index: number, result: JobResult<J>) => void;
}

/** Does all jobs. Those that a stop finds waiting are left undone: their results never come. */
export async function runJobs<J extends Job>(
  jobs: readonly J[],
  { workers, stop, placeOf, isEnough, onResult }: JobsOptions<J>,
): Promise<void> {
  if (jobs.length === 0) return;
  const pool = openPool(Math.min(workers, jobs.length), stop);
  try {
    await inOrder(
      jobs.length,
      workers,
      (index) => pool.run(jobs[index], placeOf(index)),
      onResult,
      () => stop.by !== undefined || isEnough?.() === true,
    );
  } finally {
    await pool.end();
  }
}

/**
 * Does `count` things, `width` at a time, and tells their results in order.
 *
 * @param isEnough Asked before each: true leaves it and those behind it undone.
 */
export async function inOrder<R>(
  count: number,
  width: number,
  make: (index: number) => Promise<R>,
  onResult: (index: number, result: R) => void,
  isEnough: () => boolean = () => false,
): Promise<void> {
  const results = new Map<number, { readonly result: R }>();
  let next = 0;
  let told = 0;
  const drain = async (): Promise<void> => {
    while (next < count && !isEnough()) {
      const index = next++;
      results.set(index, { result: await make(index) });
      for (let done = results.get(told); done !== undefined; done = results.get(told)) {
        results.delete(told);
        onResult(told++, done.result);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, drain));
}

function toFault({ message, stack, code }: Error & { code?: string }): RemoteFault {
  const hint = code === "ERR_WORKER_OUT_OF_MEMORY" ? `: ${memoryHint}` : "";
  return new RemoteFault(`a judging thread ended, ${message}${hint}`, stack);
}

const memoryHint = "a smaller --budget, --scope small or --workers 1 takes less";

function toError(message: Extract<JobMessage, { kind: "input" | "fault" }>, place: string): Error {
  if (message.kind === "fault") return new RemoteFault(message.message, message.stack);
  return new InputError(`${place}: ${message.place}`, message.reason);
}
