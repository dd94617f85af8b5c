/** Clocks, in microseconds: what of a state is time. */
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
  since?: number;
  /** Of a request: its routine; and what it had taken where it came to rest. */
  routine?: string;
  rest?: number;
  /** Whether the workload was not over when it came. */
  keeps?: boolean;
}

export interface EndedRoot extends Root {
  readonly took: number;
}

export interface Due {
  readonly due: number;
  readonly period: number;
  /** Set by the thread whose arrival is open, since it arrived. */
  readonly isNew?: true;
}

export interface Times {
  /** The latest time of a transition. */
  now: number;
  /** The thread whose arrival is still open, and whether it has done more since. */
  open?: { t: string; did: boolean } | undefined;
  /** By thread. */
  clocks: Record<string, number>;
  /** The last change of hands: of objects by key, of other things by a word and their key. */
  things: Record<string, number>;
  /** When a thread was first told to end. */
  told: Record<string, number>;
  /** When set timers are due, and their periods. */
  timers: Record<string, Due>;
  /** A pool's manager, by queue. */
  managers: Record<string, { phase?: number; last?: number; occupied: number }>;
}
