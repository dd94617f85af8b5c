/**
 * Probes: calls that do nothing, and tests of what the model keeps. Whether a run reaches them says which
 * results and numbers, and which pairs of results, can be had; in whose name a routine runs; and whether
 * APCs reach it at its end.
 */
import type {
  Body,
  Condition,
  DriverModel,
  ResultName,
  Routine,
  Statement,
} from "../../src/language/model.ts";
import type { Scenario } from "./scenario.ts";

const asked: readonly ResultName[] = [
  "success",
  "timeout",
  "failure",
  "terminated",
  "disconnected",
  "abandoned",
  "object0",
  "object1",
  "object2",
  "object3",
  "alerted",
  "userApc",
];
/** Numbers that a call handed back. */
const numbers = [0, 1, 2];
/** Calls that hand back a number. */
const numbering = /^(Interlocked|KeReadState)/;

const is = (of: string, result: ResultName): Condition => ({ kind: "result", of, is: result });
const when = (test: Condition, then: Body, otherwise?: Body): Statement => ({
  kind: "if",
  test,
  then,
  ...(otherwise === undefined ? {} : { else: otherwise }),
});

/** A chain of tests: one of its probes is reached, the last one where none holds. */
function chainOf(tests: readonly Condition[], probe: Statement): Statement {
  const [first, ...others] = tests;
  return when(first, [probe], [others.length === 0 ? probe : chainOf(others, probe)]);
}

/** Behind both of two calls: which of them came out well. */
const pairOf = (one: string, two: string, probe: Statement): Statement =>
  when(
    is(one, "success"),
    [when(is(two, "success"), [probe], [probe])],
    [when(is(two, "success"), [probe], [probe])],
  );

function probedBody(body: Body, probe: Statement): Body {
  const found: Statement[] = [];
  let before: string | undefined;
  for (const one of body) {
    found.push(inside(one, probe));
    if (one.kind !== "call" || one.result === undefined) continue;
    const { result } = one;
    found.push(
      numbering.test(one.api)
        ? chainOf(
            numbers.map((value) => ({ kind: "returned", of: result, op: "==", value })),
            probe,
          )
        : chainOf(
            asked.map((name) => is(result, name)),
            probe,
          ),
    );
    if (before !== undefined) found.push(pairOf(before, result, probe));
    before = result;
  }
  return found;
}

function inside(one: Statement, probe: Statement): Statement {
  switch (one.kind) {
    case "if":
      return {
        ...one,
        then: probedBody(one.then, probe),
        ...(one.else === undefined ? {} : { else: probedBody(one.else, probe) }),
      };
    case "repeat":
    case "forever":
    case "poll":
      return { ...one, body: probedBody(one.body, probe) };
    default:
      return one;
  }
}

/** In whose name, and because of what, a routine runs. */
const named: readonly Condition[] = [
  { kind: "role", who: "current", is: "system" },
  { kind: "role", who: "current", is: "subject" },
  { kind: "role", who: "creator", is: "subject" },
  { kind: "role", who: "parent", is: "system" },
  { kind: "causedByOwnWork" },
  { kind: "event", is: "exit" },
  { kind: "event", is: "ntdll" },
];

const asksWho = ["callback", "workItem", "apc", "systemThread", "function"];

function probedRoutine(routine: Routine, { registrations }: DriverModel): Routine {
  const isUser = routine.role === "userThread";
  const isCallback = registrations.some((one) => one.routine === routine.name);
  const probe: Statement = { kind: "call", api: isUser ? "RegOpenKey" : "DbgPrint", args: {} };
  const body = probedBody(routine.body, probe);
  if (!asksWho.includes(routine.role)) return { ...routine, body };
  const who = named
    .filter(({ kind }) => kind !== "event" || isCallback)
    .map((test) => when(test, [probe]));
  return { ...routine, body: [...who, ...body, when({ kind: "apcsDisabled" }, [probe])] };
}

export function probed(scenario: Scenario): Scenario {
  return {
    ...scenario,
    drivers: scenario.drivers.map((driver) => ({
      ...driver,
      routines: driver.routines.map((routine) => probedRoutine(routine, driver)),
    })),
  };
}
