/** Primitives of waits, signals, locks and alerts. */
import { InputError } from "../base/input-error.ts";
import { invariant } from "../base/invariant.ts";
import { address } from "../language/compile-condition.ts";
import type { BodyContext } from "../language/compile-context.ts";
import type { Operand } from "../language/model.ts";
import type { Primitive } from "../language/shape.ts";
import { waitFlags } from "../machine/layout.ts";
import { AcquireMode, AlertKind, Op } from "../machine/opcodes.ts";
import { dpcObject, timerTable } from "./timers.ts";

const acquireModes: Readonly<Record<string, number>> = {
  exclusive: AcquireMode.exclusive,
  shared: AcquireMode.shared,
  "shared, past writers": AcquireMode.shared | AcquireMode.starve,
  "shared, behind writers": AcquireMode.shared | AcquireMode.yields,
  try: AcquireMode.try,
  plain: AcquireMode.plain,
};

/** Microseconds of a timeout argument, −1 for none. */
export function timeoutUs(context: BodyContext, given: Operand | undefined): number {
  if (given === undefined) return -1;
  if (typeof given === "number") return given;
  invariant(typeof given === "object" && "timeout" in given, "a timeout is a timeout");
  const { timeout } = given;
  if (timeout === "none") return -1;
  if (typeof timeout === "number") return timeout;
  const setting = context.scope.driver.settings.find((s) => s.name === timeout.setting);
  if (setting === undefined) throw new InputError(context.place, `no setting "${timeout.setting}"`);
  return setting.value === "none" ? -1 : setting.value;
}

/** The DPC's object and its routine, from 1; zeros for none. */
function dpcOf(context: BodyContext, given: Operand): [number, number] {
  if (typeof given !== "object" || !("routine" in given)) return [0, 0];
  const callee = context.scope.plans.get(given.routine);
  if (callee === undefined) throw new InputError(context.place, `no routine "${given.routine}"`);
  return [dpcObject(context, given.routine), callee.index + 1];
}

/** Emits the primitive if it is one of these; `give` and `object` say what its operands stand for. */
export function compileSyncPrimitive(
  context: BodyContext,
  primitive: Primitive,
  give: (name: string) => Operand,
  object: () => number,
): boolean {
  const { asm, place } = context;
  const says = (name: string, value: string): boolean =>
    primitive[name] !== undefined && give(name) === value;
  const alertable = says("alertable", "TRUE") ? waitFlags.alertable : 0;
  switch (primitive.op) {
    case "set":
      asm.emit(Op.set, object());
      return true;
    case "reset":
      asm.emit(Op.reset, object());
      return true;
    case "pulse":
      asm.emit(Op.pulse, object());
      return true;
    case "wait": {
      const given = give("object");
      const parts = typeof given === "object" && "objects" in given ? given.objects : [given];
      const places = parts.map((part) => address(context, part).operand);
      const all = says("type", "WaitAll") ? waitFlags.all : 0;
      const mode = says("mode", "UserMode") ? waitFlags.interruptible : 0;
      asm.emit(
        Op.wait,
        places[0],
        places[1] ?? 0,
        places[2] ?? 0,
        places[3] ?? 0,
        timeoutUs(context, give("timeout")),
        places.length | all | mode | alertable,
      );
      return true;
    }
    case "delay": {
      const interval = timeoutUs(context, give("timeout"));
      if (interval < 0)
        throw new InputError(place, "the interval of a sleep has to end: give a time");
      if (interval === 0) return true;
      const interruptible = says("mode", "UserMode") ? waitFlags.interruptible : 0;
      asm.emit(Op.wait, 0, 0, 0, 0, interval, interruptible | alertable);
      return true;
    }
    case "acquire": {
      const isTry = says("wait", "FALSE") ? AcquireMode.try : 0;
      asm.emit(Op.acquire, object(), acquireModes[String(give("mode"))] | isTry);
      return true;
    }
    case "release":
      asm.emit(Op.release, object(), primitive.plain === true ? 1 : 0);
      return true;
    case "releaseCount": {
      const count = give("count");
      if (typeof count !== "number" || !Number.isInteger(count) || count < 1) {
        throw new InputError(
          place,
          `a semaphore is given back a whole number of times, not ${count}`,
        );
      }
      asm.emit(Op.release, object(), count);
      return true;
    }
    case "convert":
      asm.emit(Op.convert, object());
      return true;
    case "setTimer": {
      timerTable(context);
      const due = timeoutUs(context, give("due"));
      if (due < 0) throw new InputError(place, "a timer that is set has a time that it is due at");
      const period = primitive.period === undefined ? 0 : timeoutUs(context, give("period"));
      if (period % 1000 !== 0) throw new InputError(place, "a period is whole milliseconds");
      const [queue, routine] = dpcOf(context, give("dpc"));
      asm.emit(Op.setTimer, object(), due, Math.max(0, period) / 1000, queue, routine);
      return true;
    }
    case "cancelTimer":
      timerTable(context);
      asm.emit(Op.cancelTimer, object());
      return true;
    case "insertDpc":
    case "removeDpc":
      asm.emit(
        primitive.op === "insertDpc" ? Op.insertDpc : Op.removeDpc,
        ...dpcOf(context, give("dpc")),
      );
      return true;
    case "flushDpcs":
      asm.emit(Op.flushDpcs);
      return true;
    case "alert": {
      const given = give("routine");
      invariant(
        typeof given === "object" && "routine" in given,
        "a thread is named by its routine",
      );
      const callee = context.scope.plans.get(given.routine);
      if (callee === undefined) throw new InputError(place, `no routine "${given.routine}"`);
      asm.emit(Op.alert, callee.index, says("with", "alert") ? AlertKind.alert : AlertKind.userApc);
      return true;
    }
    default:
      return false;
  }
}
