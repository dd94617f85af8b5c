/**
 * Whether a hang is for good, or ends once processes leave that are there, or more events come: one,
 * several of a kind, or two of different kinds. The model itself is asked. The run is made again in a
 * world with more users, who act only once it has come to its end; then all that can follow without
 * times is searched for a run in which what hangs is done.
 */
import { bounds } from "../base/bounds.ts";
import { chainFrom } from "../judge/chain.ts";
import { hungThread } from "../judge/hung-thread.ts";
import { callbackName } from "../judge/thread-activity.ts";
import { isUnendable } from "../judge/unendable.ts";
import { waitingOf } from "../judge/wait-for.ts";
import { enabled } from "../machine/enabled.ts";
import { alternativeOf, codeOf, H, T, threadOf } from "../machine/layout.ts";
import { baseOf, createMachine, type Machine, reset } from "../machine/machine.ts";
import type { Program } from "../machine/program.ts";
import { begin, step } from "../machine/step.ts";
import { compileScenario } from "../windows/compile-scenario.ts";
import { largestCompared } from "../windows/questions.ts";
import type { Scenario } from "../windows/scenario.ts";
import { eventsOf, raisesExits } from "../worlds/events.ts";
import type { Observation } from "./observation.ts";
import { type Graph, pathTo, search } from "./search.ts";
import { weightOfCompiling } from "./weight.ts";

/** What newcomers do to a hang. */
export interface Later {
  /** Nothing; end it; or nobody knows, since the search of what follows was cut. */
  readonly claim: "for good" | "ends" | "cut";
  /** Of those who hang, the thread whose wait ends first; −1 if none does. */
  readonly thread: number;
  /** The callback in which somebody ends it; "" where that is in none. */
  readonly callback: string;
  /** Transitions, and what compiling the programs took. */
  readonly spent: number;
}

const forGood: Later = { claim: "for good", thread: -1, callback: "", spent: 0 };
const unknown: Later = { ...forGood, claim: "cut" };

const budget: number = bounds.newcomers.max;
const alikeMax: number = bounds.newcomersAlike.max;

/** What newcomers do to a hang that a run of the scenario ends in. */
export function laterOf(scenario: Scenario, observation: Observation): Later {
  const program = compileScenario(scenario);
  const m = replayed(program, observation);
  const start = m && hungThread(m, observation.target);
  if (m === undefined || start === undefined) return unknown;
  // What no code ends nobody who comes does, either.
  if (isUnendable(m, start)) return { ...forGood, spent: weightOfCompiling(program) };
  const hang = { program, observation, start, hung: chainFrom(m, start).threads };
  let isCut = largestCompared(scenario.drivers) > alikeMax;
  let spent = weightOfCompiling(program);
  for (const later of latersOf(scenario)) {
    const found = after(hang, later);
    spent += found.spent;
    if (found.claim === "ends") return { ...found, spent };
    isCut ||= found.claim === "cut";
  }
  return { ...(isCut ? unknown : forGood), spent };
}

interface Hanging {
  readonly program: Program;
  readonly observation: Observation;
  readonly start: number;
  /** All who hang with it. */
  readonly hung: readonly number[];
}

/** Programs of worlds in which more can come. Threads that are alike stay apart, so that each keeps its number. */
function* latersOf(scenario: Scenario): Generator<Program> {
  const { drivers } = scenario;
  const events = eventsOf(drivers);
  if (raisesExits(drivers))
    yield { ...compileScenario(scenario, { stayersLeave: true }), symmetry: [] };
  // Who counts can wait for as many as that.
  const most = Math.min(alikeMax, largestCompared(drivers));
  for (const count of most > 2 ? [1, 2, most] : [1, 2]) {
    for (const event of events) {
      const alike = Array<Action>(count).fill(event);
      yield { ...compileScenario(withNewcomers(scenario, alike)), symmetry: [] };
    }
  }
  // One can bring about what another needs.
  for (const [i, event] of events.entries()) {
    for (const other of events.slice(i + 1))
      yield { ...compileScenario(withNewcomers(scenario, [event, other])), symmetry: [] };
  }
}

function after({ program, observation, start, hung }: Hanging, there: Program): Later {
  const numberOf = program.threads.map(({ name }) =>
    there.threads.findIndex((one) => one.name === name),
  );
  const m = replayed(there, observation, numberOf);
  const compiling = weightOfCompiling(there);
  if (m === undefined) return { ...unknown, spent: compiling };
  const from = m.words.slice();
  const thread = numberOf[start];
  const isItem = from[baseOf(m, thread) + T.items] > 0;
  const graph = search(m, { budget, here: true });
  const edge = firstDone(isItem ? graph.itemsDone : graph.rootsDone, thread);
  const spent = compiling + graph.spent;
  const isWhole = graph.complete && graph.bounds.size === 0;
  if (edge < 0) return { ...(isWhole ? forGood : unknown), spent };
  m.words.set(from);
  const moved = hung.map((one) => numberOf[one]);
  const released = firstReleased(m, codesTo(graph, edge), moved);
  const place = moved.indexOf(released.thread);
  const { callback } = released;
  return { claim: "ends", thread: place < 0 ? -1 : hung[place], callback, spent };
}

type Action = ReturnType<typeof eventsOf>[number];

function withNewcomers({ drivers, world }: Scenario, events: readonly Action[]): Scenario {
  const newcomers = events.map((event, i) => ({ name: `newcomer ${i + 1}`, does: [event] }));
  return { drivers, world: { ...world, workload: [...world.workload, ...newcomers] } };
}

/** A machine without times at the end of the run; undefined if that is no run of this program. */
function replayed(
  program: Program,
  { codes, timed }: Pick<Observation, "codes" | "timed">,
  numberOf = program.threads.map((_, i) => i),
): Machine | undefined {
  const m = createMachine(program, timed);
  reset(m);
  begin(m);
  for (const code of codes) {
    const moved = codeOf(numberOf[threadOf(code)], alternativeOf(code));
    let index = indexIn(m, moved);
    // A pool that is there for the newcomers' sake has beginnings of its own.
    for (let own = ownStep(m, numberOf); index < 0 && own >= 0; own = ownStep(m, numberOf)) {
      step(m, m.codes[own], m.times[own]);
      index = indexIn(m, moved);
    }
    if (index < 0) return undefined;
    step(m, moved, m.times[index]);
  }
  const untimed = createMachine(program, false);
  reset(untimed);
  untimed.words.set(m.words);
  // What comes next is events: no fault strikes any more, and no service stops.
  for (const word of [H.floating, H.faultsLeft, H.stopsLeft]) untimed.words[word] = 0;
  return untimed;
}

const indexIn = (m: Machine, code: number): number => m.codes.subarray(0, enabled(m)).indexOf(code);

/** The first step of a thread that the run does not have, and that nobody brings from outside; −1 for none. */
function ownStep(m: Machine, numberOf: readonly number[]): number {
  const count = enabled(m);
  return m.codes.subarray(0, count).findIndex((code) => {
    const thread = threadOf(code);
    return !numberOf.includes(thread) && !m.program.threads[thread].arrives;
  });
}

/** The first edge, breadth first, that completes what the thread owes; −1 if none does. */
function firstDone(done: Graph["rootsDone"], thread: number): number {
  for (const [edge, threads] of done) {
    if (threads.includes(thread)) return edge;
  }
  return -1;
}

/** The decisions of a run that ends with the edge. */
function codesTo(graph: Graph, edge: number): number[] {
  let state = 0;
  while (graph.first[state + 1] <= edge) state++;
  const before = pathTo(graph, state).map((one) => graph.parentCode[one]);
  return [...before, graph.code[edge]];
}

/** What another has to bring, or give back: a poll waits for nobody, and a delay for time. */
const forOthers: readonly string[] = ["object", "lock", "entry", "rundown"];

/**
 * Which of the threads is let go first on the way, and in which callback somebody does that. Who polls
 * waits for nobody: it is the last callback that others went through.
 */
function firstReleased(
  m: Machine,
  codes: readonly number[],
  hung: readonly number[],
): { readonly thread: number; readonly callback: string } {
  const isHeld = (thread: number): boolean =>
    forOthers.includes(waitingOf(m, thread)?.what ?? "nothing");
  const waits = hung.filter(isHeld);
  let last = "";
  for (const code of codes) {
    const callback = callbackName(m, threadOf(code));
    if (callback !== "" && !hung.includes(threadOf(code))) last = callback;
    enabled(m);
    step(m, code, 0);
    const thread = waits.find((one) => !isHeld(one));
    if (thread !== undefined) return { thread, callback };
  }
  return { thread: -1, callback: last };
}
