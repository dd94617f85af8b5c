/** Checks what routines are handed as their context, and that those who queue them hand over that. */
import { contextKinds, type DriverModel, type ObjectDecl, type Operand } from "./model.ts";
import type { ApiShape } from "./shape.ts";
import type { Fail, Names, Path } from "./validate-names.ts";

/** Roles whose routines are handed a context by whoever queues or starts them. */
const takers: readonly string[] = ["workItem", "systemThread"];

/** Of each routine: it is of a role that is handed a context, and has one. */
export function checkContexts(model: DriverModel, fail: Fail): void {
  model.routines.forEach(({ name, role, locals }, i) => {
    const contexts = locals.filter(({ context }) => context === true);
    locals.forEach(({ context, kind }, j) => {
      if (context !== true) return;
      const path = ["routines", i, "locals", j];
      if (!takers.includes(role))
        fail(path, `a ${role} is handed no context: work items and system threads are`);
      if (!contextKinds.some((one) => one === kind)) {
        fail([...path, "kind"], `a context is a ${contextKinds.join(" or ")}, no ${kind}`);
      }
      if (contexts.length > 1) fail(path, `"${name}" is handed one context, not several`);
    });
  });
}

/** Of a call that queues a routine: what it hands over is what that routine takes. */
export function checkHandedOver(
  names: Names,
  api: ApiShape,
  args: Readonly<Record<string, Operand>>,
  declOf: (operand: Operand) => ObjectDecl | undefined,
  fail: (path: Path, reason: string) => never,
): void {
  for (const { item, routine: started, context } of api.does) {
    const taker = item ?? started;
    if (typeof context !== "object" || typeof taker !== "object") continue;
    const given = args[context.param];
    if (given === undefined) continue;
    const routine = routineNamed(names, args[taker.param]);
    const taken = routine?.locals.find((decl) => decl.context === true);
    const path = [context.param];
    if (routine === undefined) continue;
    if (taken === undefined) {
      fail(path, `${routine.name} takes no context: declare what it is handed, w.context(…)`);
    }
    const handed = declOf(given);
    if (handed?.kind !== taken.kind || handed.record !== taken.record) {
      fail(path, `${routine.name} takes ${words(taken)} as its context; this is ${words(handed)}`);
    }
  }
}

function routineNamed({ routines, objects }: Names, item: Operand | undefined) {
  if (typeof item !== "object") return undefined;
  if ("routine" in item) return routines.get(item.routine);
  return "ref" in item ? routines.get(objects.get(item.ref)?.decl.routine ?? "") : undefined;
}

function words(decl: ObjectDecl | undefined): string {
  if (decl === undefined) return "something else";
  if (decl.kind !== "pointer") return `a ${decl.kind}`;
  return decl.record === undefined ? "a pointer to an IRP" : `a pointer to ${decl.record}`;
}
