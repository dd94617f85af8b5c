/** Runs a counterexample again and says whether it does what it claims. */
import type { Counterexample } from "../corpus/counterexample.ts";
import type { Finding } from "../judge/finding.ts";

export interface ReplayResult {
  /** The finding that the run shows, if it shows one. */
  readonly finding: Finding | undefined;
  /** Why it is not the one that the file claims; undefined when it is. */
  readonly mismatch: string | undefined;
}

export function replay(_counterexample: Counterexample): ReplayResult {
  throw new Error("not yet");
}
