/** Conditions and addresses: what a body asks, and what its arguments name. */
import { InputError } from "../base/input-error.ts";
import { unreachable } from "../base/invariant.ts";
import { comparisons } from "../machine/compare.ts";
import { Mode, operand } from "../machine/layout.ts";
import { Op } from "../machine/opcodes.ts";
import { type Assembled, type Label, newLabel } from "./assembler.ts";
import { type BodyContext, resultCodes, valueWords } from "./compile-context.ts";
import type { Condition, Operand } from "./model.ts";
import { activationRoutine, findName, hiddenOperand, type Place, systemRole } from "./scope.ts";
/** Jumps to `otherwise` when the condition is false, else runs on. */
export function compileCondition(context: BodyContext, test: Condition, otherwise: Label): void {
  const { asm, around, scope, routine } = context;
  switch (test.kind) {
    case "event":
      asm.emit(Op.branchEvent, around.eventNumber(test.is));
      asm.target(otherwise, 1);
      return;
    case "role": {
      const who =
        test.who === "current" || test.who === "creator" ? 0 : test.who === "subject" ? 1 : 2;
      const is =
        test.is === "subject"
          ? -1
          : test.is === "system"
            ? systemRole
            : around.serviceRole(scope, test.service);
      asm.emit(Op.branchRole, who, is);
      asm.target(otherwise, 2);
      return;
    }
    case "kernelHandle":
      asm.emit(Op.branchKernelHandle);
      asm.target(otherwise, 0);
      return;
    case "apcsDisabled":
      asm.emit(Op.branchApcs);
      asm.target(otherwise, 0);
      return;
    case "causedByOwnWork":
      asm.emit(Op.branchCause, 1);
      asm.target(otherwise, 1);
      return;
    case "compare": {
      const at = address(context, test.variable);
      asm.emit(
        at.isPrivate ? Op.branchLocal : Op.branchShared,
        at.operand,
        comparisons.indexOf(test.op),
        test.value,
      );
      asm.target(otherwise, 3);
      return;
    }
    case "result":
      asm.emit(
        Op.branchLocal,
        hiddenOperand(scope, routine, routine, `result ${test.of}`),
        0,
        resultCodes[test.is] + 1,
      );
      asm.target(otherwise, 3);
      return;
    case "returned": {
      // Also false while there has been no such call.
      const word = (name: string): number =>
        hiddenOperand(scope, routine, routine, `result ${name}`);
      asm.emit(Op.branchLocal, word(test.of), comparisons.indexOf("!="), 0);
      asm.target(otherwise, 3);
      const [value] = valueWords(test.of);
      asm.emit(Op.branchLocal, word(value), comparisons.indexOf(test.op), test.value);
      asm.target(otherwise, 3);
      return;
    }
    case "opaque": {
      const condition = scope.driver.conditions.find((c) => c.name === test.name);
      const place =
        condition?.scope === "activation"
          ? hiddenOperand(
              scope,
              routine,
              activationRoutine(scope.driver, routine),
              `condition ${test.name}`,
            )
          : findName(scope, routine, test.name, undefined, context.place).operand;
      asm.emit(Op.choose, place);
      asm.target(otherwise, 1);
      return;
    }
    case "not": {
      const yes = newLabel();
      compileCondition(context, test.test, yes);
      asm.emit(Op.jump);
      asm.target(otherwise, 0);
      asm.place(yes);
      return;
    }
    case "and":
      for (const part of test.tests) compileCondition(context, part, otherwise);
      return;
    case "or": {
      const yes = newLabel();
      test.tests.forEach((part, i) => {
        if (i === test.tests.length - 1) {
          compileCondition(context, part, otherwise);
          return;
        }
        const next = newLabel();
        compileCondition(context, part, next);
        asm.emit(Op.jump);
        asm.target(yes, 0);
        asm.place(next);
      });
      asm.place(yes);
      return;
    }
    default:
      return unreachable(test, "every kind of condition is compiled");
  }
}

/** Never signalled: who created the processes that are there from the beginning outlives the run. */
function outsideProcess(asm: Assembled): number {
  const at = asm.alloc(
    { name: "a process outside of the run", kind: "NotificationEvent" },
    "Windows",
  );
  asm.objects.set(at, { name: "a process outside of the run", kind: "process", owner: "Windows" });
  return at;
}

const emitLoad = ({ asm }: BodyContext, { isPrivate, operand: from }: Place): void => {
  asm.emit(isPrivate ? Op.loadPointer : Op.readShared, from);
};

/**
 * The machine operand of an object argument; loads the pointer that leads to a field, to a thread, or
 * to what was handed over.
 */
export function address(context: BodyContext, arg: Operand): Place {
  const { asm, scope, routine, place } = context;
  if (typeof arg === "number" || typeof arg === "string") {
    throw new InputError(place, `an object is wanted, not ${JSON.stringify(arg)}`);
  }
  if ("ref" in arg) {
    const found = findName(scope, routine, arg.ref, arg.of, place);
    if (found.isHandedOver === true) {
      emitLoad(context, found);
      return { operand: operand(Mode.pointer, 0), kind: found.kind, isPrivate: false };
    }
    if (found.kind === "PETHREAD") {
      // What it stands for is the thread that it leads to (W25).
      emitLoad(context, found);
      return { operand: operand(Mode.pointer, 0), kind: "variable", isPrivate: false };
    }
    if (arg.field === undefined) return found;
    const field = scope.records.get(found.record ?? "")?.fields.get(arg.field);
    if (field === undefined)
      throw new InputError(place, `"${arg.ref}" has no field "${arg.field}"`);
    emitLoad(context, found);
    return {
      operand: operand(Mode.pointer, field.at),
      kind: field.decl.kind,
      isPrivate: false,
      record: field.decl.record,
    };
  }
  if ("process" in arg) {
    if (arg.process === "service") {
      const slot = asm.slots.find(
        (s) => s.name === (arg.service ?? scope.driver.services[0]?.name),
      );
      if (slot === undefined) throw new InputError(place, "the driver has no such service");
      return { operand: slot.base, kind: "variable", isPrivate: false };
    }
    const mode =
      arg.process === "subject"
        ? Mode.subject
        : arg.process === "current"
          ? Mode.current
          : Mode.parent;
    if (mode === Mode.parent) context.asm.outsideProcess ||= outsideProcess(context.asm);
    return { operand: operand(mode, 0), kind: "variable", isPrivate: false };
  }
  if ("thread" in arg) {
    const mode = arg.thread === "current" ? Mode.currentThread : Mode.subjectThread;
    if (mode === Mode.subjectThread) context.asm.asksInitialThread = true;
    return { operand: operand(mode, 0), kind: "variable", isPrivate: false };
  }
  throw new InputError(place, `an object is wanted, not ${JSON.stringify(arg)}`);
}
