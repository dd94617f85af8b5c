/** Jobs over several threads. Each result depends on its job alone, so their number changes none. */
import { Worker } from "node:worker_threads";
import { InputError } from "../../base/input-error.ts";
import { RemoteFault } from "../exit.ts";
import type { Stop } from "../stop.ts";
import type { Job, JobResult, WorkerMessage } from "./messages.ts";

/** Threads that do jobs, the first asked for first; each begins when it is first needed. */
export interface Pool {
  /** Lets `count` threads begin before they are needed. */
  warm(count: number): void;
  /**
   * @param place The file that the job is about, for mistakes that only judging shows.
   * @throws {InputError} or {RemoteFault}, as the job ends in one.
   */
  run<J extends Job>(job: J, place: string): Promise<JobResult<J>>;
  /** Leaves undone what is still waiting: its results never come. */
  end(): Promise<void>;
}

export function openPool(workers: number, { flag }: Pick<Stop, "flag">): Pool {
  const threads: Thread[] = [];
  const idle: Thread[] = [];
  const waiting: ((thread: Thread) => void)[] = [];
  const free = (thread: Thread): void => {
    const next = waiting.shift();
    if (next === undefined) idle.push(thread);
    else next(thread);
  };
  const add = (): void => {
    const thread = startThread(flag);
    threads.push(thread);
    idle.push(thread);
  };
  const get = (): Promise<Thread> => {
    if (idle.length === 0 && threads.length < workers) add();
    const thread = idle.pop();
    if (thread !== undefined) return Promise.resolve(thread);
    return new Promise((resolve) => waiting.push(resolve));
  };
  return {
    warm(count) {
      while (threads.length < Math.min(count, workers)) add();
    },
    async run<J extends Job>(job: J, place: string) {
      const thread = await get();
      try {
        return (await thread.run(job, place)) as JobResult<J>;
      } finally {
        free(thread);
      }
    },
    async end() {
      waiting.length = 0;
      await Promise.all(threads.map((thread) => thread.end()));
    },
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

interface Thread {
  run(job: Job, place: string): Promise<JobResult>;
  end(): Promise<unknown>;
}

function startThread(flag: SharedArrayBuffer): Thread {
  const worker = new Worker(new URL("./worker.js", import.meta.url), {
    workerData: flag,
    execArgv: [],
    // Standard output is for results alone.
    stdout: true,
  });
  // It can end before it is asked for anything: that is told to who asks.
  let lost: RemoteFault | undefined;
  worker.on("error", (error: Error & { code?: string }) => {
    const hint = error.code === "ERR_WORKER_OUT_OF_MEMORY" ? `: ${memoryHint}` : "";
    lost ??= new RemoteFault(`a judging thread ended, ${error.message}${hint}`, error.stack);
  });
  worker.on("exit", (code) => {
    lost ??= new RemoteFault(`a judging thread ended with code ${code}`, undefined);
  });
  worker.stdout.pipe(process.stderr, { end: false });
  return {
    run: (job, place) =>
      new Promise((resolve, reject) => {
        const settle = (): void => {
          worker.off("message", onMessage).off("error", onLost).off("exit", onLost);
        };
        const onMessage = (message: WorkerMessage): void => {
          settle();
          if (message.kind === "done") resolve(message.result);
          else reject(toError(message, place));
        };
        // Behind the listeners above, which say what it was.
        const onLost = (): void => {
          settle();
          reject(lost);
        };
        if (lost !== undefined) return reject(lost);
        worker.on("message", onMessage).on("error", onLost).on("exit", onLost);
        worker.postMessage(job);
      }),
    end: () => worker.terminate(),
  };
}

const memoryHint = "a smaller --budget, --scope small or --workers 1 takes less";

function toError(
  message: Extract<WorkerMessage, { kind: "input" | "fault" }>,
  place: string,
): Error {
  if (message.kind === "fault") return new RemoteFault(message.message, message.stack);
  return new InputError(`${place}: ${message.place}`, message.reason);
}
