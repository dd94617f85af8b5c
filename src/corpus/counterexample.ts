/** A saved counterexample: scenario, decisions, and what they show. Read by people in diffs. */
import type { Finding } from "../judge/finding.ts";
import type { Scenario } from "../windows/scenario.ts";

/** A decision that departs from the default schedule: the first time `instead` would go, `take` goes. */
export interface Deviation {
  readonly instead: string;
  readonly take: string;
}

/** What of a finding is kept: the story is told again from the run. */
export type FindingSummary = Pick<
  Finding,
  | "outcome"
  | "possible"
  | "property"
  | "driver"
  | "family"
  | "mechanism"
  | "identity"
  | "needs"
  | "rules"
  | "latencyUs"
>;

export interface Counterexample {
  readonly loophole: "counterexample";
  readonly version: 1;
  readonly finding: FindingSummary;
  readonly reading: "untimed" | "timed";
  readonly schedule: readonly Deviation[];
  readonly scenario: Scenario;
}
