/** Bounded latency: what took longer than its budget. */
import { isCallbackRoot, RootKind } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";
import type { Limited } from "./finding.ts";

/** Microseconds that a root of this kind may take; undefined where there is no budget. */
export const budgetOf = ({ budgets }: Program, kind: number): number | undefined =>
  budgets.get(kind);

export function isTooLong(program: Program, kind: number, tookUs: number): boolean {
  const budget = budgetOf(program, kind);
  return budget !== undefined && tookUs > budget;
}

/** What a root of this kind is to whoever reads of it; undefined where nothing limits its time. */
export function limitedBy(kind: number): Limited | undefined {
  if (isCallbackRoot(kind)) return "callback";
  switch (kind) {
    case RootKind.event:
      return "event";
    case RootKind.operation:
    case RootKind.launch:
      return "operation";
    case RootKind.request:
      return "request";
    default:
      return undefined;
  }
}

/**
 * Whether one duration stands for another: less than a hundredth is missing, which is what a part
 * of a path has to be to count.
 */
export const isAsLong = (us: number, otherUs: number): boolean => us * 100 >= otherUs * 99;
