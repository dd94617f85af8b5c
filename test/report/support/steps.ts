/** Steps of a story from a text: a line with a thread's name, then its steps, one a line. */
import type { Step } from "../../../src/judge/finding.ts";

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
      opId: `${routine}/${operation.split("(")[0]}#1`,
      outcome,
      at,
      depth: Number(depth),
    });
  }
  return steps;
}
