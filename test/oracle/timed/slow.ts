/** Where a slow service can stop for a while: nowhere next to what it computes (section 10). */
import type { Body, Routine, Statement } from "../../../src/language/model.ts";
import { calls } from "../calls.ts";
import { type Context, frameOf } from "../context.ts";
import { routineOf } from "../scenario.ts";
import type { Task } from "../state.ts";

/** First steps of calls that others can feel, or that go on in the kernel. */
const felt = [
  ...["set", "reset", "pulse", "lock", "unlock", "post", "dequeue", "startUser", "number", "send"],
  ...["reply", "terminate", "exitProcess", "alert", "createProcess", "request", "loadLibrary"],
];

/** Of one that may fail, what it does otherwise. */
const firstOf = ({ api, args }: Extract<Statement, { kind: "call" }>): string =>
  calls[api]?.steps(args).find(({ k }) => k !== "mayFail")?.k ?? "";

function callsIn(body: Body): Extract<Statement, { kind: "call" }>[] {
  return body.flatMap((one) => {
    if (one.kind === "call") return [one];
    if (one.kind === "if") return [...callsIn(one.then), ...callsIn(one.else ?? [])];
    return "body" in one ? callsIn(one.body) : [];
  });
}

/** Calls of a routine, in the order of its text, ahead of which it can stop; the others are next to a `Compute`. */
function placesOf(routine: Routine): Set<Statement> {
  const marked = callsIn(routine.body).filter(
    (one) => one.api === "Compute" || felt.includes(firstOf(one)),
  );
  return new Set(
    marked.filter((one, i) =>
      [marked[i - 1], one, marked[i + 1]].every((near) => near?.api !== "Compute"),
    ),
  );
}

const known = new WeakMap<Routine, Set<Statement>>();

/** Whether a thread can be slow ahead of the call of this step. */
export function canBeSlow(c: Context, task: Task): boolean {
  if (task.op === undefined || task.f === undefined) return true;
  const { driver, routine: name } = frameOf(c, String(task.f), task.op);
  const routine = routineOf(c.code, driver, name);
  const places = known.get(routine) ?? placesOf(routine);
  known.set(routine, places);
  return places.has(c.code.statements[task.op]);
}
