/** Transitions with their times, and what comes of taking one (section 15). */
import type { Move } from "../explore.ts";
import type { Clock } from "./clock.ts";

export interface TimedMove extends Move {
  readonly at: Clock;
  /** Which of several DPCs a processor takes. */
  readonly first?: number;
  /** An arrival beside one that stays open. */
  readonly isBeside?: true;
}

export interface Choice extends TimedMove {
  readonly skew: number;
  /** Whether it follows from the open arrival, and when the next of others comes. */
  readonly along: boolean;
  readonly next: number;
  /** Nobody moves: what follows from the open arrival comes so much later. */
  readonly laterBy?: number;
}
