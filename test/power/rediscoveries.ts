/** Known ways to hang, as what of a generated scenario and its finding tells them. */
import { InvariantError } from "../../src/base/invariant.ts";
import { type FuzzOptions, scenarioOf } from "../../src/campaign/fuzz.ts";
import type { Observation } from "../../src/explore/observation.ts";
import { observe } from "../../src/explore/observe.ts";
import { mapBodies } from "../../src/generate/tidy.ts";
import type { Statement } from "../../src/language/model.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { rules } from "../../src/windows/rules.ts";
import type { Scenario } from "../../src/windows/scenario.ts";

type Shows = (scenario: Scenario, observation: Observation) => boolean;

const deadlock =
  (pattern: RegExp): Shows =>
  (_scenario, { target }) =>
    target.outcome === "deadlock" && pattern.test(target.mechanism);

/** Whatever the item would signal. */
const queueAndWait = deadlock(
  /^callback waits for an? (?:event|timer|KSEMAPHORE) > queued work item waits for a free worker/,
);
const lockWords =
  "(?:KMUTEX|FAST_MUTEX|KGUARDED_MUTEX|ERESOURCE|EX_PUSH_LOCK|WDFWAITLOCK|KSPIN_LOCK|EX_SPIN_LOCK)";
const lockCircle = deadlock(
  new RegExp(
    `^callback waits for an? ${lockWords}(?: > callback waits for an? ${lockWords})? \\(circle\\)$`,
  ),
);
const routinesOf = ({ target }: Observation): number =>
  new Set(target.identity.split(" + ").map((id) => id.split("/")[0])).size;
const isAlone = ({ target }: Observation): boolean => !target.identity.includes(" + ");
const isForGood = ({ outcome, mechanism }: Observation["target"]): boolean =>
  outcome === "deadlock" || mechanism.startsWith("a work item never ends");

/** The worker that would relieve the pool is itself held up by the callback. */
const reliefWaits = deadlock(/queued work item waits for a free worker \(circle\)$/);

/** Whether the callback that hangs was registered for new threads, in their creator. */
const holdsUpCreators = ({ drivers }: Scenario, { target }: Observation): boolean =>
  drivers.some(({ registrations }) =>
    registrations.some(
      ({ family, routine }) =>
        /^thread(?:-create)?$/.test(family) && target.identity.startsWith(`${routine}/`),
    ),
  );
const completion = deadlock(/^callback waits for a completion$/);

export const known: Readonly<Record<string, Shows>> = {
  "queue and wait, starved": queueAndWait,
  "queue and wait, re-entrant": (scenario, one) =>
    scenario.world.pool.load === "idle" && queueAndWait(scenario, one),
  "queue and wait, with relief blocked": (scenario, one) =>
    queueAndWait(scenario, one) && reliefWaits(scenario, one) && holdsUpCreators(scenario, one),
  "items that wait for items": (_scenario, { target }) =>
    isForGood(target) &&
    /work item waits for an? [^>]*> queued work item waits for a free worker/.test(
      target.mechanism,
    ),
  "a FAST_MUTEX taken again in a nested callback": (scenario, one) =>
    deadlock(/^callback waits for a FAST_MUTEX \(circle\)$/)(scenario, one) && isAlone(one),
  "a lock taken again in a nested callback": (scenario, one) =>
    lockCircle(scenario, one) && isAlone(one),
  "locks of two callbacks in two orders": (scenario, one) =>
    lockCircle(scenario, one) && routinesOf(one) > 1,
  "a wake-up lost to a reset": (scenario, one) =>
    deadlock(/^callback waits for an event$/)(scenario, one) && isForWantOfNoReset(scenario, one),
  "removal inside a callback": deadlock(/^callback waits for rundown \(circle\)$/),
  "a lock across removal": deadlock(
    new RegExp(`waits for rundown > callback waits for an? ${lockWords} \\(circle\\)$`),
  ),
  "a service that is the target": (scenario, one) =>
    scenario.world.service.condition === "target" &&
    deadlock(/callback waits for a reply/)(scenario, one),
  "a service that raises the callback to answer it": deadlock(
    /^callback waits for a reply \(circle\)$/,
  ),
  "a service that is short of threads": (scenario, one) =>
    deadlock(/waits for a reply/)(scenario, one) && isForWantOfThreads(scenario, one),
  "a completion that is held off": completion,
  "a completion that is held off by a lock": (scenario, one) =>
    completion(scenario, one) && scenario.world.specialApcs === undefined,
  "a process that waits for its own end": (scenario, one) =>
    deadlock(/^callback waits for a process's end \(circle\)$/)(scenario, one) &&
    /Exit/.test(one.target.identity),
  "timeouts that add up": (scenario, one) =>
    one.target.outcome === "latency" &&
    /timeout/.test(one.target.mechanism) &&
    longestTimeout(scenario) < 500_000,
};

const longestTimeout = ({ drivers }: Scenario): number =>
  Math.max(
    0,
    ...[...JSON.stringify(drivers).matchAll(/"(?:timeout|value)":(\d+)/g)].map((m) => Number(m[1])),
  );

/** What takes a signal back. */
const resets = ["KeResetEvent", "KeClearEvent", "ResetEvent"];

/** Somebody sets the event, and with no reset in the driver the callback goes on. */
function isForWantOfNoReset(scenario: Scenario, { target }: Observation): boolean {
  const text = JSON.stringify(scenario.drivers);
  if (!/"(?:KeSetEvent|SetEvent|KePulseEvent)"/.test(text)) return false;
  if (![...resets, "KePulseEvent"].some((name) => text.includes(`"${name}"`))) return false;
  const sets = (one: Statement): Statement =>
    one.kind === "call" && one.api === "KePulseEvent" ? { ...one, api: "KeSetEvent" } : one;
  const drivers = scenario.drivers.map((driver) => ({
    ...driver,
    routines: driver.routines.map((routine) => ({
      ...routine,
      body: mapBodies(routine.body, (list) =>
        list.filter((one) => one.kind !== "call" || !resets.includes(one.api)).map(sets),
      ),
    })),
  }));
  const program = compileScenario({ ...scenario, drivers });
  const { observations } = observe(program, { budget: 6_000, seed: "without", rules });
  return !observations.some(
    (one) => one.target.outcome === "deadlock" && one.target.mechanism === target.mechanism,
  );
}

/** With threads enough to answer everybody it would not hang. */
function isForWantOfThreads({ drivers, world }: Scenario, { target }: Observation): boolean {
  if (world.service.condition !== "well") return false;
  const service = { ...world.service, threads: threadsEnough };
  const program = compileScenario({ drivers, world: { ...world, service } });
  const { observations, untimedComplete } = observe(program, {
    budget: 12_000,
    seed: "more threads",
    rules,
  });
  return (
    untimedComplete &&
    !observations.some(
      (one) => one.target.outcome === "deadlock" && one.target.mechanism === target.mechanism,
    )
  );
}

/** More than there can be requests at a time in a generated world. */
const threadsEnough = 6;

/** By what is known: the first run of a campaign that comes upon it. Over once all is found. */
export function rediscoveries(options: FuzzOptions): Map<string, number> {
  const first = new Map<string, number>();
  for (let run = 0; run < options.runs && first.size < Object.keys(known).length; run++) {
    const scenario = scenarioOf(run, options);
    for (const observation of observationsOf(scenario, `${options.seed}/${run}`, options)) {
      for (const [name, shows] of Object.entries(known)) {
        if (!first.has(name) && shows(scenario, observation)) first.set(name, run);
      }
    }
  }
  return first;
}

function observationsOf(
  scenario: Scenario,
  seed: string,
  { runBudget: budget }: FuzzOptions,
): readonly Observation[] {
  try {
    return observe(compileScenario(scenario), { budget, seed, rules }).observations;
  } catch (error) {
    // A fault of the model is the campaign's to report; here it only finds nothing.
    if (error instanceof InvariantError) return [];
    throw error;
  }
}
