/** Bounded latency: what took longer than its budget. */
import type { Program } from "../machine/program.ts";

/** Microseconds that a root of this kind may take; undefined where there is no budget. */
export const budgetOf = ({ budgets }: Program, kind: number): number | undefined =>
  budgets.get(kind);

export function isTooLong(program: Program, kind: number, tookUs: number): boolean {
  const budget = budgetOf(program, kind);
  return budget !== undefined && tookUs > budget;
}
