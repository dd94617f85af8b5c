/** What a search to its end says of a scenario, as a set that two scenarios can be compared by. */
import type { Observation } from "../../../src/explore/observation.ts";
import {
  exhaustTimed,
  exhaustUntimed,
  type Look,
  type Looked,
} from "../../../src/explore/readings.ts";
import { search } from "../../../src/explore/search.ts";
import type { Target } from "../../../src/judge/mechanism.ts";
import { statementsIn } from "../../../src/language/conditions.ts";
import type { DriverModel, Statement } from "../../../src/language/model.ts";
import { operationIds } from "../../../src/language/print.ts";
import { createMachine } from "../../../src/machine/machine.ts";
import { compileScenario } from "../../../src/windows/compile-scenario.ts";
import { languageOf } from "../../../src/windows/language.ts";
import type { Scenario } from "../../../src/windows/scenario.ts";

export interface Verdict {
  /** Nothing was left open, in either reading. */
  readonly complete: boolean;
  /** Outcome, operations and mechanism of each finding, with rules and latency. */
  readonly findings: ReadonlyMap<string, { readonly rules: string; readonly latencyUs: number }>;
}

/** What a verdict has a finding under. */
export const keyOf = (
  { outcome, identity, mechanism }: Target,
  back: Renamed = noneRenamed,
): string => {
  const ids = identity.split(" + ").map((id) => back.get(id) ?? id);
  return `${outcome} at ${[...new Set(ids)].sort().join(" + ")}: ${mechanism}`;
};

/** New ids by old ones. */
export type Renamed = ReadonlyMap<string, string>;

export const noneRenamed: Renamed = new Map();

/** Whether a search comes to its end; most that do not are too large by far. */
export const isSmall = (scenario: Scenario, budget: number): boolean =>
  search(createMachine(compileScenario(scenario), true), { budget }).complete;

/** @param back What to call operations, by the names that they have in this scenario. */
export function verdictOf(
  scenario: Scenario,
  budget: number,
  back: Renamed = noneRenamed,
  skewTimes = 1,
): Verdict {
  const compiled = compileScenario(scenario);
  const program = { ...compiled, skewUs: compiled.skewUs * skewTimes };
  const { rules } = languageOf(scenario.drivers);
  const seen: Observation[] = [];
  const look: Look = { program, reached: new Set(), add: (one) => seen.push(one) };
  const findings = new Map<string, { rules: string; latencyUs: number }>();
  const isWhole = ({ complete, bounds }: Looked): boolean => complete && bounds.size === 0;
  const complete =
    isWhole(exhaustUntimed(look, budget, rules)) && isWhole(exhaustTimed(look, budget));
  for (const { target, rules: broken, latencyUs = 0 } of seen) {
    const key = keyOf(target, back);
    const known = findings.get(key);
    findings.set(key, {
      rules: [...new Set([...broken, ...(known?.rules.split(" ") ?? [])])].sort().join(" "),
      latencyUs: Math.max(latencyUs, known?.latencyUs ?? 0),
    });
  }
  return { complete, findings };
}

/** How the second verdict differs, where it should be the first with its times so often as long. */
export function differences(before: Verdict, after: Verdict, longer = 1): readonly string[] {
  const lines: string[] = [];
  if (before.complete !== after.complete) lines.push(`complete is now ${after.complete}`);
  for (const key of before.findings.keys()) if (!after.findings.has(key)) lines.push(`lost ${key}`);
  for (const [key, now] of after.findings) {
    const was = before.findings.get(key);
    if (was === undefined) {
      lines.push(`new ${key}`);
      continue;
    }
    if (was.rules !== now.rules) lines.push(`${key}: rules ${was.rules} are now ${now.rules}`);
    // Each turn of a loop costs a microsecond, whatever else is scaled.
    const slack = longer === 1 ? 0 : was.latencyUs * longer * 0.01;
    if (Math.abs(now.latencyUs - was.latencyUs * longer) > slack)
      lines.push(`${key}: ${was.latencyUs} µs are now ${now.latencyUs} µs`);
  }
  return lines;
}

/**
 * Old ids by new ones, for drivers whose statements correspond in order.
 *
 * @param origin Of a new statement, the old one; absent: the one in its place.
 */
export function idsBack(
  old: DriverModel,
  now: DriverModel,
  origin?: ReadonlyMap<Statement, Statement>,
): Renamed {
  const oldIds = operationIds(old);
  const inOrder = old.routines.flatMap(({ body }) => [...statementsIn(body)]);
  const back = new Map<string, string>();
  let place = 0;
  for (const [statement, id] of operationIds(now)) {
    const was = origin === undefined ? inOrder[place++] : origin.get(statement);
    if (was !== undefined) back.set(id, oldIds.get(was) ?? "");
  }
  return back;
}
