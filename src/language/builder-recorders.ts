/** The recorders that an author's functions are given, derived from the tables of the language. */
import type { DrainableKind, WaitableKind } from "./builder-kinds.ts";
import type {
  Call,
  Declare,
  DeclareFields,
  DeclareUser,
  Duration,
  Fields,
  FieldsOf,
  ObjectHandle,
  Placed,
  PointerHandle,
  RecordHandle,
  RoutineHandle,
  ServiceHandle,
  SettingHandle,
  Test,
  Timeout,
  VariableHandle,
  WorkItemHandle,
} from "./builder-types.ts";
import type {
  ContextKind,
  DriverModel,
  Irql,
  OpaqueDecl,
  ProcessRole,
  RoutineRole,
} from "./model.ts";
import type { ApiShape, FamilyShape, Param, ParamKind } from "./shape.ts";

type ArgOf<K extends ParamKind> = K extends {
  readonly type: "object";
  readonly kinds: readonly (infer O)[];
}
  ? ObjectHandle<O>
  : K extends { readonly type: "objects"; readonly kinds: readonly (infer O)[] }
    ? readonly ObjectHandle<O>[]
    : K extends { readonly type: "timeout" }
      ? Timeout
      : K extends { readonly type: "oneOf"; readonly values: readonly (infer V)[] }
        ? V
        : K extends { readonly type: "routine"; readonly role: infer R extends RoutineParamRole }
          ? RoutineHandle<R>
          : K extends { readonly type: "record" }
            ? RecordHandle<Fields>
            : number;
type RoutineParamRole = Extract<ParamKind, { readonly type: "routine" }>["role"];

type HasDefault = { readonly default: NonNullable<Param["default"]> };
type RequiredArgs<P extends readonly Param[]> = P extends readonly [
  infer Head extends Param,
  ...infer Tail extends readonly Param[],
]
  ? Head extends HasDefault
    ? RequiredArgs<Tail>
    : [argument: ArgOf<Head["kind"]>, ...RequiredArgs<Tail>]
  : [];
type OptionalArgs<P extends readonly Param[]> = {
  readonly [Q in Extract<P[number], HasDefault> as Q["name"]]?: ArgOf<Q["kind"]>;
};
type MethodArgs<P extends readonly Param[]> = number extends P["length"]
  ? // A table typed only as ApiShape[]: the run checks.
    // biome-ignore lint/suspicious/noExplicitAny: anything can be an argument
    any[]
  : keyof OptionalArgs<P> extends never
    ? RequiredArgs<P>
    : [...RequiredArgs<P>, options?: OptionalArgs<P>];

/** The tuple alone, where a helper's type says "a list of parameters, and this tuple". */
type Tuple<P> = P extends readonly Param[] & (infer T extends readonly Param[]) ? T : never;

/** Required parameters in order, then those with a default in one object. */
type ApiMethod<A extends ApiShape> = (
  ...args: MethodArgs<Tuple<A["params"]>>
) => Call<A["results"][number], A extends { readonly returns: infer V } ? V : unknown>;

type ApiMethods<A extends ApiShape, M extends "kernel" | "user"> = {
  readonly [E in Extract<A, { readonly mode: M | "any" }> as E["name"]]: ApiMethod<E>;
};

interface When extends Placed {
  otherwise(body: () => void): Placed;
}

/** Control flow, the same for every body. */
interface Control {
  when(test: Test, body: () => void): When;
  repeat(times: number, body: () => void): Placed;
  forever(body: () => void): Placed;
  /**
   * Tests; while false runs the body and tests again, `limit` rounds at most. A test of a call
   * inside the body is given as a function.
   */
  poll(
    options: { readonly until: Test | (() => Test); readonly limit: number | "forever" },
    body: () => void,
  ): Placed;
  return(): Placed;
  /** A call that the API table lacks. Reports mark it as the author's assumption. */
  other(
    name: string,
    options: {
      readonly cost: Duration;
      readonly waitsFor?: ObjectHandle<WaitableKind>;
      /** A family, or one event of it: "thread-create". */
      readonly raises?: string;
      readonly irql?: Irql;
    },
  ): Placed;
  /** A condition that the model does not look into, drawn once an activation unless declared else. */
  opaque(name: string, scope?: OpaqueDecl["scope"]): Test;
  process(role: Exclude<ProcessRole, "service">): ObjectHandle<"process">;
  process(role: "service", service?: ServiceHandle | string): ObjectHandle<"process">;
  thread(which: "current" | "subject"): ObjectHandle<"thread">;
}

/** What kernel code can ask about its activation. */
interface KernelTests {
  isCreate(): Test;
  isExit(): Test;
  /** Which image is mapped: of the process, ntdll.dll, another DLL, a driver. */
  isImage(is: "exe" | "ntdll" | "dll" | "driver"): Test;
  /** Which event it is, of a family by its name: "arrival". */
  isEvent(is: string): Test;
  currentIs(is: "subject" | "system"): Test;
  currentIs(is: "service", service?: ServiceHandle | string): Test;
  subjectIs(is: "system"): Test;
  subjectIs(is: "service", service?: ServiceHandle | string): Test;
  parentIs(is: "subject" | "system"): Test;
  parentIs(is: "service", service?: ServiceHandle | string): Test;
  creatorIs(is: "subject" | "system"): Test;
  creatorIs(is: "service", service?: ServiceHandle | string): Test;
  /** The handle being opened is a kernel handle. */
  kernelHandle(): Test;
  /** KeAreAllApcsDisabled. */
  apcsDisabled(): Test;
  /** This activation goes back, over any number of threads, to the driver's own code. */
  causedByOwnWork(): Test;
}

/** An activation of a kernel routine. Objects declared on it are on its stack. */
export type Activation<A extends ApiShape, Self = unknown> = Control &
  KernelTests &
  Declare &
  ApiMethods<A, "kernel"> & {
    /** The routine that is running: an item to queue again, a callback to remove. */
    readonly self: Self;
    /**
     * Of a work item or system thread: what whoever queues or starts it hands over as its context, a
     * pointer to a record, an IRP or message, or an event or semaphore that lives elsewhere.
     */
    context<F extends Fields = Record<never, never>>(
      name: string,
      record?: RecordHandle<F>,
    ): PointerHandle<F>;
    context<K extends Exclude<ContextKind, "pointer">>(name: string, kind: K): ObjectHandle<K>;
    /** A work item of this activation; its body reaches this frame. */
    workItem(name: string, body: RoutineBody<A, "workItem">): RoutineHandle<"workItem">;
    systemThread(name: string, body: RoutineBody<A, "systemThread">): RoutineHandle<"systemThread">;
    /** A kernel APC routine: KeInsertQueueApc has a thread run it. */
    apc(name: string, body: RoutineBody<A, "apc">): RoutineHandle<"apc">;
    /** Calls a routine of the driver. */
    call(routine: RoutineHandle<"function">): Placed;
    /**
     * Takes the head off a list, or the next request off a queue, into the pointer and runs the
     * body with it, again and again until nothing is left.
     */
    drain(
      list: ObjectHandle<DrainableKind>,
      pointer: ObjectHandle<"pointer">,
      body: () => void,
    ): Placed;
    /**
     * Goes from entry to entry of a list, with the pointer at each, and leaves them where they are.
     * A body that takes its entry off needs a second pointer, `next`, which is moved on ahead of it.
     */
    walk(
      list: ObjectHandle<"LIST_ENTRY">,
      pointer: ObjectHandle<"pointer">,
      body: () => void,
      options?: { readonly next?: ObjectHandle<"pointer"> },
    ): Placed;
    /** Fails the creation once all callbacks have run. */
    veto(): Placed;
  };
type RoutineBody<A extends ApiShape, R extends RoutineRole> = Body<A, RoutineHandle<R>>;
type Body<A extends ApiShape, Self> = (a: Activation<A, Self>) => void;

/** A thread of a service. */
export type UserThread<A extends ApiShape> = Control &
  ApiMethods<A, "user"> & {
    variable(name: string, initial?: number): VariableHandle;
    pointer<F extends Fields = Record<never, never>>(
      name: string,
      record?: RecordHandle<F>,
    ): PointerHandle<F>;
  };

type ServiceRecorder<A extends ApiShape> = DeclareUser & {
  thread(
    name: string,
    body: (t: UserThread<A>) => void,
    options?: { readonly count?: number },
  ): RoutineHandle<"userThread">;
};

type Pascal<N extends string> = N extends `${infer Head}-${infer Tail}`
  ? `${Capitalize<Head>}${Pascal<Tail>}`
  : Capitalize<N>;
type SeveralEvents = readonly [unknown, unknown, ...unknown[]];
/** `onProcess`, and since processes are created and exit, `onProcessCreate` and `onProcessExit`. */
type FamilyMethodName<F extends FamilyShape> = F extends FamilyShape
  ?
      | `on${Pascal<F["name"]>}`
      | (F["events"] extends SeveralEvents
          ? `on${Pascal<F["name"]>}${Capitalize<F["events"][number]>}`
          : never)
  : never;
type FamilyMethods<A extends ApiShape, F extends FamilyShape> = {
  readonly [N in FamilyMethodName<F>]: (
    name: string,
    body: RoutineBody<A, "callback">,
  ) => RoutineHandle<"callback">;
};

interface DriverBasics<A extends ApiShape> {
  /** Objects of which each process has one. */
  readonly perProcess: Declare<true>;
  /** A counted heap structure; `max` of them can exist at once. */
  record<R>(
    name: string,
    // biome-ignore lint/complexity/noBannedTypes: the empty set of fields
    fields: (r: DeclareFields<{}>) => R,
    options?: { readonly max?: number },
  ): RecordHandle<FieldsOf<R>>;
  workItem(name: string, body: Body<A, WorkItemHandle>): WorkItemHandle;
  systemThread(name: string, body: RoutineBody<A, "systemThread">): RoutineHandle<"systemThread">;
  apc(name: string, body: RoutineBody<A, "apc">): RoutineHandle<"apc">;
  /** Runs at DISPATCH_LEVEL, queued by a timer or KeInsertQueueDpc. */
  dpc(name: string, body: RoutineBody<A, "dpc">): RoutineHandle<"dpc">;
  /** A function that other routines call. */
  routine(name: string, body: RoutineBody<A, "function">): RoutineHandle<"function">;
  /** Entered by a user thread's DeviceIoControl, in that thread. */
  request(name: string, body: RoutineBody<A, "request">): RoutineHandle<"request">;
  /** Entered when a service's handle to the driver closes. */
  onCleanup(name: string, body: RoutineBody<A, "cleanup">): RoutineHandle<"cleanup">;
  driverEntry(body: RoutineBody<A, "entry">): RoutineHandle<"entry">;
  driverUnload(body: RoutineBody<A, "unload">): RoutineHandle<"unload">;
  /** A timeout that the driver reads from its settings. */
  setting(name: string, value: "none" | Duration): SettingHandle;
  opaque(name: string, scope: OpaqueDecl["scope"]): Test;
  /** Where the modelled source stands. */
  origin(repository: string, commit?: string, note?: string): void;
  service(name: string, body: (s: ServiceRecorder<A>) => void): ServiceHandle;
}

export type DriverRecorder<A extends ApiShape, F extends FamilyShape> = Declare &
  DriverBasics<A> &
  FamilyMethods<A, F>;

export type DefineDriver<A extends ApiShape, F extends FamilyShape> = (
  name: string,
  body: (d: DriverRecorder<A, F>) => void,
) => DriverModel;
