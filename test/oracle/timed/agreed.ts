/** What the two interpreters both say of a small scenario in time. */
import { expect } from "vitest";
import type { Scenario } from "../scenario.ts";
import { timedTold } from "./adapter.ts";
import { timedDifferences } from "./compare.ts";
import { exploredInTime } from "./explore.ts";
import type { RootKind } from "./times.ts";

/** What roots of a kind take, if both say the same of all kinds. */
export function agreed(one: Scenario, kind: RootKind): number[] {
  const oracle = exploredInTime(one, 2_000);
  const loophole = timedTold(one, 20_000);
  expect(oracle.unanswered).toBeUndefined();
  expect(loophole.complete).toBe(true);
  expect(timedDifferences(oracle, loophole)).toEqual([]);
  return [...(loophole.took.get(kind) ?? [])].sort((a, b) => a - b);
}
