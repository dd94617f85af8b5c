/** What speaks against a verdict that was searched to its end: other runs, another search. */
import { sampleRuns } from "../../../src/explore/readings.ts";
import { compileScenario } from "../../../src/windows/compile-scenario.ts";
import { languageOf } from "../../../src/windows/language.ts";
import type { Case } from "./cases.ts";
import { searchAgain } from "./second-search.ts";
import { keyOf, type Verdict } from "./verdict.ts";

/** Decisions of one walk: more than any run of these cases has. */
const runSteps = 2_000;

/** A rule is broken by all effects that its operation has; one run may show some of them. */
function wider({ findings }: Verdict, key: string) {
  const [at, effects = ""] = key.split(": ");
  const whole = [...findings].find(
    ([known]) =>
      known.startsWith(`${at}: `) && effects.split(", ").every((one) => known.includes(one)),
  );
  return key.startsWith("rule ") ? whole?.[1] : undefined;
}

/** What random walks show, half of them with times, that the verdict does not have. */
export function gainsaidByWalks({ name, scenario, verdict }: Case, walks: number, seed: string) {
  const program = compileScenario(scenario);
  const { rules } = languageOf(scenario.drivers);
  const shown = new Map<string, number>();
  sampleRuns(
    {
      program,
      reached: new Set(),
      add: ({ target, latencyUs = 0 }) =>
        shown.set(keyOf(target), Math.max(latencyUs, shown.get(keyOf(target)) ?? 0)),
    },
    {
      seed,
      budget: Number.POSITIVE_INFINITY,
      runSteps,
      runsMax: walks,
      readings: ["timed", "untimed"],
      rules,
    },
  );
  return [...shown].flatMap(([key, us]) => {
    const known = verdict.findings.get(key) ?? wider(verdict, key);
    if (known === undefined) return [`${name}: a walk shows ${key}`];
    return us > known.latencyUs ? [`${name}: a walk takes ${us} µs: ${key}`] : [];
  });
}

/** Crashes and dead ends that only a second search has, or only the first. */
export function gainsaidBySearch(
  { name, scenario, verdict }: Case,
  statesMax: number,
): { readonly complete: boolean; readonly lines: readonly string[] } {
  const { complete, ends } = searchAgain(compileScenario(scenario), statesMax);
  const lines = [...ends]
    .filter((key) => !verdict.findings.has(key))
    .map((key) => `${name}: a second search comes to ${key}`);
  if (!complete) return { complete, lines };
  const lost = [...verdict.findings.keys()].filter(
    (key) => key.startsWith("crash ") && !ends.has(key),
  );
  const never = lost.map((key) => `${name}: a second search never comes to ${key}`);
  return { complete, lines: [...lines, ...never] };
}
