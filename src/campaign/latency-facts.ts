/** What a finding says of a latency beside where the time goes: its limit, and who ends it at last. */
import type { Finding, Part } from "../judge/finding.ts";
import { budgetOf, limitedBy } from "../judge/latency.ts";
import { reachable, routineAt } from "../judge/reach.ts";
import type { Program } from "../machine/program.ts";

export function budgetFor(program: Program, kind: number): Finding["budget"] {
  const of = limitedBy(kind);
  const us = budgetOf(program, kind);
  return of === undefined || us === undefined ? undefined : { of, us };
}

/** Who comes from outside and ends it, where it would not be too long but for that. */
export function untilFact(
  program: Program,
  path: readonly Part[],
  budget: Finding["budget"],
): Pick<Finding, "until"> {
  const total = path.reduce((sum, { us }) => sum + us, 0);
  const [most] = path.filter(({ until }) => until !== undefined).sort((a, b) => b.us - a.us);
  if (most?.until === undefined || budget === undefined || total - most.us > budget.us) return {};
  const thread = most.until;
  return { until: { thread, unloads: unloads(program, thread) } };
}

/** Whether a thread, by name, can come to DriverUnload. */
export const unloads = (program: Program, thread: string): boolean =>
  program.threads.some(
    ({ name, routine }) =>
      name === thread &&
      reachable(program, program.routines[routine].pc).some(
        (at) => program.routines[routineAt(program, at)].role === "unload",
      ),
  );
