/** A saved counterexample: scenario, decisions, and what they show. Read by people in diffs. */
import type { Deviation } from "../explore/schedule.ts";
import type { Finding } from "../judge/finding.ts";
import type { Scenario } from "../windows/scenario.ts";

/** What of a finding is kept: the story is told again from the run. */
export type FindingSummary = Pick<
  Finding,
  | "outcome"
  | "possible"
  | "timedSearch"
  | "property"
  | "driver"
  | "family"
  | "mechanism"
  | "identity"
  | "needs"
  | "rules"
  | "latencyUs"
  | "budget"
>;

export interface Counterexample {
  readonly loophole: "counterexample";
  readonly version: 2;
  readonly finding: FindingSummary;
  readonly reading: "untimed" | "timed";
  readonly schedule: readonly Deviation[];
  /** Decisions of the run in all: it ends where the finding is seen. */
  readonly decisions: number;
  readonly scenario: Scenario;
}

export type { Deviation } from "../explore/schedule.ts";
