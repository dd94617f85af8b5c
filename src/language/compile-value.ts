/**
 * Calls that hand back a number: an atomic change of a variable with the value before or after it,
 * or a look at an event.
 *
 * Each is one visible instruction and local ones right behind it, which run on in the same
 * transition, so that no other thread comes between.
 */
import { InputError } from "../base/input-error.ts";
import { unreachable } from "../base/invariant.ts";
import { comparisons } from "../machine/compare.ts";
import { Result } from "../machine/layout.ts";
import { Op, StoreMode } from "../machine/opcodes.ts";
import { newLabel } from "./assembler.ts";
import { address } from "./compile-condition.ts";
import { type BodyContext, type BoundArgs, valueWords } from "./compile-context.ts";
import type { Operand } from "./model.ts";
import { hiddenOperand } from "./scope.ts";
import type { ApiShape, PrimitiveOperand } from "./shape.ts";

const atomicOps = ["add", "store", "compareStore", "readState"] as const;

/** Compiles the call; `kept` is the name of its result, if the routine asks for the number. */
export function compileValueCall(
  context: BodyContext,
  api: ApiShape,
  args: BoundArgs,
  kept: string | undefined,
): void {
  const { asm, scope, routine, place } = context;
  const [primitive] = api.does;
  const op = atomicOps.find((one) => one === primitive?.op);
  if (op === undefined || api.does.length !== 1) {
    throw new InputError(place, `${api.name} hands back a number, so it is one of ${atomicOps}`);
  }
  const give = (given: PrimitiveOperand | boolean | undefined): Operand | undefined =>
    typeof given === "object"
      ? args.get(given.param)
      : typeof given === "boolean"
        ? undefined
        : given;
  const number = (name: string): number => Number(give(primitive[name]));
  const target = address(context, give(primitive.object) ?? "");
  const hidden = (name: string): number => hiddenOperand(scope, routine, routine, `result ${name}`);

  // A field is reached through the pointer register, which the number is about to take.
  const [value, pointer] = kept === undefined ? [0, 0] : valueWords(kept).map(hidden);
  if (kept !== undefined) asm.emit(Op.storePointer, pointer);
  const keep = (word: number): void => {
    if (kept === undefined) return;
    asm.emit(Op.loadPointer, word);
    asm.emit(Op.storePointer, value);
    asm.emit(Op.loadPointer, pointer);
  };
  switch (op) {
    case "add":
      asm.emit(Op.add, target.operand, number("value"));
      keep(target.operand);
      break;
    case "store":
      if (kept === undefined) {
        asm.emit(Op.store, target.operand, number("value"));
        break;
      }
      asm.emit(Op.add, target.operand, 0);
      keep(target.operand);
      asm.emit(Op.storeLocal, target.operand, number("value"), 0);
      break;
    case "compareStore": {
      const other = newLabel();
      asm.emit(Op.add, target.operand, 0);
      keep(target.operand);
      asm.emit(Op.branchLocal, target.operand, comparisons.indexOf("=="), number("comparand"));
      asm.target(other, 3);
      asm.emit(Op.storeLocal, target.operand, number("value"), 0);
      asm.place(other);
      break;
    }
    case "readState":
      // The event's clock is that of its first word, the state is the next.
      asm.emit(Op.readShared, target.operand);
      if (kept !== undefined) asm.emit(Op.loadPointer, pointer);
      keep(target.operand + 1);
      // A semaphore's count stands below 0.
      if (kept !== undefined && target.kind === "KSEMAPHORE") {
        asm.emit(Op.storeLocal, value, 0, StoreMode.negate);
      }
      break;
    default:
      unreachable(op, "kind of atomic operation");
  }
  if (kept !== undefined) asm.emit(Op.storeLocal, pointer, 0, 0);
  asm.emit(Op.setResult, Result.success);
}
