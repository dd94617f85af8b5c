/** What Loophole says of a driver: plain data, from judge to report and corpus. */
import type { Extension } from "../language/shape.ts";
import type { Activity } from "./activity-kinds.ts";
import type { Came } from "./came.ts";
import type { CrashFacts } from "./crash-facts.ts";
import type { Gone } from "./departed.ts";
import type { Beside, HungAs, Need, RungClaim } from "./needs.ts";
import type { SignalPast } from "./signal-past.ts";

/** What has a limit to its time: a callback, all of an event, a user's operation, a service's request. */
export const limited = ["callback", "event", "operation", "request"] as const;
export type Limited = (typeof limited)[number];

export type Outcome = "deadlock" | "livelock" | "latency" | "crash" | "rule";

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
  /** The call's name; of what is no call, none. */
  readonly api?: string;
  /** What came of it, in order; empty where it just went on. */
  readonly came: readonly Came[];
  readonly at?: string;
  /** Depth of the call stack, for indentation. */
  readonly depth: number;
  /** Of several activations of the routine whose like objects have numbers, which. */
  readonly call?: number;
}

/** Who waits, or could end a wait: a thread, or what is queued for one to run. */
export type Actor =
  | {
      readonly kind: "thread";
      readonly name: string;
      readonly callback?: string;
      /** The work item that it runs. */
      readonly item?: string;
      /** The APC that it runs, on top of whatever else it is in. */
      readonly apc?: string;
      /** A thread of a service, in code of its own. */
      readonly service?: true;
    }
  | {
      readonly kind: "workItem";
      readonly name: string;
      readonly queue: string;
      /** Items ahead of it in the queue. */
      readonly ahead: number;
      /** Workers that could run it and are occupied. */
      readonly occupied: number;
    }
  /** With the timer that queues it, if one is set. */
  | { readonly kind: "dpc"; readonly name: string; readonly timer?: string };

export type WaitKind =
  /** An owned lock, a KMUTEX included; `mode` says how it is asked for. */
  | "lock"
  | "event"
  | "timer"
  | "semaphore"
  /** What a poll looks at. */
  | "variable"
  | "reply"
  /** A message that wants no reply, to be fetched. */
  | "fetch"
  /** What it writes to a pipe, to fit. */
  | "room"
  /** An IRP that it pended, to be completed. */
  | "irp"
  /** A message of a port. */
  | "message"
  /** An entry of a queue or list. */
  | "entry"
  | "worker"
  | "processor"
  | "rundown"
  | "threadEnd"
  | "processEnd"
  /** I/O whose completion no APC can bring. */
  | "completion"
  /** A dialog that no APC can bring up. */
  | "dialog"
  /** The DPCs that are queued or running. */
  | "dpcs"
  /** It has not started: its creator has to let it. */
  | "start"
  /** For no object, and without a timeout. */
  | "forever"
  /** It moves, and waits for nothing. */
  | "nothing"
  /** It has ended, and does nothing any more. */
  | "ended"
  | "other";

export interface WaitedObject {
  /** As declared: "FAST_MUTEX", "NotificationEvent". */
  readonly kind: string;
  /** With its number, where there are several of the name. */
  readonly name: string;
  /** The driver or service that declares it. */
  readonly owner: string;
  /** The process that has it as its own. */
  readonly process?: string;
  /** A port that is a pipe by what is done with it. */
  readonly isPipe?: true;
}

export interface Wait {
  readonly kind: WaitKind;
  readonly mode?: "exclusive" | "shared";
  /** It needs all of them, not one. */
  readonly all?: boolean;
  readonly objects: readonly WaitedObject[];
  /** Of objects of several kinds, where the wait has none: of which kind a wait for each would be. */
  readonly each?: readonly WaitKind[];
}

/** Why somebody could end a wait: what his part in it is. */
export type Relation =
  | "holds"
  /** Asked for it earlier, and has the right of way. */
  | "inLine"
  /** His code can still come to an operation that ends the wait: see `WaitKind` for which. */
  | "wouldEnd"
  /** Has fetched the message, and not replied. */
  | "hasMessage"
  | "wouldFetch"
  /** He, or another of his process, fetched it and is gone. */
  | "hadMessage"
  /** Would close the port that it was sent to. */
  | "wouldClose"
  /** Would cut the wait short, by an end of the waiter's process or an alert. */
  | "wouldTerminate"
  | "wouldAlert"
  /** Would resume the waiter, who is suspended. */
  | "wouldResume"
  | "insideCallback"
  | "holdsProtection"
  | "hasToEnd"
  | "hasToLeave"
  | "creates"
  /** Would start it, further on. */
  | "wouldStart"
  | "runsDpc"
  /** A kernel APC that is held off would do it. */
  | "heldApc"
  /** Runs an item where another should. */
  | "occupied";

/** How it stands with somebody who could end a wait. */
export type Standing =
  | "waits"
  | "notStarted"
  /** Is queued, or comes later on the waiter's own thread. */
  | "behindWaiter"
  /** Holds it, and comes to nothing any more that would release it. */
  | "pastRelease"
  /** Holds it from code that has returned without giving it back. */
  | "leftBehind"
  | "queued"
  | "ended"
  | "runs";

export type StartedKind = "workItem" | "apc" | "dpc" | "thread";

/** Somebody who could end a wait. */
export interface Ender {
  readonly who: Actor;
  readonly relation: Relation;
  readonly stands: Standing;
  /** What he would have to start for it: a routine that does it, and of what kind that is. */
  readonly by?: { readonly kind: StartedKind; readonly name: string };
  /** The step, by index, that got him what he holds. */
  readonly since?: number;
  /** Where he could end the wait with only some of its objects: which, by index. */
  readonly ends?: readonly number[];
  /** The kernel APC that he would have to run for it, and what holds that off. */
  readonly apc?: HeldApc;
}

export interface HeldApc {
  readonly name: string;
  readonly by: "criticalRegion" | "guardedRegion" | "level" | "anotherApc" | "other";
  /** Locks that he has meanwhile. */
  readonly holding?: readonly WaitedObject[];
}

/** A link of the chain of waits: who waits for what, and who could end that. */
export interface Link {
  readonly who: Actor;
  readonly operation: string;
  readonly opId: string;
  readonly api?: string;
  readonly at?: string;
  /** It runs on, and stands at a statement of a driver's. */
  readonly isAtStatement?: true;
  readonly wait: Wait;
  /** Everybody who could end the wait; empty where nobody can. */
  readonly enders: readonly Ender[];
  /** The one of them, by index, that the chain goes on with. */
  readonly follows?: number;
  /** Of a wait for something that nobody owns. */
  readonly past?: SignalPast;
  /** Of several that are waited for, the one, by index, whose past that is. */
  readonly lost?: number;
  /** Where nobody is left who could end the wait: those who would have, and why they do not. */
  readonly gone?: readonly Gone[];
  /** Another event would end the wait: in this callback, or in none of them. */
  readonly later?: readonly string[];
  /** It has stopped before it came to the operation. */
  readonly isAhead?: boolean;
  /** It looks again and again, where that is known every so often. */
  readonly polls?: { readonly everyUs?: number };
}

/** How a part of a path passes: asleep, in a wait, or (the pool's manager) before its next look. */
export type WorkKind = "delay" | "timeout" | "look" | "work";

/** A part of a latency's critical path: time of a thread's, at an operation or before its turn. */
export interface Part {
  readonly who: Actor;
  /** As a step has it; absent where no step tells. */
  readonly operation?: string;
  readonly opId?: string;
  readonly api?: string;
  readonly activity: Activity;
  readonly work: WorkKind;
  readonly us: number;
  /** Nobody ended this wait: its time had come. */
  readonly waits?: boolean;
  /** Somebody ended this wait in the end, and till then nobody's time passed with it. */
  readonly idle?: boolean;
  /** The thread that came from outside, whenever that was, and ended it. */
  readonly until?: string;
  /** It computes in a service that is slow in this world, for a time of the model's. */
  readonly slowed?: boolean;
  /** Who waits for it meanwhile asks for a lock. */
  readonly underLock?: boolean;
}

/** A routine that whoever enters it stops in, at a request for a lock. */
export interface Stop {
  readonly routine: string;
  readonly role: "callback" | "request";
  readonly at?: string;
  readonly what: WaitedObject;
  /** It tries again and again, until it gets it. */
  readonly polls?: true;
}

/**
 * The search for a timing of what was found without times, and that came to none: it went through
 * every run with times, or was cut before.
 */
export type TimedSearch = "complete" | "cut";

/** Another way to the same outcome at the same operations, which takes no less of the world. */
export interface Face {
  readonly mechanism: string;
  readonly needs: Need;
  readonly world: string;
  readonly latencyUs?: number;
}

export interface Finding extends CrashFacts {
  readonly outcome: Outcome;
  /** Found in the untimed reading only. */
  readonly possible: boolean;
  /** A hang: what later events would do was not searched to its end. */
  readonly isLaterUnknown?: boolean;
  /** A hang that a later event ends: another world where it was seen, in which none does. */
  readonly forGoodIn?: string;
  /** What is only possible: how far a timing was looked for. */
  readonly timedSearch?: TimedSearch;
  readonly property: "deadlock-freedom" | "bounded-latency" | "no-crash" | "rules";
  readonly driver: string;
  readonly family: string;
  /** The event of the family that its callback was called for, where that is known. */
  readonly event?: string;
  /** The callback's routine; absent where the harm is elsewhere: start-up, unloading, a work item. */
  readonly callback?: string;
  /** The routine of a request that never comes back, where nobody but who asked it waits for that. */
  readonly request?: string;
  /** The wait graph with names and counts erased, as one line. */
  readonly mechanism: string;
  /** Operations of the user's driver that wait, by stable id. */
  readonly identity: string;
  readonly needs: Need;
  /**
   * The least that was needed for the same, where that is less: of a latency how long it was there;
   * of a hang, that it is only possible there.
   */
  readonly simplest?: {
    readonly needs: Need;
    readonly world: string;
    readonly latencyUs?: number;
  };
  /** Other ways there, which are no findings of their own. */
  readonly faces?: readonly Face[];
  /** Rungs of the ladder below the lowest that shows it. */
  readonly below?: readonly RungClaim[];
  /** Rule ids broken in the run. */
  readonly rules: readonly string[];
  /** Latency: the longest that was seen of the same, but for less than a hundredth of it. */
  readonly latencyUs?: number;
  /** Latency: what took too long, and what it may take. */
  readonly budget?: { readonly of: Limited; readonly us: number };
  /** Callbacks and requests that come to ask for a lock which those on the chain keep for good. */
  readonly stops?: readonly Stop[];
  /**
   * Events that users bring about in its world, the DLLs of each launch, what goes on beside, and
   * how its services hang, if they do.
   */
  readonly occasion?: {
    readonly events: number;
    readonly dlls?: number;
    readonly beside?: readonly Beside[];
    readonly service?: HungAs;
  };
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
    readonly what: WaitedObject;
    readonly since?: number;
    /** Others can share it meanwhile. */
    readonly shared?: true;
  }[];
  /** Latency: whose time it is. */
  readonly who?: Actor;
  /** Latency: each part of the critical path. */
  readonly path?: readonly Part[];
  /**
   * Latency: all but what it may take passes until somebody comes from outside, so that how long it
   * is says nothing: that thread, and whether it unloads the driver.
   */
  readonly until?: { readonly thread: string; readonly unloads: boolean };
  /** Latency: a timer that it waited for, the step, by index, that set it, and those that set it anew. */
  readonly rearmed?: {
    readonly timer: string;
    readonly set: number;
    readonly again: readonly { readonly step: number; readonly by: string }[];
  };
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

/** What names a finding in lists of what is known: its mechanism and those of its faces. */
export const mechanismsOf = ({ mechanism, faces = [] }: Finding): readonly string[] => [
  mechanism,
  ...faces.map((face) => face.mechanism),
];
