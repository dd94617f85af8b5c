/**
 * What an author holds while writing a driver. All of these stand for things of the model: they
 * have no value in JavaScript, and every attempt to convert or test one is an error.
 */
import type {
  EventKind,
  kernelObjectMethods,
  TimerKind,
  userObjectMethods,
} from "./builder-kinds.ts";
import type { ProcessRole, ResultName, RoutineRole } from "./model.ts";

declare const kind: unique symbol;
declare const fields: unique symbol;

/** A condition of the model. `a.when(test, …)` and `a.poll({ until: test })` test it. */
export interface Test {
  readonly [kind]: "test";
  not(): Test;
  and(...others: readonly Test[]): Test;
  or(...others: readonly Test[]): Test;
}

/** A declared object, or a process or thread to wait for. */
export interface ObjectHandle<out K> {
  readonly [kind]: K;
}

/** What holds a number. */
export interface Compared {
  equals(value: number): Test;
  notEquals(value: number): Test;
  below(value: number): Test;
  atLeast(value: number): Test;
}

export interface VariableHandle extends ObjectHandle<"variable">, Compared {}

/** Fields of a record, by name. */
export type Fields = object;
/** Those of a record whose definition does not hand them on: then only the run checks them. */
// biome-ignore lint/suspicious/noExplicitAny: stands for every kind at once
export type AnyFields = Record<string, any>;

export interface PointerHandle<F extends Fields> extends ObjectHandle<"pointer"> {
  /** `Pointer->Name`. */
  field<N extends keyof F & string>(name: N): HandleOf<F[N]>;
}

export interface RecordHandle<F extends Fields> {
  readonly [kind]: "record";
  readonly [fields]: F;
}

export interface RoutineHandle<R extends RoutineRole> extends Located {
  readonly [kind]: { readonly role: R };
}
/** A work item of the whole driver: the object and the routine that it runs. */
export interface WorkItemHandle extends RoutineHandle<"workItem"> {
  readonly [kind]: { readonly role: "workItem" } & "WORK_ITEM";
}
export interface SettingHandle {
  readonly [kind]: "setting";
}
export interface ServiceHandle {
  readonly [kind]: "service";
}

/** A field is of any kind where its record does not tell. */
interface AnyHandle extends VariableHandle {
  // biome-ignore lint/suspicious/noExplicitAny: stands for every kind at once
  readonly [kind]: any;
}

export type HandleOf<K> = 0 extends 1 & K
  ? AnyHandle
  : K extends "variable"
    ? VariableHandle
    : ObjectHandle<K>;

/** An object of which each process has one. */
type PerProcess<H> = H & {
  /** That of which process; else of the subject. */
  of(role: ProcessRole): H;
};

interface Located {
  /** Where this stands in the C source, `file.c:123`. */
  at(place: string): this;
}
export interface Placed extends Located {
  /** The stable part of this operation's id, unique in its routine. */
  label(name: string): this;
}

/**
 * A call. What it came back with can be tested later in the same routine; `V` is whether that is a
 * number, too.
 */
export type Call<R extends ResultName, V = unknown> = Placed & {
  is(result: R | (V extends string ? number : never)): Test;
} & (V extends string ? Compared : unknown) &
  ("timeout" extends R ? { timedOut(): Test } : unknown) &
  ("success" extends R ? { succeeded(): Test } : unknown) &
  ("failure" extends R ? { failed(): Test } : unknown);

/** Microseconds, or with a unit. */
export type Duration = number | `${number}us` | `${number}ms` | `${number}s`;
export type Timeout = "none" | Duration | SettingHandle;

type Held<H, Per extends boolean> = Per extends true ? PerProcess<H> : H;

/** Declares the objects of the driver, a frame, or of each process. */
export type Declare<Per extends boolean = false> = DeclareBasics<Per> & {
  readonly [M in PlainMethod]: (
    name: string,
  ) => Held<ObjectHandle<(typeof kernelObjectMethods)[M]>, Per>;
} & {
  /** @param options `room`: of a pipe, how many messages fit, 0 to 4; 1 unless given (SV-34). */
  port(name: string, options?: { readonly room?: number }): Held<ObjectHandle<"FLT_PORT">, Per>;
};

/** Methods that take only a name. */
type PlainMethod = Exclude<keyof typeof kernelObjectMethods, "port">;

interface DeclareBasics<Per extends boolean> {
  event<K extends EventKind>(
    name: string,
    kind: K,
    options?: { readonly signalled?: boolean },
  ): Held<ObjectHandle<K>, Per>;
  timer<K extends TimerKind>(name: string, kind: K): Held<ObjectHandle<K>, Per>;
  semaphore(name: string, count: number, limit: number): Held<ObjectHandle<"KSEMAPHORE">, Per>;
  variable(name: string, initial?: number): Held<VariableHandle, Per>;
  /** Holds a reference to a record, or without one an IRP or a message. */
  pointer<F extends Fields = Record<never, never>>(
    name: string,
    record?: RecordHandle<F>,
  ): Held<PointerHandle<F>, Per>;
}

/** Declares the objects of a service's process. */
export type DeclareUser = DeclareBasics<false> & {
  readonly [M in keyof typeof userObjectMethods]: (
    name: string,
  ) => ObjectHandle<(typeof userObjectMethods)[M]>;
};

/** Declares fields; each method hands on the fields so far, so that a chain tells their kinds. */
export type DeclareFields<F extends Fields> = {
  event<N extends string, K extends EventKind>(
    name: N,
    kind: K,
    options?: { readonly signalled?: boolean },
  ): DeclareFields<F & Record<N, K>>;
  timer<N extends string, K extends TimerKind>(name: N, kind: K): DeclareFields<F & Record<N, K>>;
  semaphore<N extends string>(
    name: N,
    count: number,
    limit: number,
  ): DeclareFields<F & Record<N, "KSEMAPHORE">>;
  variable<N extends string>(name: N, initial?: number): DeclareFields<F & Record<N, "variable">>;
  pointer<N extends string>(
    name: N,
    record?: RecordHandle<Fields>,
  ): DeclareFields<F & Record<N, "pointer">>;
} & {
  readonly [M in keyof typeof kernelObjectMethods]: <N extends string>(
    name: N,
  ) => DeclareFields<F & Record<N, (typeof kernelObjectMethods)[M]>>;
};

/** What `d.record` is given back: the chain's end, or nothing. */
export type FieldsOf<R> = R extends DeclareFields<infer F> ? F : AnyFields;
