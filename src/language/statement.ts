/**
 * What drivers are made of: objects, operands, conditions and statements, as plain JSON. `model.ts`
 * makes a driver of them.
 */

/** Kinds of object that a driver, a routine's frame, a process or a counted record can hold. */
export const objectKinds = [
  "NotificationEvent",
  "SynchronizationEvent",
  "KMUTEX",
  "KSEMAPHORE",
  "FAST_MUTEX",
  "KGUARDED_MUTEX",
  "ERESOURCE",
  "KSPIN_LOCK",
  "EX_SPIN_LOCK",
  "NotificationTimer",
  "SynchronizationTimer",
  "EX_PUSH_LOCK",
  "EX_RUNDOWN_REF",
  "IO_REMOVE_LOCK",
  "WDFWAITLOCK",
  "KQUEUE",
  "LIST_ENTRY",
  "IO_CSQ",
  "FLT_PORT",
  "WORK_ITEM",
  "CRITICAL_SECTION",
  "PETHREAD",
  "variable",
  "pointer",
] as const;
export type ObjectKind = (typeof objectKinds)[number];

/** Kinds of object whose address can be handed to a routine as its context; pointers hand on theirs. */
export const contextKinds = [
  "pointer",
  "NotificationEvent",
  "SynchronizationEvent",
  "KSEMAPHORE",
] as const satisfies readonly ObjectKind[];
export type ContextKind = (typeof contextKinds)[number];

export interface ObjectDecl {
  readonly name: string;
  readonly kind: ObjectKind;
  /** Start value: of a variable; a semaphore's count; for an event, 1 means signalled. Default 0. */
  readonly initial?: number;
  /** KSEMAPHORE only: the count that it never exceeds. */
  readonly limit?: number;
  /** FLT_PORT only, of one that stands for a pipe: how many messages fit. Default 1 (SV-34). */
  readonly room?: number;
  /** Pointers only: the record whose references it holds; absent for IRPs and messages. */
  readonly record?: string;
  /** WORK_ITEM only (a driver-wide item): the routine that it runs. */
  readonly routine?: string;
  /**
   * Locals of work items and system threads only, one each: what whoever queues or starts it hands over
   * as its context. A
   * pointer begins with that; any other kind is an object that lives elsewhere.
   */
  readonly context?: true;
}

/** A counted heap structure: `ExAllocatePool2` plus a reference count. */
export interface RecordDecl {
  readonly name: string;
  readonly fields: readonly ObjectDecl[];
  /** How many can exist at once in the model. Default 4. */
  readonly max?: number;
}

/** A named timeout that the driver reads from its settings. */
export interface SettingDecl {
  readonly name: string;
  /** Microseconds, or "none" for a wait without timeout. */
  readonly value: number | "none";
}

/** A condition that the model does not look into: it may fall either way. */
export interface OpaqueDecl {
  readonly name: string;
  /** It is drawn once for each of these, and then stays. */
  readonly scope: "activation" | "process" | "driver";
}

export const processRoles = ["subject", "current", "creator", "service"] as const;
export type ProcessRole = (typeof processRoles)[number];

/** What can stand as an argument of a call. */
export type Operand =
  | number
  | string
  /** A declared object or variable; `field` of the record that a pointer holds; `of` which process. */
  | { readonly ref: string; readonly field?: string; readonly of?: ProcessRole }
  /** Several objects, for a wait on any or all of them. */
  | { readonly objects: readonly Operand[] }
  /** A process object as a waitable. `service` names which, if the driver has several. */
  | { readonly process: ProcessRole; readonly service?: string }
  /** A thread object as a waitable: the running thread, or the initial thread of the subject. */
  | { readonly thread: "current" | "subject" }
  /** "none" waits for ever, 0 polls, else microseconds; or a named setting. */
  | { readonly timeout: "none" | number | { readonly setting: string } }
  | { readonly routine: string }
  /** A declared record, for a call that allocates one. */
  | { readonly record: string };

export type Args = Readonly<Record<string, Operand>>;

/** What a call came back with. `object0`… say which object satisfied a wait on any. */
export const resultNames = [
  "success",
  "timeout",
  "failure",
  "terminated",
  "disconnected",
  "abandoned",
  "empty",
  "object0",
  "object1",
  "object2",
  "object3",
  "alerted",
  "userApc",
] as const;
export type ResultName = (typeof resultNames)[number];

export type Comparison = "==" | "!=" | "<" | ">=";

export type Condition =
  /** The callback was raised for a create (CreateInfo is there) or for an exit. */
  | { readonly kind: "event"; readonly is: string }
  /** Which process this is: the running one, the subject, the subject's parent, the creator. */
  | {
      readonly kind: "role";
      readonly who: "current" | "subject" | "parent" | "creator";
      readonly is: "service" | "subject" | "system";
      readonly service?: string;
    }
  | { readonly kind: "kernelHandle" }
  | { readonly kind: "apcsDisabled" }
  /** This activation was caused, over any number of threads, by the driver's own code. */
  | { readonly kind: "causedByOwnWork" }
  | {
      readonly kind: "compare";
      readonly variable: Operand;
      readonly op: Comparison;
      readonly value: number;
    }
  /**
   * `of` is the `result` name of a call of the same routine: its latest one of this activation.
   * While there has been none, every such test is false.
   */
  | { readonly kind: "result"; readonly of: string; readonly is: ResultName }
  /** The same for the number that a call hands back, such as a previous value. */
  | {
      readonly kind: "returned";
      readonly of: string;
      readonly op: Comparison;
      readonly value: number;
    }
  | { readonly kind: "opaque"; readonly name: string }
  | { readonly kind: "not"; readonly test: Condition }
  | { readonly kind: "and" | "or"; readonly tests: readonly Condition[] };

interface Placed {
  /** The author's label: the stable part of the operation's id. */
  readonly label?: string;
  /** Where this stands in the C source, "file.c:123". */
  readonly at?: string;
}

export interface CallStatement extends Placed {
  readonly kind: "call";
  readonly api: string;
  readonly args: Args;
  /** Keeps the call's result under this name, for `result` conditions. */
  readonly result?: string;
}
export interface IfStatement extends Placed {
  readonly kind: "if";
  readonly test: Condition;
  readonly then: Body;
  readonly else?: Body;
}
export interface RepeatStatement extends Placed {
  readonly kind: "repeat";
  readonly times: number;
  readonly body: Body;
}
/** A loop without end: threads of services and of the driver. */
export interface ForeverStatement extends Placed {
  readonly kind: "forever";
  readonly body: Body;
}
/**
 * Test, and while it is false run `body` (a delay or a timed wait, mostly) and test again;
 * give up after `limit` rounds (null: never). One construct, so that it is not unrolled. What the
 * body's own calls came back with before the poll began is forgotten.
 */
export interface PollStatement extends Placed {
  readonly kind: "poll";
  readonly until: Condition;
  readonly body: Body;
  readonly limit: number | null;
}
export interface ReturnStatement extends Placed {
  readonly kind: "return";
}
/** CreateInfo->CreationStatus = an error: the creation fails once all callbacks have run. */
export interface VetoStatement extends Placed {
  readonly kind: "veto";
}
/** Calls another routine of the driver, role "function". */
export interface InvokeStatement extends Placed {
  readonly kind: "invoke";
  readonly routine: string;
}
/** A call that the API table lacks; reports mark it as the author's assumption. */
export interface OtherStatement extends Placed {
  readonly kind: "other";
  readonly name: string;
  /** Microseconds. */
  readonly costUs: number;
  /** It waits, without timeout, for this object. */
  readonly waitsFor?: Operand;
  /** It raises the callbacks of this family once, in the calling thread. */
  readonly raises?: string;
  /** Highest IRQL at which it may be called. Default PASSIVE_LEVEL. */
  readonly irql?: Irql;
}

export type Statement =
  | CallStatement
  | IfStatement
  | RepeatStatement
  | ForeverStatement
  | PollStatement
  | ReturnStatement
  | VetoStatement
  | InvokeStatement
  | OtherStatement;
export type Body = readonly Statement[];

export type Irql = "PASSIVE_LEVEL" | "APC_LEVEL" | "DISPATCH_LEVEL";
