/** Something seen in a run, and the run that shows it. */
import type { Target } from "../judge/mechanism.ts";

export interface Observation {
  readonly target: Target;
  readonly timed: boolean;
  /** Decisions of a run that ends where the target is seen. */
  readonly codes: readonly number[];
  readonly rules: readonly string[];
  readonly latencyUs?: number;
  /** A hang: what later events would do to it was not searched to its end. */
  readonly isLaterUnknown?: true;
}

export type Sink = (observation: Observation) => void;
