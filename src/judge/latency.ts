/** Bounded latency: what took longer than its budget. */
import { RootKind } from "../machine/opcodes.ts";
import { budgets } from "../windows/profiles.ts";

/** Microseconds that a root of this kind may take; undefined where there is no budget. */
export function budgetOf(kind: number): number | undefined {
  switch (kind) {
    case RootKind.callback:
      return budgets.callbackUs;
    case RootKind.event:
      return budgets.eventUs;
    case RootKind.operation:
    case RootKind.launch:
      return budgets.operationUs;
    default:
      return undefined;
  }
}

export const isTooLong = (kind: number, tookUs: number): boolean => {
  const budget = budgetOf(kind);
  return budget !== undefined && tookUs > budget;
};
