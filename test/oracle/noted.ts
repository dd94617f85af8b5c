/** Scenarios of the tests, for whoever tries mutants in them: what was once hard is hard for those, too. */
import { appendFileSync } from "node:fs";
import type { Scenario } from "./scenario.ts";

/** The variable that says into which file scenarios go, a line each. */
export const notedInto = "LOOPHOLE_ORACLE_SCENARIOS";

export function note(scenario: Scenario): void {
  const path = process.env[notedInto];
  if (path !== undefined) appendFileSync(path, `${JSON.stringify(scenario)}\n`);
}
