/** What Loophole says of a driver: plain data, from judge to report and corpus. */
import type { Extension } from "../language/shape.ts";
import type { Crash } from "../machine/layout.ts";

export type Outcome = "deadlock" | "livelock" | "latency" | "crash" | "rule";

/** How a run crashed, by the machine's name for it. */
export type CrashKind = Exclude<keyof typeof Crash, "none">;

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

/** One step of a story: a visible operation that a thread took. */
export interface Step {
  /** Virtual microseconds; absent in the untimed reading. */
  readonly timeUs?: number;
  readonly thread: string;
  /** Driver, "Windows" or a service: whose code. */
  readonly owner: string;
  readonly routine: string;
  /** WDK name and arguments, printed. */
  readonly operation: string;
  readonly opId: string;
  /** "waits", "timeout", "success": what came of it. */
  readonly outcome: string;
  readonly at?: string;
  /** Depth of the call stack, for indentation. */
  readonly depth: number;
  /** Of several activations of the routine whose like objects have numbers, which. */
  readonly call?: number;
}

/** A link of the chain of waits: `who` waits at `operation` for `what`, which `because` explains. */
export interface Link {
  readonly who: string;
  readonly operation: string;
  readonly opId: string;
  readonly at?: string;
  /** What it waits for: "event ScanDone", "a free worker of DelayedWorkQueue". */
  readonly what: string;
  /** Who could end the wait, and why they do not; empty at the end of the chain. */
  readonly because: string;
  /** The step, by index, since which the one that `because` names holds what is waited for. */
  readonly since?: number;
  /** It looks again and again, where that is known every so often. */
  readonly polls?: { readonly everyUs?: number };
}

/** A part of a latency's critical path. */
export interface Part {
  readonly who: string;
  readonly what: string;
  readonly us: number;
  /** Nobody ended this wait: its time had come. */
  readonly waits?: boolean;
}

export interface Finding {
  readonly outcome: Outcome;
  /** Found in the untimed reading only: no timing of ours shows it. */
  readonly possible: boolean;
  readonly property: "deadlock-freedom" | "bounded-latency" | "no-crash" | "rules";
  readonly driver: string;
  readonly family: string;
  /** The callback's routine; absent where the harm is elsewhere: start-up, unloading, a work item. */
  readonly callback?: string;
  /** The wait graph with names and counts erased, as one line. */
  readonly mechanism: string;
  /** Operations of the user's driver that wait, by stable id. */
  readonly identity: string;
  readonly needs: Need;
  /** Rule ids broken in the run. */
  readonly rules: readonly string[];
  readonly latencyUs?: number;
  /** Latency: the longest that was seen of the same, where it is longer than this one, and its world. */
  readonly worst?: { readonly us: number; readonly world: string };
  /** Latency: what took too long, and what it may take. */
  readonly budget?: { readonly of: "callback" | "event" | "operation"; readonly us: number };
  readonly crash?: CrashKind;
  /** Events that users bring about in its world, and what else goes on beside them. */
  readonly occasion?: { readonly events: number; readonly beside?: "start-up" | "unloading" };
  /** Where it was found, as a world's name. */
  readonly world: string;
  readonly steps: readonly Step[];
  readonly chain: readonly Link[];
  /** The link that the chain's end leads back to, as an index; absent when it ends elsewhere. */
  readonly closesAt?: number;
  /** Others that wait for somebody on the chain. */
  readonly behind?: readonly string[];
  /** Locks that those on the chain keep meanwhile, with the step, by index, since which. */
  readonly keeps?: readonly {
    readonly who: string;
    readonly what: string;
    readonly since?: number;
  }[];
  /** Latency: whose time it is. */
  readonly who?: string;
  /** Latency: each part of the critical path. */
  readonly path?: readonly Part[];
  /** `other(...)` statements and options that the verdict rests on. */
  readonly assumptions: readonly string[];
  /** Calls, families and rules of the drivers' own, for words that no table of ours has. */
  readonly extension?: Extension;
}

/** The property that an outcome breaks. */
export const propertyOf: Readonly<Record<Outcome, Finding["property"]>> = {
  deadlock: "deadlock-freedom",
  livelock: "deadlock-freedom",
  latency: "bounded-latency",
  crash: "no-crash",
  rule: "rules",
};
