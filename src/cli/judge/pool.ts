/** Jobs over several threads. Each result depends on its job alone, so their number changes none. */
import { Worker } from "node:worker_threads";
import { InputError } from "../../base/input-error.ts";
import type { Progress } from "../../campaign/report.ts";
import { RemoteFault } from "../exit.ts";
import type { Stop } from "../stop.ts";
import type { Job, JobResult, WorkerMessage } from "./messages.ts";

interface PoolOptions<J extends Job> {
  readonly workers: number;
  readonly stop: Stop;
  readonly onProgress?: (index: number, progress: Progress) => void;
  /** The file that a job is about, for mistakes that only judging shows. */
  readonly placeOf: (index: number) => string;
  /** Asked before each job: true leaves this one and those behind it undone. */
  readonly isEnough?: () => boolean;
  /** Told in the order of the jobs, as soon as all before it are told. */
  readonly onResult: (index: number, result: JobResult<J>) => void;
}

/**
 * Does all jobs. Those that a stop finds waiting are left undone: their results never come.
 *
 * @throws {InputError} or {RemoteFault}, the first that a job ends in.
 */
export async function runJobs<J extends Job>(
  jobs: readonly J[],
  options: PoolOptions<J>,
): Promise<void> {
  const results = new Map<number, JobResult<J>>();
  let next = 0;
  let told = 0;
  const threads = Array.from({ length: Math.min(options.workers, jobs.length) }, () =>
    startThread(options.stop.flag),
  );
  const drain = async (thread: Thread): Promise<void> => {
    while (next < jobs.length && options.stop.by === undefined && options.isEnough?.() !== true) {
      const index = next++;
      const onProgress = (progress: Progress) => options.onProgress?.(index, progress);
      const result = await thread.run(jobs[index], onProgress, options.placeOf(index));
      results.set(index, result as JobResult<J>);
      for (let done = results.get(told); done !== undefined; done = results.get(told)) {
        options.onResult(told, done);
        told++;
      }
    }
  };
  try {
    await Promise.all(threads.map(drain));
  } finally {
    await Promise.all(threads.map((thread) => thread.end()));
  }
}

interface Thread {
  run(job: Job, onProgress: (progress: Progress) => void, place: string): Promise<JobResult>;
  end(): Promise<unknown>;
}

function startThread(flag: SharedArrayBuffer): Thread {
  const worker = new Worker(new URL("./worker.js", import.meta.url), {
    workerData: flag,
    execArgv: [],
    // Standard output is for results alone.
    stdout: true,
  });
  worker.stdout.pipe(process.stderr, { end: false });
  return {
    run: (job, onProgress, place) =>
      new Promise((resolve, reject) => {
        const settle = (): void => {
          worker.off("message", onMessage).off("error", onError).off("exit", onExit);
        };
        const onMessage = (message: WorkerMessage): void => {
          if (message.kind === "progress") {
            onProgress(message.progress);
            return;
          }
          settle();
          if (message.kind === "done") resolve(message.result);
          else reject(toError(message, place));
        };
        const onError = (error: Error & { code?: string }): void => {
          settle();
          const hint = error.code === "ERR_WORKER_OUT_OF_MEMORY" ? `: ${memoryHint}` : "";
          reject(new RemoteFault(`a judging thread ended, ${error.message}${hint}`, error.stack));
        };
        const onExit = (code: number): void => {
          settle();
          reject(new RemoteFault(`a judging thread ended with code ${code}`, undefined));
        };
        worker.on("message", onMessage).on("error", onError).on("exit", onExit);
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
