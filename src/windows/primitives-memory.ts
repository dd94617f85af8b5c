/** What calls do with queues, lists, pointers and counted records. */
import { InputError } from "../base/input-error.ts";
import { invariant } from "../base/invariant.ts";
import { newLabel } from "../language/assembler.ts";
import type { BodyContext } from "../language/compile-context.ts";
import type { Operand } from "../language/model.ts";
import { findName, type Place } from "../language/scope.ts";
import type { Primitive } from "../language/shape.ts";
import { Mode, operand, Result } from "../machine/layout.ts";
import { Op } from "../machine/opcodes.ts";
import { timeoutUs } from "./primitives-sync.ts";
import type { System } from "./system.ts";

/** Emits a primitive of these kinds; says false of any other. */
export function compileMemoryPrimitive(
  system: System,
  context: BodyContext,
  primitive: Primitive,
  give: (name: string) => Operand,
  object: () => number,
): boolean {
  const { asm } = context;
  switch (primitive.op) {
    case "post":
      asm.emit(Op.loadPointer, system.selfReference);
      asm.emit(Op.enqueue, object(), 0);
      return true;
    case "enqueue":
      loadPointer(context, give("pointer"));
      asm.emit(Op.enqueue, object(), 0);
      return true;
    case "dequeue": {
      const mode = primitive.mode !== undefined && give("mode") === "UserMode" ? 1 : 0;
      asm.emit(Op.dequeue, object(), timeoutUs(context, give("timeout")), mode);
      if (primitive.pointer !== undefined && give("pointer") !== "NULL") keep(context, give);
      return true;
    }
    case "pop":
      asm.emit(Op.pop, object());
      if (primitive.pointer !== undefined) keep(context, give);
      return true;
    case "walk":
      walk(context, give, object);
      return true;
    case "copy": {
      loadPointer(context, give("pointer"));
      storePointer(context, give("object"));
      return true;
    }
    case "unlink":
      loadPointer(context, give("pointer"));
      asm.emit(Op.unlink, object());
      return true;
    case "allocate":
      allocate(context, give("pointer"));
      return true;
    case "reference":
    case "dereference":
      if (!isCounted(context, give("pointer"))) return true;
      loadPointer(context, give("pointer"));
      asm.emit(
        primitive.op === "reference" ? Op.reference : Op.dereference,
        operand(Mode.pointer, 0),
        recordOf(context, pointerPlace(context, give("pointer"))),
      );
      return true;
    default:
      return false;
  }
}

/** The entry at the list's head, or the one behind that in hand, whose links are followed (SY-27). */
function walk(context: BodyContext, give: (name: string) => Operand, object: () => number): void {
  const isFirst = give("from") === "NULL";
  if (!isFirst) loadPointer(context, give("from"));
  context.asm.emit(Op.walk, object(), isFirst ? 1 : 0);
  keep(context, give);
}

/** What was taken goes into the pointer; it keeps what it had where there was nothing. */
function keep(context: BodyContext, give: (name: string) => Operand): void {
  const { asm } = context;
  const kept = newLabel();
  asm.emit(Op.branchResult, Result.success);
  asm.target(kept, 1);
  const pointer = pointerPlace(context, give("pointer"));
  asm.emit(pointer.isPrivate ? Op.storePointer : Op.writeShared, pointer.operand);
  asm.place(kept);
}

function allocate(context: BodyContext, given: Operand): void {
  const { asm } = context;
  const pointer = pointerPlace(context, given);
  const failed = newLabel();
  const done = newLabel();
  asm.emit(Op.fault);
  asm.target(failed, 0);
  asm.emit(Op.allocate, recordOf(context, pointer));
  asm.emit(pointer.isPrivate ? Op.storePointer : Op.writeShared, pointer.operand);
  asm.emit(Op.setResult, Result.success);
  asm.emit(Op.jump);
  asm.target(done, 0);
  asm.place(failed);
  asm.emit(Op.setResult, Result.failure);
  asm.place(done);
}

/** Processes and threads are there for the whole run, whoever refers to them. */
const isCounted = (context: BodyContext, given: Operand): boolean =>
  typeof given === "object" && "ref" in given && pointerPlace(context, given).kind !== "PETHREAD";

/** What was loaded goes into the pointer. */
export function storePointer(context: BodyContext, given: Operand): void {
  const to = pointerPlace(context, given);
  context.asm.emit(to.isPrivate ? Op.storePointer : Op.writeShared, to.operand);
}

function recordOf({ scope, place }: BodyContext, pointer: Place): number {
  const record = scope.records.get(pointer.record ?? "");
  if (record === undefined) throw new InputError(place, "this pointer holds no record");
  return record.index;
}

function pointerPlace(context: BodyContext, given: Operand): Place {
  invariant(typeof given === "object" && "ref" in given, "a pointer is named");
  return findName(context.scope, context.routine, given.ref, given.of, context.place);
}

export function loadPointer(context: BodyContext, given: Operand): void {
  const pointer = pointerPlace(context, given);
  context.asm.emit(pointer.isPrivate ? Op.loadPointer : Op.readShared, pointer.operand);
}
