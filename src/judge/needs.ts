/** What the world of a finding needed: rungs of a ladder, and what goes on beside. */

/** What a finding's world needed; the ladder of design.md, lowest first. */
export const needsLadder = [
  "nothing wrong",
  "concurrency",
  "busy pool",
  "slow service",
  "a neighbour",
  "hung service",
  "fault",
] as const;
export type Need = (typeof needsLadder)[number];

/** What goes on beside the events of a finding's world. */
export type Beside = "unloading" | "start-up" | "service start";

/** How a service came to answer no more. */
export type HungAs = "hung" | "ended" | "suspended";

/** What was seen of worlds that need so much: all of them searched to their end, or less. */
export interface RungClaim {
  readonly needs: Need;
  readonly claim: "complete" | "bounded" | "sampled" | "none";
}
