/** What an API does, in machine terms: each primitive of the table becomes instructions. */
import { InputError } from "../base/input-error.ts";
import { invariant } from "../base/invariant.ts";
import { computes, newLabel } from "../language/assembler.ts";
import { emitReturn } from "../language/compile.ts";
import { address } from "../language/compile-condition.ts";
import { type BodyContext, type BoundArgs, irqlNumber } from "../language/compile-context.ts";
import type { Irql, Operand } from "../language/model.ts";
import { capturesOf, type DriverScope } from "../language/scope.ts";
import type { Primitive, PrimitiveOperand } from "../language/shape.ts";
import { Mode, operand, Result } from "../machine/layout.ts";
import { EnqueueFlags, Op } from "../machine/opcodes.ts";
import { wanted } from "../machine/waits.ts";
import { compileCompletion, messageTimeoutUs, send } from "./io-primitives.ts";
import { emitLoadLibrary } from "./paths/image.ts";
import { emitSystemCall } from "./paths/stop.ts";
import { emitStart } from "./paths/thread.ts";
import { emitUserThread } from "./paths/user-thread.ts";
import { compileMemoryPrimitive, loadPointer, storePointer } from "./primitives-memory.ts";
import { compileSyncPrimitive, timeoutUs } from "./primitives-sync.ts";
import { isRest } from "./rests.ts";
import type { System } from "./system.ts";

const pagedPools: readonly string[] = ["PagedPool", "POOL_FLAG_PAGED"];

/** Primitives that run code of the kernel in the calling thread, which can stop ahead of that. */
const enteringKernel: readonly string[] = [
  "createProcess",
  "createThread",
  "request",
  "raise",
  "act",
];

/** What a primitive's operand stands for in this call. */
function bound(
  args: BoundArgs,
  given: PrimitiveOperand | boolean | undefined,
  place: string,
): Operand {
  if (typeof given === "object") {
    const value = args.get(given.param);
    if (value === undefined) throw new InputError(place, `the argument ${given.param} is missing`);
    return value;
  }
  invariant(
    typeof given === "string" || typeof given === "number",
    "a primitive's operand is there",
  );
  return given;
}

export function compilePrimitive(
  system: System,
  context: BodyContext,
  primitive: Primitive,
  args: BoundArgs,
): void {
  const { asm } = context;
  const rests = isRest(system, context, primitive, (name) =>
    bound(args, primitive[name], context.place),
  );
  if (rests) asm.emit(Op.rest, 0);
  compileOperation(system, context, primitive, args);
  if (rests) asm.emit(Op.rest, 1);
}

function compileOperation(
  system: System,
  context: BodyContext,
  primitive: Primitive,
  args: BoundArgs,
): void {
  const { asm, scope, routine, place } = context;
  const give = (name: string): Operand => bound(args, primitive[name], place);
  const object = (): number => address(context, give("object")).operand;
  if (enteringKernel.includes(primitive.op)) emitSystemCall(system);
  switch (primitive.op) {
    case "compute": {
      const isSlow = system.scenario.world.service.condition === "slow";
      const usualUs = Math.max(0, timeoutUs(context, give("timeout")));
      asm.userMode?.push(computes);
      const isSlowed = isSlow && usualUs < system.times.slowServiceUs;
      if (isSlowed) asm.sites[asm.site] = { ...asm.sites[asm.site], slowed: true };
      asm.emit(Op.cost, isSlowed ? system.times.slowServiceUs : usualUs);
      return;
    }
    case "completion":
      return compileCompletion(system, context, primitive);
    case "protect":
      asm.emit(Op.protect, object());
      return;
    case "unprotect":
      asm.emit(Op.unprotect, object());
      return;
    case "runDown":
      // New protection is refused from here on; then the count has to fall (SY-17).
      asm.emit(Op.store, object() + 1, 1);
      asm.emit(Op.runDown, object());
      return;
    case "critical":
      asm.emit(Op.critical, Number(primitive.delta));
      return;
    case "attach":
      asm.emit(Op.attach, Number(primitive.delta));
      return;
    case "irql":
      asm.emit(Op.irql, irqlNumber[give("irql") as Irql], primitive.raises === true ? 1 : 0);
      return;
    case "guarded":
      asm.emit(Op.guarded, Number(primitive.delta));
      return;
    case "add":
    case "store":
      asm.emit(primitive.op === "add" ? Op.add : Op.store, object(), Number(give("value")));
      return;
    case "mayFail": {
      // Pageable memory is not to be had at DISPATCH_LEVEL (SV-21).
      if (primitive.pool !== undefined && pagedPools.includes(String(give("pool")))) {
        asm.emit(Op.check, irqlNumber.APC_LEVEL, 0);
      }
      asm.emit(Op.setResult, Result.success);
      unlessFailing(context, () => {});
      return;
    }
    case "queueWork":
      return queueWork(
        system,
        context,
        give("item"),
        String(give("queue")),
        countOf(system, scope, primitive),
        primitive.context === undefined ? "NULL" : give("context"),
      );
    case "start": {
      const given = give("routine");
      invariant(typeof given === "object" && "routine" in given, "a thread starts a routine");
      const callee = scope.plans.get(given.routine);
      if (callee === undefined) throw new InputError(place, `no routine "${given.routine}"`);
      const handed = primitive.context === undefined ? "NULL" : give("context");
      const kept = primitive.pointer === undefined ? "NULL" : give("pointer");
      if (handed !== "NULL") handOver(context, handed);
      unlessFailing(context, () => {
        emitStart(system, `${scope.driver.name}/${given.routine}`, {
          captures: capturesOf(scope, routine, callee.routine),
          handed: handed !== "NULL",
        });
        // It is told behind its creation, with all that is called for that: it may run already.
        if (kept !== "NULL") storePointer(context, kept);
      });
      return;
    }
    case "endThread":
      if (routine.role !== "systemThread") {
        throw new InputError(
          place,
          "a system thread ends itself in its own routine: leave a function with return first",
        );
      }
      return emitReturn(context);
    case "suspend":
    case "resume":
      asm.emit(
        primitive.op === "suspend" ? Op.suspend : Op.resume,
        object(),
        system.paths.suspended + 1,
      );
      return;
    case "queueApc": {
      const given = give("routine");
      invariant(typeof given === "object" && "routine" in given, "an APC runs a routine");
      const callee = scope.plans.get(given.routine);
      if (callee === undefined) throw new InputError(place, `no routine "${given.routine}"`);
      const captures = capturesOf(scope, routine, callee.routine);
      const special = give("special") === "Special" ? 1 : 0;
      asm.emit(Op.queueApc, callee.index + 1, captures, object(), special);
      return;
    }
    case "loadLibrary": {
      const service = scope.driver.services.find(({ threads }) =>
        threads.some((thread) => thread.routine === routine.name),
      );
      emitLoadLibrary(system, system.loaderLocks.get(service?.name ?? ""));
      return;
    }
    case "send":
      return send(
        context,
        object(),
        primitive.reply !== undefined && give("reply") === "no reply" ? wanted.fetch : wanted.reply,
        messageTimeoutUs(system, primitive, timeoutUs(context, give("timeout"))),
        primitive.mode !== "KernelMode",
      );
    case "write": {
      // Kernel mode waits for its own file operations in a way that nothing breaks (SY-20).
      const isUser = routine.role === "userThread";
      return send(context, object(), wanted.room, timeoutUs(context, give("timeout")), isUser);
    }
    case "disconnect":
      asm.emit(Op.disconnect, object(), 0);
      return;
    case "disconnectAll":
      for (const { decl, at } of scope.globals.values()) {
        if (decl.kind === "FLT_PORT") asm.emit(Op.disconnect, at, 0);
      }
      return;
    case "protectFilter":
      asm.emit(Op.setResult, Result.success);
      if (scope.filter !== 0) asm.emit(Op.protect, scope.filter);
      return;
    case "unprotectFilter":
      if (scope.filter !== 0) asm.emit(Op.unprotect, scope.filter);
      return;
    case "runDownFilter":
      if (scope.filter === 0) return;
      // New items are refused from here on; then those that are there have to end (W21).
      asm.emit(Op.store, scope.filter + 1, 1);
      asm.emit(Op.runDown, scope.filter);
      return;
    case "freeItem":
      return freeItem(context, give("item"));
    case "reply":
      loadPointer(context, give("pointer"));
      asm.emit(Op.reply, primitive.mode === "KernelMode" ? 1 : 0);
      return;
    case "pend": {
      const message = scope.plans.get(routine.name)?.hidden.get("message") ?? 0;
      const gone = newLabel();
      const refuses =
        primitive.refuses === undefined ? 0 : address(context, give("refuses")).operand;
      asm.emit(Op.pend, object(), operand(Mode.local, message), 0, 0, refuses);
      asm.target(gone, 2);
      asm.place(gone);
      return;
    }
    case "createProcess":
      unlessFailing(context, () => asm.emit(Op.call, system.paths.create, 0));
      return;
    case "createThread":
      unlessFailing(context, () => emitUserThread(system));
      return;
    case "exitProcess":
      asm.emit(Op.terminate, operand(Mode.current, 0), 0);
      asm.emit(Op.userPoint);
      return;
    case "terminate":
      asm.emit(Op.terminate, object(), 0);
      return;
    case "request": {
      const given = give("routine");
      invariant(typeof given === "object" && "routine" in given, "a request is a routine");
      const callee = scope.plans.get(given.routine);
      if (callee === undefined) throw new InputError(place, `no routine "${given.routine}"`);
      // A request is about nobody, also when it comes from a thread that is: a new process's first.
      asm.emit(Op.call, callee.index, 0, 1);
      return;
    }
    case "raise":
      context.around.raise(context, String(give("family")));
      return;
    case "act":
      asm.emit(Op.call, system.paths.act.get(String(give("action"))) ?? 0, 0);
      return;
    case "register":
      return register(
        context,
        give("routine"),
        give("remove") === "TRUE",
        primitive.own === "ignored",
      );
    default: {
      const known =
        compileMemoryPrimitive(system, context, primitive, give, object) ||
        compileSyncPrimitive(context, primitive, give, object);
      invariant(known, `the primitive ${primitive.op} is compiled`);
    }
  }
}

/** What a call makes of its own, unless there is nothing to make it of: then it comes back with failure. */
function unlessFailing({ asm }: BodyContext, make: () => void): void {
  const failed = newLabel();
  asm.emit(Op.fault);
  asm.target(failed, 0);
  make();
  asm.place(failed);
}

/** A work item's routine, and where the driver's own stands; 0 for one of an activation. */
function workItemOf({ scope, place }: BodyContext, item: Operand) {
  invariant(
    typeof item === "object" && ("routine" in item || "ref" in item),
    "a work item is named",
  );
  const name = "routine" in item ? item.routine : item.ref;
  const object = scope.globals.get(name);
  const callee = scope.plans.get(object?.decl.routine ?? name);
  if (callee === undefined) throw new InputError(place, `no work item "${name}"`);
  return { callee, driverWide: object?.decl.kind === "WORK_ITEM" ? object.at : 0 };
}

/** What an item counts on until its routine has returned: the driver object (W4), the filter (W21). */
function countOf(system: System, scope: DriverScope, { counted }: Primitive): number {
  if (counted === "filter" && scope.filter !== 0) return scope.filter;
  return counted !== false && system.removals ? scope.driverObject : 0;
}

function queueWork(
  system: System,
  context: BodyContext,
  item: Operand,
  queue: string,
  counted: number,
  handed: Operand,
): void {
  const { asm, scope } = context;
  const { callee, driverWide } = workItemOf(context, item);
  const at = system.poolQueue(queue);
  if (handed !== "NULL") handOver(context, handed);
  if (driverWide !== 0 && counted !== 0) system.countItem(driverWide, counted);
  asm.emit(
    Op.enqueue,
    at,
    callee.index + 1,
    capturesOf(scope, context.routine, callee.routine),
    driverWide,
    counted,
    (handed === "NULL" ? 0 : EnqueueFlags.context) |
      (counted !== 0 && counted === scope.filter ? EnqueueFlags.refused : 0),
  );
}

/** Loads what an item is handed: what a pointer holds, or where an object is. */
function handOver(context: BodyContext, given: Operand): void {
  const { kind, operand: at, isPrivate } = address(context, given);
  if (kind !== "pointer") context.asm.emit(Op.loadPointer, at, 1);
  else context.asm.emit(isPrivate ? Op.loadPointer : Op.readShared, at);
}

/** A driver-wide item is an object; one of an activation is told by its routine and frame. */
function freeItem(context: BodyContext, item: Operand): void {
  const { callee, driverWide } = workItemOf(context, item);
  context.asm.emit(Op.freeItem, driverWide, callee.index + 1);
}

/**
 * Registration is a slot of its own; removal empties it, then waits for running calls (CB-U5), of
 * which there are families that leave out the one in which it is made.
 */
function register(
  context: BodyContext,
  given: Operand,
  remove: boolean,
  ignoresOwn: boolean,
): void {
  const { asm, scope, place } = context;
  invariant(typeof given === "object" && "routine" in given, "a callback is named");
  const registration = scope.registrations.get(given.routine);
  if (registration === undefined) throw new InputError(place, `"${given.routine}" is no callback`);
  if (!remove) {
    // What is registered already is refused for processes alone (CB-P1, its DDI page).
    const refuses = registration.family === "process" ? 1 : 0;
    return unlessFailing(context, () => asm.emit(Op.register, registration.at, refuses));
  }
  const absent = newLabel();
  asm.emit(Op.unregister, registration.at);
  asm.emit(Op.branchResult, Result.success);
  asm.target(absent, 1);
  if (ignoresOwn) {
    asm.emit(Op.branchInside, registration.at);
    asm.target(absent, 1);
  }
  asm.emit(Op.runDown, registration.at);
  asm.place(absent);
}
