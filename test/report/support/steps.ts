/** Steps of a story from a text: a line with a thread's name, then its steps, one a line. */
import type { Came } from "../../../src/judge/came.ts";
import type { Part, Step } from "../../../src/judge/finding.ts";

const simple: Readonly<Record<string, Came>> = {
  waits: { kind: "waits" },
  "waits in line": { kind: "waits", inLine: true },
  hangs: { kind: "waits", noEnd: true },
  "times out": { kind: "timesOut" },
  "goes on": { kind: "goesOn" },
  crashes: { kind: "crashes" },
  returns: { kind: "returns" },
};

function cameFrom(text: string): Came[] {
  if (text === "") return [];
  return text.split(", ").map((one) => {
    const [, thread] = /^releases (.+)$/.exec(one) ?? [];
    const came = thread === undefined ? simple[one] : ({ kind: "releases", thread } as const);
    if (came === undefined) throw new Error(`what is "${one}"?`);
    return came;
  });
}

/** Calls have their routine's id, and what Windows does by itself has the id of its path. */
function namesOf(owner: string, routine: string, operation: string): Pick<Step, "opId" | "api"> {
  // Where a routine begins, as its callback is told.
  if (operation.startsWith(`${routine} (`)) return { opId: routine };
  const [, api] = /^(\w+)\(/.exec(operation) ?? [];
  if (api === undefined)
    return { opId: owner === "Windows" ? routine : `${routine}/${operation}#1` };
  return { api, opId: `${routine}/${api}#1` };
}

/**
 * A step is `µs | owner | routine | depth | operation | outcome | at`; the last two may be missing,
 * and the time is "-" in a story without times.
 */
export function stepsOf(text: string): Step[] {
  const steps: Step[] = [];
  let thread = "";
  for (const line of text.trim().split("\n")) {
    const cells = line.split("|").map((cell) => cell.trim());
    if (cells.length === 1) {
      thread = cells[0];
      continue;
    }
    const [time, owner, routine, depth, operation, outcome = "", at] = cells;
    steps.push({
      ...(time === "-" ? {} : { timeUs: Number(time) }),
      thread,
      owner,
      routine,
      operation,
      ...namesOf(owner, routine, operation),
      came: cameFrom(outcome),
      at,
      depth: Number(depth),
    });
  }
  return steps;
}

/** A part of a path: `thread | owner | routine | operation`, and what it took. */
export function partOf(text: string, us: number): Part {
  const [name, owner, routine, operation] = text.split("|").map((cell) => cell.trim());
  const names = namesOf(owner, routine, operation);
  return { who: { kind: "thread", name }, operation, ...names, activity: "user", work: "work", us };
}
