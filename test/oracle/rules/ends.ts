/** Ends of routines whose code can go (section 14). */
import { statementsIn } from "../../../src/language/conditions.ts";
import type { DriverModel, Operand, Routine, Statement } from "../../../src/language/model.ts";
import { type Context, proceed } from "../context.ts";
import { removes, routineOf } from "../scenario.ts";
import type { Task, Thread } from "../state.ts";
import { hasFilter } from "./filters.ts";
import { type Rules, str } from "./rule.ts";

/** A call begins: of the thread's own code, or of what it calls. */
export function noteCall({ called }: Context, { id }: Thread): void {
  const { all = 0, before = 0 } = called.get(id) ?? {};
  called.set(id, { all: all + 1, before });
}

/** An APC is delivered: what was called before was none of its own. */
export function noteDelivery({ called }: Context, { id }: Thread): void {
  const { all = 0 } = called.get(id) ?? {};
  called.set(id, { all, before: all });
}

/** The code of this routine, and of the functions and requests that run in it. */
function codeIn({ routines }: DriverModel, from: Routine, seen = new Set<string>()): Statement[] {
  if (seen.has(from.name)) return [];
  seen.add(from.name);
  return [...statementsIn(from.body)].flatMap((one) => {
    const name =
      one.kind === "invoke"
        ? one.routine
        : one.kind === "call"
          ? (one.args.Request as { routine?: string } | undefined)?.routine
          : undefined;
    const called = routines.find((routine) => routine.name === name);
    return [
      one,
      ...(called === undefined ? [] : codeIn({ routines } as DriverModel, called, seen)),
    ];
  });
}

const namesIn = (operand: Operand | undefined): string | undefined => {
  if (typeof operand !== "object") return undefined;
  return "routine" in operand ? operand.routine : "ref" in operand ? operand.ref : undefined;
};

/** The routines behind which a driver's code goes. */
function takingCode({ code }: Context, { routines }: DriverModel): string[] {
  const { removal, startup } = code.scenario.world;
  const roles = [
    ...(removal === "none" ? [] : ["unload"]),
    ...(startup.startsWith("failing") ? ["entry"] : []),
  ];
  return roles.filter((role) => routines.some((one) => one.role === role));
}

/** Whether this callback's code is taken without having waited for its calls. */
function isForsaken(driver: DriverModel, callback: string, taking: readonly string[]): boolean {
  const removedBy = (roles: (role: string) => boolean): boolean =>
    driver.routines
      .filter(({ role }) => roles(role))
      .flatMap((routine) => codeIn(driver, routine))
      .some(
        (one) =>
          one.kind === "call" && removes(one) && namesIn(one.args.NotifyRoutine) === callback,
      );
  const isOther = (role: string): boolean => !["entry", "unload", "function"].includes(role);
  return taking.some((by) => !removedBy((role) => role === by)) || removedBy(isOther);
}

/** Whether some call queues this item without counting it on the driver object. */
function isLoose(c: Context, d: number, item: string): boolean {
  const { routines, objects } = c.code.scenario.drivers[d];
  return routines
    .flatMap(({ body }) => [...statementsIn(body)])
    .some((one) => {
      if (one.kind !== "call") return false;
      const isCounted = /^IoQueueWorkItem/.test(one.api) || !hasFilter(c, d);
      if (one.api !== "ExQueueWorkItem" && isCounted) return false;
      const name = namesIn(one.args.WorkItem);
      return (objects.find((decl) => decl.name === name)?.routine ?? name) === item;
    });
}

function canGo(c: Context, d: number, { name, role }: Routine): boolean {
  const driver = c.code.scenario.drivers[d];
  const taking = takingCode(c, driver);
  if (taking.length === 0) return false;
  if (role === "callback") return isForsaken(driver, name, taking);
  if (role === "workItem") return isLoose(c, d, name);
  return ["systemThread", "apc", "dpc"].includes(role);
}

/** Ahead of its end a thread that has begun a call since its last visible step is still inside. */
export function staysInside(c: Context, t: Thread, task: Task): boolean {
  const { driver, routine } = c.state.frames[str(task.f)];
  const { all = 0, before = 0 } = c.called.get(t.id) ?? {};
  const begun = task.role === "apc" ? all - before : all;
  if (task.isLeft === true || begun === 0) return false;
  if (!canGo(c, driver, routineOf(c.code, driver, routine))) return false;
  const op = (task.by as number | undefined) ?? c.code.endIds.get(`${driver}/${routine}`);
  proceed(t, { k: "leaveCode", f: str(task.f), op }, { ...task, isLeft: true });
  return true;
}

export const endsRules: Rules = { leaveCode: { visible: true, run: () => {} } };
