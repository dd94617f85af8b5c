/** Work for a judging thread, and what comes back: plain data, cloned between threads. */
import type { ReplayResult } from "../../campaign/replay.ts";
import type { CheckOptions, CheckReport, Progress, Subject } from "../../campaign/report.ts";
import type { Counterexample } from "../../corpus/counterexample.ts";

export type Job =
  | {
      readonly kind: "check";
      readonly subject: Subject;
      readonly options: Pick<CheckOptions, "scope" | "budget" | "seed">;
    }
  | { readonly kind: "replay"; readonly counterexample: Counterexample };

export type JobResult<J extends Job = Job> = J extends { kind: "check" }
  ? CheckReport
  : ReplayResult;

export type WorkerMessage =
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "done"; readonly result: JobResult }
  | { readonly kind: "input"; readonly place: string; readonly reason: string }
  | { readonly kind: "fault"; readonly message: string; readonly stack?: string };
