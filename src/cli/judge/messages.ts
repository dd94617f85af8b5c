/** Work for a judging thread, and what comes back: plain data, cloned between threads. */
import type { FuzzOptions, FuzzRun, MechanismSeen } from "../../campaign/fuzz.ts";
import type { FuzzFound } from "../../campaign/fuzz-shrink.ts";
import type { Piece, PieceResult } from "../../campaign/pieces.ts";
import type { ReplayResult } from "../../campaign/replay.ts";
import type { Counterexample } from "../../corpus/counterexample.ts";

export type Job =
  /** `enough`: one int32, set once the result is no longer wanted. */
  | { readonly kind: "piece"; readonly piece: Piece; readonly enough: SharedArrayBuffer }
  | { readonly kind: "replay"; readonly counterexample: Counterexample }
  /** Runs of a campaign: `from` to `to` − 1. */
  | {
      readonly kind: "fuzz";
      readonly options: FuzzOptions;
      readonly from: number;
      readonly to: number;
    }
  /** What a campaign saw, to be shrunk and told. */
  | { readonly kind: "tell"; readonly options: FuzzOptions; readonly seen: MechanismSeen };

interface Results {
  readonly piece: PieceResult;
  readonly replay: ReplayResult;
  readonly fuzz: readonly FuzzRun[];
  readonly tell: FuzzFound;
}

export type JobResult<J extends Job = Job> = Results[J["kind"]];

/** What a job ends in. */
export type JobMessage =
  | { readonly kind: "done"; readonly result: JobResult }
  | { readonly kind: "input"; readonly place: string; readonly reason: string }
  | { readonly kind: "fault"; readonly message: string; readonly stack?: string };
