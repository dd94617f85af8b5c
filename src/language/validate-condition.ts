/** Checks conditions: that what they ask about is there, where they stand. */
import { unreachable } from "../base/invariant.ts";
import type { Condition } from "./model.ts";
import type { ApiShape } from "./shape.ts";
import type { Path } from "./validate-names.ts";
import { didYouMean } from "./validate-nearest.ts";
import { checkObject, checkService, type RoutineContext } from "./validate-operand.ts";

/** The calls of a routine whose results are kept. */
export type Results = ReadonlyMap<string, ApiShape>;

export function checkCondition(
  context: RoutineContext,
  results: Results,
  condition: Condition,
  path: Path,
): void {
  const { names, routine } = context;
  switch (condition.kind) {
    case "role":
      mustBeKernel(context, path);
      if (condition.is === "service" && condition.service !== undefined) {
        checkService(context, condition.service, [...path, "service"]);
      } else if (condition.service !== undefined) {
        context.fail([...path, "service"], 'a service is named only with is: "service"');
      }
      if (condition.who === "subject" && condition.is === "subject") {
        context.fail([...path, "is"], "the subject is always the subject");
      }
      return;
    case "event": {
      mustBeKernel(context, path);
      const events = [...context.forms.values()].flatMap((form) => form.events);
      if (!events.includes(condition.is)) {
        const hint = didYouMean(condition.is, events);
        context.fail([...path, "is"], `no event "${condition.is}"${hint}`);
      }
      return;
    }
    case "kernelHandle":
    case "apcsDisabled":
    case "causedByOwnWork":
      mustBeKernel(context, path);
      return;
    case "compare":
      checkObject(context, ["variable"], condition.variable, [...path, "variable"]);
      return;
    case "result":
    case "returned": {
      const called = results.get(condition.of);
      if (called === undefined) {
        const hint = didYouMean(condition.of, results.keys());
        context.fail(
          [...path, "of"],
          `no call of ${routine.name} keeps a result "${condition.of}"${hint}`,
        );
      }
      const possible = called.results;
      if (condition.kind === "returned") {
        if (called.returns === undefined) context.fail(path, "that call hands back no number");
      } else if (!possible.includes(condition.is)) {
        context.fail(
          [...path, "is"],
          `that call comes back with ${possible.join(", ") || "nothing"}`,
        );
      }
      return;
    }
    case "opaque":
      if (names.conditions.has(condition.name)) return;
      context.fail(
        [...path, "name"],
        `no condition "${condition.name}"${didYouMean(condition.name, names.conditions)}`,
      );
      return;
    case "not":
      checkCondition(context, results, condition.test, [...path, "test"]);
      return;
    case "and":
    case "or":
      condition.tests.forEach((test, i) => {
        checkCondition(context, results, test, [...path, "tests", i]);
      });
      return;
    default:
      unreachable(condition, "kind of condition");
  }
}

function mustBeKernel(context: RoutineContext, path: Path): void {
  if (context.routine.role === "userThread") {
    context.fail(path, "a thread of a service knows nothing of callbacks, regions and causes");
  }
}
