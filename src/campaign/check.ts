/** Puts drivers into worlds, searches each, and shrinks what it finds to a story. */
import type { Counterexample } from "../corpus/counterexample.ts";
import type { Observation } from "../explore/observation.ts";
import { observe } from "../explore/observe.ts";
import { timedWitness } from "../explore/timed-witness.ts";
import { needsLadder } from "../judge/finding.ts";
import { targetKey } from "../judge/mechanism.ts";
import { type ShrinkOptions, shrink } from "../shrink/shrink.ts";
import { compileScenario } from "../windows/compile-scenario.ts";
import { rules } from "../windows/rules.ts";
import type { Scenario } from "../windows/scenario.ts";
import { nameOfWorld } from "../worlds/names.ts";
import { worldsFor } from "../worlds/worlds.ts";
import { needsOf } from "./needs.ts";
import { plainer } from "./plainer.ts";
import type { CheckOptions, CheckReport, Found, PropertyResult, Subject } from "./report.ts";
import { deviationsOf } from "./schedule-run.ts";
import { tell } from "./tell.ts";

/** Transitions for one attempt at shrinking, and attempts for one finding. */
const attemptBudget = 12_000;
const attemptsMax = 300;
/** Transitions for the search of a timed witness. */
const timedBudget = 40_000;

interface Seen {
  readonly scenario: Scenario;
  readonly observation: Observation;
  /** Threads of the program. */
  readonly size: number;
}

/** Lower on the ladder, or on the same rung with fewer threads. */
const isSimpler = (scenario: Scenario, size: number, known: Seen): boolean =>
  rung(scenario) < rung(known.scenario) ||
  (rung(scenario) === rung(known.scenario) && size < known.size);

type WorldResult = CheckReport["worlds"][number] & {
  readonly timedComplete: boolean;
  readonly runs: number;
};

export function check(subject: Subject, options: CheckOptions): CheckReport {
  const worlds = subject.worlds ?? worldsFor(subject.drivers, options.scope);
  const seen = new Map<string, Seen>();
  const results: WorldResult[] = [];
  const reached = new Set<string>();
  const all = new Set<string>();
  const name = subject.drivers.map((d) => d.name).join(", ");
  let spent = 0;
  let boundHits = 0;

  worlds.forEach((world, i) => {
    if (options.shouldStop?.() === true) return;
    options.onProgress?.({
      driver: name,
      world: world.name,
      done: i,
      worlds: worlds.length,
      spent,
      findings: seen.size,
    });
    const scenario: Scenario = { drivers: subject.drivers, world };
    const program = compileScenario(scenario);
    for (const site of program.sites)
      if (site.counts === true) all.add(`${site.owner}: ${site.opId}`);
    // What earlier worlds left over is spread over those that are still to come.
    const share = Math.floor((options.budget - spent) / (worlds.length - i));
    const result = observe(program, {
      budget: share,
      seed: `${options.seed}/${world.name}`,
      rules,
      stop: options.shouldStop,
    });
    spent += result.spent;
    boundHits += result.boundHits;
    for (const site of result.reached) reached.add(site);
    for (const observation of result.observations) {
      const key = targetKey(observation.target);
      const known = seen.get(key);
      const size = program.threads.length;
      if (known === undefined || isSimpler(scenario, size, known))
        seen.set(key, { scenario, observation, size });
    }
    results.push({
      name: world.name,
      claim: result.untimedComplete ? "complete" : "sampled",
      states: result.states,
      timedComplete: result.timedComplete,
      runs: result.runs,
    });
  });

  const stopped = options.shouldStop?.() === true;
  const findings = tellAll([...seen.values()], options);
  const complete = !stopped && results.every((r) => r.claim === "complete");
  return {
    verdict: findings.length > 0 ? "findings" : boundHits > 0 || stopped ? "bounded" : "clean",
    findings,
    results: propertyResults(results, complete && boundHits === 0, boundHits > 0),
    worlds: results.map(({ name: world, claim, states }) => ({ name: world, claim, states })),
    complete: complete && boundHits === 0,
    unreached: stopped ? [] : [...all].filter((id) => !reached.has(id)).sort(),
    spent,
    stopped,
  };
}

const rung = (scenario: Scenario): number => needsLadder.indexOf(needsOf(scenario));

/** Shrinks each, tells it, and keeps one of each outcome, identity and mechanism. */
function tellAll(seen: readonly Seen[], options: CheckOptions): Found[] {
  const shrinking: ShrinkOptions = {
    rules,
    seed: options.seed,
    attemptBudget,
    attemptsMax,
    stop: options.shouldStop,
  };
  const found = seen.map(({ scenario, observation }) => {
    const small = shrink(scenario, observation, shrinking);
    const world = {
      ...small.scenario.world,
      name: nameOfWorld(small.scenario.drivers, small.scenario.world),
    };
    return counterexampleOf({ ...small.scenario, world }, small.observation, options.seed);
  });
  return found
    .filter((one) => !found.some((other) => explains(other, one)))
    .sort(
      (a, b) =>
        needsLadder.indexOf(a.finding.needs) - needsLadder.indexOf(b.finding.needs) ||
        (targetKey(a.finding) < targetKey(b.finding) ? -1 : 1),
    );
}

/**
 * Whether one finding is another with more people in it: the same outcome at the same operations
 * and more, in a world that needs as much.
 */
function explains({ finding: a }: Found, { finding: b }: Found): boolean {
  if (a === b || a.outcome !== b.outcome) return false;
  if (a.outcome === "rule" && a.identity === b.identity) {
    return (
      needsLadder.indexOf(a.needs) <= needsLadder.indexOf(b.needs) &&
      b.rules.every((rule) => a.rules.includes(rule))
    );
  }
  if (a.outcome === "rule") return false;
  const parts = b.identity.split(" + ");
  const inside = a.identity.split(" + ");
  if (inside.length >= parts.length || !inside.every((part) => parts.includes(part))) return false;
  return needsLadder.indexOf(a.needs) <= needsLadder.indexOf(b.needs);
}

function counterexampleOf(scenario: Scenario, shrunk: Observation, seed: string): Found {
  const program = compileScenario(scenario);
  const hangs = shrunk.target.outcome === "deadlock" || shrunk.target.outcome === "livelock";
  const timed =
    hangs && !shrunk.timed ? timedWitness(program, shrunk.target, timedBudget, seed) : undefined;
  const seen = timed === undefined ? shrunk : { ...shrunk, codes: timed, timed: true };
  const observation = { ...seen, codes: plainer(program, seen) };
  const finding = tell(scenario, program, observation, hangs && !observation.timed);
  const {
    outcome,
    possible,
    property,
    driver,
    family,
    mechanism,
    identity,
    needs,
    rules: broken,
    latencyUs,
  } = finding;
  const counterexample: Counterexample = {
    loophole: "counterexample",
    version: 1,
    finding: {
      outcome,
      possible,
      property,
      driver,
      family,
      mechanism,
      identity,
      needs,
      rules: broken,
      ...(latencyUs === undefined ? {} : { latencyUs }),
    },
    reading: observation.timed ? "timed" : "untimed",
    decisions: observation.codes.length,
    schedule: deviationsOf(program, observation.timed, observation.codes),
    scenario,
  };
  return { finding, counterexample };
}

function propertyResults(
  worlds: readonly WorldResult[],
  complete: boolean,
  bounded: boolean,
): PropertyResult[] {
  const states = worlds.reduce((sum, w) => sum + w.states, 0);
  const runs = worlds.reduce((sum, w) => sum + w.runs, 0);
  const timedComplete = worlds.every((w) => w.timedComplete);
  const claim = (whole: boolean): PropertyResult["claim"] =>
    bounded ? "bounded" : whole ? "complete" : "sampled";
  return (["deadlock-freedom", "bounded-latency", "no-crash", "rules"] as const).map(
    (property) => ({
      property,
      claim: claim(property === "bounded-latency" ? timedComplete : complete),
      worlds: worlds.length,
      states,
      runs,
    }),
  );
}
