/** From an observation to a finding with its story: the run is made once more, told as it goes. */
import { bounds } from "../base/bounds.ts";
import { defaultSource, followCodes } from "../explore/choices.ts";
import { longestOf } from "../explore/latency-findings.ts";
import { namedSteps } from "../explore/named-steps.ts";
import { type Later, laterOf } from "../explore/newcomers.ts";
import type { Observation } from "../explore/observation.ts";
import { awaitsTimer } from "../explore/rearmed.ts";
import { withRound } from "../explore/round.ts";
import { spansOf } from "../explore/spans.ts";
import { rulesOver } from "../explore/told-effects.ts";
import { traceRun } from "../explore/trace.ts";
import { type Chain, chainFrom, type Told } from "../judge/chain.ts";
import type { CrashFacts, CrashKind, Inside } from "../judge/crash-facts.ts";
import { criticalPath } from "../judge/critical-path.ts";
import { isEndlessRequest } from "../judge/endless-requests.ts";
import { type Finding, propertyOf, type Step, type TimedSearch } from "../judge/finding.ts";
import { heldLocks } from "../judge/held-locks.ts";
import { stoodAt } from "../judge/held-up-effects.ts";
import { hungThread } from "../judge/hung-thread.ts";
import { operationIdsOf } from "../judge/identity.ts";
import { isHang, type Target } from "../judge/mechanism.ts";
import { framesOf, frameWithRole, routineOfFrame } from "../judge/objects.ts";
import { givesBackInRounds } from "../judge/poll.ts";
import { letsShare, stopsBehind } from "../judge/stops.ts";
import { waitingOf } from "../judge/wait-for.ts";
import { waitedObject } from "../judge/waits.ts";
import { binds } from "../language/shape.ts";
import { isAllAnswered } from "../machine/enabled.ts";
import { Crash, H, T } from "../machine/layout.ts";
import { crashedOfTimer, crashedThread } from "../machine/life.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { isCallbackRoot } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";
import { isOrderFelt } from "../machine/returning.ts";
import { compileScenario } from "../windows/compile-scenario.ts";
import { languageOf } from "../windows/language.ts";
import { optionsOf, returnWords } from "../windows/options.ts";
import { timesInWords } from "../windows/profiles.ts";
import { hasFault, type Scenario } from "../windows/scenario.ts";
import { budgetFor, unloads, untilFact } from "./latency-facts.ts";
import { besideIn, hungAsIn, needsOf } from "./needs.ts";
import { raisedEvent } from "./raised-event.ts";

/** @param drivers Those that the scenario's are a part of, as their author has them. */
export function tell(
  scenario: Scenario,
  program: Program,
  observation: Observation,
  timedSearch?: TimedSearch,
  drivers = scenario.drivers,
): Finding {
  const { target, timed } = observation;
  const whole = drivers === scenario.drivers ? program : compileScenario({ ...scenario, drivers });
  const codes =
    target.outcome === "livelock"
      ? withRound(program, timed, observation.codes, (m) => hungThread(m, target))
      : observation.codes;
  const trace = traceRun(program, timed, followCodes(codes), codes.length);
  const m = trace.machine;
  const driver = ownerOf(scenario, program, target);
  const hangs = isHang(target);
  const hung = hangs || target.outcome === "rule";
  const start = hung ? hungThread(m, target) : undefined;
  const late = target.outcome === "latency" ? longestOf(program, trace, target)?.root : undefined;
  // What comes after the latency has ended is another story.
  const [first] = operationIdsOf(target.identity);
  const goesOn = target.outcome === "rule" ? stoodAt(m, first) : undefined;
  const named = namedSteps(trace, late?.steps ?? trace.steps.length, start, goesOn);
  const { steps, rearmed } = named;
  // What later events do to a hang is asked of the model.
  const told: Told = { ...named.told, beyond: { whole, events: !hangs } };
  const chain = start === undefined ? undefined : chainFrom(m, start, told);
  const later = hangs ? laterOf(scenario, observation) : undefined;
  const path = late === undefined ? [] : criticalPath(program, trace.segments, late);
  const crash =
    target.outcome === "crash" ? crashFacts(m, scenario, steps, told, driver) : undefined;
  const at = late?.callback || chain?.callback;
  const callback = at || (crash?.request === undefined ? callbackOf(program, target) : "");
  return {
    outcome: target.outcome,
    possible: hangs && !timed,
    ...(timedSearch === undefined ? {} : { timedSearch }),
    property: propertyOf[target.outcome],
    driver,
    family: familyOf(scenario, callback),
    ...eventFact(scenario, m, callback, { thread: start, site: late?.site }),
    mechanism: target.mechanism,
    identity: target.identity,
    needs: needsOf(scenario, m.words[H.faultsLeft] === 0),
    rules: rulesTold(scenario, callback, observation, steps),
    ...(late === undefined ? {} : { latencyUs: late.took, budget: budgetFor(program, late.kind) }),
    ...(target.outcome === "rule" ? costOf(program, callback) : {}),
    ...(callback === "" ? {} : { callback }),
    ...(hangs && start !== undefined ? requestFact(m, start) : {}),
    ...crash,
    occasion: occasionOf(scenario),
    world: scenario.world.name,
    ...languageToTell(scenario),
    steps,
    chain: chain === undefined ? [] : withLater(chain, later),
    ...(later?.claim === "cut" || observation.isLaterUnknown ? { isLaterUnknown: true } : {}),
    ...(chain?.closesAt === undefined ? {} : { closesAt: chain.closesAt }),
    ...(chain === undefined
      ? {}
      : {
          behind: behind(m, chain),
          keeps: keeps(m, chain.threads, chain.links, told),
          stops: stopsBehind(m, chain.threads, told.names, whole),
        }),
    ...(late === undefined
      ? {}
      : {
          who: late.who,
          path,
          ...untilFact(program, path, budgetFor(program, late.kind)),
          ...(rearmed !== undefined && awaitsTimer(program, path) ? { rearmed } : {}),
        }),
    assumptions: [
      ...new Set([
        ...program.sites.filter((s) => s.assumed === true).map((s) => `${s.text} (the author's)`),
        ...ownContexts(scenario),
        ...optionsOf(scenario),
        ...(isOrderFelt(program) ? [returnWords] : []),
        ...ownTimes(scenario),
      ]),
    ],
  };
}

function occasionOf({ world }: Scenario): Finding["occasion"] {
  const events = world.workload.reduce((sum, { does }) => sum + does.length, 0);
  const beside = besideIn(world);
  const service = hungAsIn(world);
  return {
    events,
    ...(world.images === undefined ? {} : { dlls: world.images }),
    ...(beside.length === 0 ? {} : { beside }),
    ...(service === undefined ? {} : { service }),
  };
}

/** Times that are not the model's. */
const ownTimes = ({ world }: Scenario): string[] =>
  timesInWords(world.times ?? {}).map((time) => `${time} (the author's)`);

/** What stories say of the driver's own entries, which no table of ours has. */
function languageToTell({ drivers }: Scenario): Pick<Finding, "extension"> {
  if (drivers.every((driver) => driver.extension === undefined)) return {};
  return { extension: languageOf(drivers).extension };
}

/** The rules that the finding itself is about; and, where its harm is another, those that steps to it break. */
function rulesTold(
  scenario: Scenario,
  callback: string,
  { target, rules }: Observation,
  steps: readonly Step[],
): readonly string[] {
  const own = boundRules(scenario, callback, rules);
  if (target.outcome === "rule") return own;
  const effects = steps.flatMap(({ came }) =>
    came.flatMap((one) => (one.kind === "breaks" ? [one.effect] : [])),
  );
  const broken = rulesOver(effects, languageOf(scenario.drivers).rules);
  return [...new Set([...own, ...boundRules(scenario, callback, broken)])];
}

/**
 * The rules by which hangs and latencies are told are those of Windows' families: of a callback of
 * another family they are its rules over the same effects.
 */
function boundRules(
  scenario: Scenario,
  callback: string,
  ids: readonly string[],
): readonly string[] {
  const { extension, rules } = languageOf(scenario.drivers);
  const name = familyOf(scenario, callback);
  const family = extension.families.find((one) => one.name === name);
  if (family === undefined || callback === "") return ids;
  const bound = ids.flatMap((id) => {
    const entries = rules.filter((rule) => rule.id === id);
    if (entries.some((rule) => binds(rule, family.rules))) return [id];
    return rules.flatMap((rule) =>
      rule.named !== undefined &&
      binds(rule, family.rules) &&
      entries.some(({ effect }) => effect === rule.effect)
        ? [rule.id]
        : [],
    );
  });
  return [...new Set(bound)];
}

/** What the author of a family says of it, where drivers listen to it. */
function ownContexts({ drivers }: Scenario): string[] {
  const { extension, forms } = languageOf(drivers);
  const heard = new Set(
    drivers.flatMap(({ registrations }) =>
      registrations.map(({ family }) => forms.get(family)?.family.name),
    ),
  );
  return extension.families
    .filter(({ name }) => heard.has(name))
    .map(({ name, context }) => `callbacks of ${name} run in ${context} (the author's)`);
}

/** The family that a callback belongs to; without one, the first that any driver listens to. */
function familyOf({ drivers }: Scenario, callback: string): string {
  const registrations = drivers.flatMap((driver) => driver.registrations);
  const own = registrations.find(({ routine }) => routine === callback) ?? registrations[0];
  if (own === undefined) return "process";
  return languageOf(drivers).forms.get(own.family)?.family.name ?? own.family;
}

function eventFact(
  scenario: Scenario,
  m: Machine,
  callback: string,
  where: Parameters<typeof raisedEvent>[2],
): Pick<Finding, "event"> {
  const number = raisedEvent(m, callback, where);
  const { forms, eventNumber } = languageOf(scenario.drivers);
  const events = forms.get(familyOf(scenario, callback))?.family.events ?? [];
  const event = events.find((one) => eventNumber(one) === number);
  return event === undefined ? {} : { event };
}

function requestFact(m: Machine, thread: number): Pick<Finding, "request"> {
  if (!isEndlessRequest(m, thread)) return {};
  return { request: routineOfFrame(m, frameWithRole(m, thread, "request")).name };
}

/** The wait that a later event ends says so. */
function withLater({ links, places }: Chain, later: Later | undefined): Finding["chain"] {
  if (later?.claim !== "ends") return links;
  const ended = Math.max(0, places.indexOf(later.thread));
  const callbacks = later.callback === "" ? [] : [later.callback];
  return links.map((link, i) => (i === ended ? { ...link, later: callbacks } : link));
}

/** Threads that owe something, are not on the chain, and wait for somebody who is. */
function behind(m: Machine, { threads }: Chain): string[] {
  return m.program.threads.flatMap(({ name }, t) => {
    const base = baseOf(m, t);
    if (threads.includes(t) || waitingOf(m, t) === undefined) return [];
    if (m.words[base + T.roots] === 0 && m.words[base + T.items] === 0) return [];
    return chainFrom(m, t).threads.some((other) => threads.includes(other)) ? [name] : [];
  });
}

/** Locks of drivers that the chain's threads hold, and that the chain itself does not speak of. */
function keeps(
  m: Machine,
  threads: readonly number[],
  links: Chain["links"],
  told: Told,
): Finding["keeps"] {
  return threads.flatMap((thread) =>
    heldLocks(m, thread).flatMap(({ address }) => {
      const what = waitedObject(m, address, told.names);
      const isTold = links.some(({ wait }) =>
        wait.objects.some((o) => o.kind === what.kind && o.name === what.name),
      );
      if (isTold || givesBackInRounds(m, thread, address)) return [];
      const since = told.heldSince(address, thread);
      const who = m.program.threads[thread].name;
      const shared = letsShare(m, address) ? ({ shared: true } as const) : {};
      return [{ who, what, ...(since < 0 ? {} : { since }), ...shared }];
    }),
  );
}

/** The driver whose operation the target's first is, or that the kernel works on there. */
function ownerOf({ drivers }: Scenario, program: Program, target: Target): string {
  const [first] = operationIdsOf(target.identity);
  const site = program.sites.find(
    (s) => (s.users || s.forDriver !== undefined) && s.opId === first,
  );
  const [only, ...others] = drivers;
  return site?.forDriver ?? site?.owner ?? (others.length === 0 ? (only?.name ?? "") : "");
}

/** The callback that the target's first operation stands in; "" where it is elsewhere. */
function callbackOf(program: Program, target: Target): string {
  const routine = operationIdsOf(target.identity)[0].split("/")[0];
  return program.routines.some((r) => r.name === routine && r.role === "callback") ? routine : "";
}

/** Decisions of the default run, at most. */
const defaultRunMax = bounds.defaultRun.max;

/** How it crashed, in what, with which locks; and who freed what it touches. */
function crashFacts(
  m: Machine,
  { world }: Scenario,
  steps: readonly Step[],
  told: Told,
  driver: string,
): CrashFacts & Pick<Finding, "keeps" | "request"> {
  const thread = crashedThread(m);
  const crash = crashKind(m);
  const freed =
    crash === "useAfterFree" ? steps.findLastIndex(({ came }) => came.some(isFreeing)) : -1;
  const unloading = freed >= 0 && isUnload(m, steps[freed]);
  const startFailed =
    crash === "codeIsGone" && hasFault(world) && !steps.some((step) => isUnload(m, step));
  const kept = keeps(m, [thread], [], told) ?? [];
  return {
    crash,
    inside: insideOf(m, thread),
    code: codeAt(m, thread, driver),
    keeps: kept,
    ...(crash === "keepsMutex" ? keepingRequest(m, steps[kept[0]?.since ?? -1]) : {}),
    ...(freed < 0 ? {} : { freed: { step: freed, unloading } }),
    ...(startFailed ? { startFailed } : {}),
    ...(crashedOfTimer(m) ? { timerSet: timerSet(m, steps) } : {}),
  };
}

/** The request that took what is kept. */
function keepingRequest({ program }: Machine, step?: Step): Pick<Finding, "request"> {
  const role = program.routines.find(({ name }) => name === step?.routine)?.role;
  return role === "request" && step !== undefined ? { request: step.routine } : {};
}

function timerSet({ program, words }: Machine, steps: readonly Step[]): Finding["timerSet"] {
  const { text, opId } = program.sites[words[H.crashSite]];
  const step = steps.findLastIndex((one) => one.opId === opId);
  return { operation: text, ...(step < 0 ? {} : { step }) };
}

const isFreeing = ({ kind }: Step["came"][number]): boolean => kind === "frees";

/** Whether a step is DriverUnload's own, or of what that calls. */
const isUnload = ({ program }: Machine, { thread }: Step): boolean => unloads(program, thread);

const insides: Readonly<Record<string, Inside>> = {
  callback: "callback",
  workItem: "workItem",
  apc: "apc",
  dpc: "dpc",
  systemThread: "thread",
  unload: "unload",
};

/** The driver's code that a thread was sent to run: the outermost on its stack, or what comes next. */
function codeAt(m: Machine, thread: number, driver: string): string {
  const own = framesOf(m, thread)
    .map((frame) => routineOfFrame(m, frame))
    .findLast(({ role, owner }) => owner === driver && insides[role] !== undefined);
  return own?.name ?? m.program.sites[m.words[H.crashSite]].routine;
}

function insideOf(m: Machine, thread: number): Inside {
  for (const frame of framesOf(m, thread)) {
    const inside = insides[routineOfFrame(m, frame).role];
    if (inside !== undefined) return inside;
  }
  return "other";
}

function crashKind(m: Machine): CrashKind | undefined {
  const [kind] = Object.entries(Crash).find(([, code]) => code === m.words[H.crash]) ?? [];
  return kind === "none" ? undefined : (kind as CrashKind | undefined);
}

/** What a broken rule costs where nothing else goes wrong: the callback's time in the default run. */
function costOf(program: Program, callback: string): { readonly latencyUs?: number } {
  const { roots } = spansOf(program, true, defaultSource, defaultRunMax, isAllAnswered);
  const took = roots
    .filter((r) => isCallbackRoot(r.kind) && r.callback === callback)
    .map((r) => r.took);
  return took.length === 0 ? {} : { latencyUs: Math.max(...took) };
}
