/** What is told of a crash. */
import type { Crash } from "../machine/layout.ts";

/** How a run crashed, by the machine's name for it. */
export type CrashKind = Exclude<keyof typeof Crash, "none">;

export type Inside = "callback" | "workItem" | "apc" | "dpc" | "thread" | "unload" | "other";

/** Where a crash was seen: the operation's id, and its words. */
export interface Moment {
  readonly identity: string;
  readonly operation: string;
}

export interface CrashFacts {
  readonly crash?: CrashKind;
  /** Crash: what its thread was doing, by the innermost activation. */
  readonly inside?: Inside;
  /** Crash: the routine of the driver's that its thread was sent to run, or was about to enter. */
  readonly code?: string;
  /** Crash: other operations at which the same cause was seen, each in a run of its own. */
  readonly moments?: readonly Moment[];
  /** Use after free: the step, by index, that freed it, and whether that is part of unloading. */
  readonly freed?: { readonly step: number; readonly unloading: boolean };
  /** Code that is gone: the driver was never up, since its DriverEntry has failed. */
  readonly startFailed?: true;
  /** A crash at a timer that is set: the call that set it, and that step by index. */
  readonly timerSet?: { readonly operation: string; readonly step?: number };
}
