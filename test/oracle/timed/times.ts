/** Clocks, in microseconds: what of a state is time. */
import type { Clock } from "./clock.ts";

export type RootKind =
  | "callback"
  | "event"
  | "operation"
  | "launch"
  | "lifecycle"
  | "relief"
  | "item"
  | "request"
  /** Owed, and its time is told by another. */
  | "unclocked";

/** Something owed, or whose time is told. */
export interface Root {
  readonly kind: RootKind;
  /** Its thread's clock where it began, later by the skew that was booked since. */
  since?: Clock;
  /** Of a request: its routine; and what it had taken where it came to rest. */
  routine?: string;
  rest?: Clock;
  /** Whether the workload was not over when it came. */
  keeps?: boolean;
}

export interface EndedRoot extends Root {
  readonly took: number;
}

export interface Due {
  readonly due: Clock;
  readonly period: number;
}

export interface Times {
  /** The latest time of a transition. */
  now: Clock;
  /** Whether a transition along was taken since the user arrived, and how much later each would still come ahead. */
  open?: { did: boolean; room?: number } | undefined;
  /** By thread. */
  clocks: Record<string, Clock>;
  /** The last change of hands: of objects by key, of other things by a word and their key. */
  things: Record<string, Clock>;
  /** When a thread was first told to end. */
  told: Record<string, Clock>;
  /** When set timers are due, and their periods. */
  timers: Record<string, Due>;
  /** A pool's manager, by queue. */
  managers: Record<string, { phase?: number; last?: number; occupied: Clock }>;
}
