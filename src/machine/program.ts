/** A scenario, compiled: everything about it that a run does not change. */
import { mix } from "../base/hash.ts";

export interface RoutineCode {
  readonly name: string;
  readonly owner: string;
  /** The role of the routine in its model: "callback", "workItem", "path", "userThread"… */
  readonly role: string;
  /** What is looked at where it returns: a `Leaving`. */
  readonly leaving: number;
  pc: number;
  /** Words of a frame, header included. */
  frameWords: number;
  /** Start values of the frame's objects: offset and word pairs. */
  template: readonly number[];
  /** The family of a callback, "" otherwise. */
  readonly family: string;
  /** Effect tags that its family forbids a callback, and the effects that they then have. */
  forbids?: Readonly<Record<string, string>>;
  /** Rules that its family names for a callback, where it is none of Windows' own. */
  rules?: readonly string[];
  /** The driver object of the module that it is part of, which is run down once the code is gone. */
  module?: number;
  /** Offset in a request's frame of its IRP. */
  irp?: number;
  /** Offset in its frame of what it is handed as its context; absent where it is handed none. */
  context?: number;
  /** Name of the routine in whose frame this one's captured objects are. */
  readonly within?: string;
}

/** A place in a driver's or the system's text that instructions come from. */
export interface Site {
  readonly owner: string;
  readonly routine: string;
  readonly opId: string;
  readonly text: string;
  readonly at?: string;
  /** The name of the call; "" of what is none. */
  readonly api: string;
  /** Effect tags of the API. */
  readonly effects: readonly string[];
  /** Primitives of the API; absent for what is no call. */
  readonly does?: readonly string[];
  /** Belongs to the user's drivers, so that it counts for coverage and identity. */
  readonly users: boolean;
  /** One of the things that some run has to reach: a routine, a branch, a call. */
  readonly counts?: boolean;
  /** Marked by the author with `other`. */
  readonly assumed?: boolean;
  /** The driver that a path of the kernel's works on. */
  readonly forDriver?: string;
  /** Is told in a story, though it is no call and nobody else can see it. */
  readonly shows?: boolean;
  /** Takes longer than the author says, since its service is slow in this world. */
  readonly slowed?: boolean;
}

export interface ThreadInfo {
  readonly name: string;
  readonly routine: number;
  /** Where a thread of user mode goes when it is told to end; 0 for system threads. */
  exitPc: number;
  /** Where a thread goes when its routine returns; 0 ends it. */
  endPc: number;
  readonly process: number;
  /** Threads of one class stand in for each other: `start` takes the first dormant one. */
  readonly className: string;
  readonly owner: string;
  /** A thread of a driver's service, rather than of Windows or of the workload. */
  readonly isService: boolean;
  /** Somebody from outside, who arrives and then has something to do. */
  readonly arrives: boolean;
}

export interface ObjectInfo {
  readonly name: string;
  readonly kind: string;
  readonly owner: string;
}

/** Parts of a state that are alike and can be renamed among themselves. */
export interface SymmetryClass {
  readonly name: string;
  /** Each bundle: the components (indices) that move together, in the same order. */
  readonly bundles: readonly (readonly number[])[];
}

/** How threads of services stop in user mode. */
export interface Stopping {
  /** What a thread runs that has stopped, in the place where it stood. */
  readonly routine: number;
  /** It stands still for good, and the other threads of its process with it; else it only takes long. */
  readonly isForGood: boolean;
  /** Operations, by their place in the code, ahead of which a thread can stop. */
  readonly places: readonly number[];
}

export interface Component {
  readonly base: number;
  readonly size: number;
  /** Index of the thread, −1 for others: a thread's live words end at its top. */
  readonly thread: number;
  /** A queue: its live words end behind its last entry. */
  readonly queue: boolean;
}

export interface Program {
  readonly code: Int32Array;
  /** Beside each instruction, what it says by itself: see `Fore`. */
  readonly fore: Int32Array;
  /** Beside each instruction, how a thread hops from there: see `Leap`. */
  readonly leaps: Int32Array;
  /** Times that are too long for an operand: see `durations.ts`. */
  readonly longUs: Float64Array;
  readonly sites: readonly Site[];
  readonly routines: readonly RoutineCode[];
  readonly threads: readonly ThreadInfo[];
  readonly threadBase: Int32Array;
  readonly threadWords: number;
  readonly threadFirst: number;
  readonly initial: Int32Array;
  readonly classes: ReadonlyMap<number, readonly number[]>;
  /** Process slots: base addresses, and which of them `newProcess` hands out, by class. */
  readonly processes: readonly {
    readonly base: number;
    readonly name: string;
    readonly thread: number;
  }[];
  readonly childSlots: readonly (readonly number[])[];
  /** Records: base addresses by record type, and the words of one. */
  readonly records: readonly {
    readonly bases: readonly number[];
    readonly template: readonly number[];
    readonly words: number;
    readonly name: string;
  }[];
  /** Where a record has the link to what stood behind it in a list; 0 where nobody walks lists. */
  readonly linkAt: number;
  readonly queues: Int32Array;
  /** Mutexes that outlive a frame. */
  readonly mutexes: Int32Array;
  readonly objects: ReadonlyMap<number, ObjectInfo>;
  /** What every process has of its own, by distance from its base. */
  readonly processObjects: ReadonlyMap<number, ObjectInfo>;
  /** Fields of records, as "owner.Record.field". */
  readonly recordKeys: ReadonlySet<string>;
  /** Objects in frames: by routine and offset. */
  readonly frameObjects: ReadonlyMap<string, ObjectInfo>;
  /** The clock's table of timers, 0 where there are none; the queues and threads of DPCs. */
  readonly timers: number;
  readonly dpcQueues: Int32Array;
  readonly dpcThreads: Int32Array;
  /** Workers of each pool queue: thread indices, for the pool's relief. */
  readonly workers: ReadonlyMap<number, readonly number[]>;
  readonly registrations: ReadonlyMap<number, { readonly routine: number; readonly owner: string }>;
  readonly components: readonly Component[];
  readonly symmetry: readonly SymmetryClass[];
  /** By component: a number that those which are alike have in common. */
  readonly likeness: Int32Array;
  readonly stopping: Stopping | undefined;
  readonly skewUs: number;
  /** What stands for a parent outside of the run: never signalled, and nothing that could be ended. */
  readonly outsideProcess: number;
  /** Microseconds that a root may take, by its kind. */
  readonly budgets: ReadonlyMap<number, number>;
}

/** See `Program.likeness`: of a like, its class and its place in its bundle; of others, themselves. */
export function likenessOf(
  components: readonly Component[],
  symmetry: readonly SymmetryClass[],
): Int32Array {
  const likeness = Int32Array.from(components, (_, i) => mix(1, i));
  symmetry.forEach(({ bundles }, c) => {
    for (const bundle of bundles) {
      bundle.forEach((component, position) => {
        likeness[component] = mix(mix(2, c), position);
      });
    }
  });
  return likeness;
}
