/** Every run of the timed reading of a small scenario, and how long its roots take (section 15). */
import { type Context, top } from "../context.ts";
import { movesOf } from "../explore.ts";
import { contextOf, firstState } from "../first.ts";
import { deliver, isDeliverable } from "../rules/apcs.ts";
import { fallDue, strayDue } from "../rules/timers.ts";
import { breakOff } from "../rules/waits.ts";
import { rules } from "../rules.ts";
import { type Code, indexed, labelled, type Scenario, Unsupported } from "../scenario.ts";
import { Bound, Crash, copied, type State, type Task, type Thread, textOf } from "../state.ts";
import { stop } from "../stops.ts";
import { viewOf } from "../views.ts";
import { inEachWay } from "../ways.ts";
import { noteArrival, noteMet, noteTransition, putLater } from "./arrival.ts";
import { type Clock, fixed, later, plus } from "./clock.ts";
import { after, before, clockOf, join, settleClocks, timesOf } from "./clocks.ts";
import { isArrival, mayGo, timedMoves } from "./enabled.ts";
import type { Choice } from "./moves.ts";
import { type Offer, withOffers } from "./offers.ts";
import { isOver } from "./over.ts";
import { beginRest } from "./rest.ts";
import type { RootKind } from "./times.ts";

export interface TimedAnswer {
  readonly unanswered?: string;
  readonly bounded: boolean;
  readonly states: number;
  readonly took: ReadonlyMap<RootKind, ReadonlySet<number>>;
  /** What is told of its states, and when what may go there goes. */
  readonly views: readonly string[];
  readonly crashes: readonly string[];
  readonly marks: ReadonlySet<string>;
  /** For whoever looks into a disagreement: the steps of a run that ends a root of this kind after so long. */
  readonly wayTo: (kind: RootKind, us: number) => readonly string[];
}

const stepsMax = 2_000;
/** In so many ways at most its steps may go, all of them together. */
const waysMax = 3_000;

/** One rule, and what it does to clocks. */
function timedStep(c: Context, t: Thread, task: Task): void {
  const was = before(c, t, task);
  rules[task.k].run(c, t, task);
  after(c, t, task, was);
}

function runLocal(c: Context, t: Thread): void {
  for (let n = 0; n < stepsMax; n++) {
    if (isDeliverable(t)) delivered(c, t);
    const task = top(t);
    if (task === undefined || t.ended || !t.begun) return;
    const { visible } = rules[task.k];
    if (typeof visible === "function" ? visible(c, t, task) : visible === true)
      return beginRest(c, t, clockOf(c, t.id));
    t.todo.pop();
    timedStep(c, t, task);
  }
  throw new Bound("local steps");
}

function delivered(c: Context, t: Thread): void {
  const was = before(c, t, { k: "deliver" });
  deliver(c, t);
  after(c, t, { k: "deliver" }, was);
}

function settle(c: Context, first: readonly string[]): void {
  for (const id of first) runLocal(c, c.state.threads[id]);
  for (let i = 0; i < c.woken.length; i++) runLocal(c, c.state.threads[c.woken[i]]);
}

function book(c: Context, skew: number): void {
  if (skew === 0) return;
  for (const { roots } of Object.values(c.state.threads))
    for (const root of roots ?? [])
      if (root.since !== undefined) root.since = plus(root.since, skew);
}

export function make(c: Context, move: Choice): void {
  if (move.laterBy !== undefined) return putLater(c, move.laterBy);
  book(c, move.skew);
  if (isArrival(c, move)) {
    join(c, move.t, move.at);
    noteArrival(c, move);
    went(c, move, clockOf(c, move.t));
    return;
  }
  noteTransition(c, move);
  went(c, move, { us: move.at.us, along: move.along });
  noteMet(c, move);
}

function went(c: Context, { t: id, how }: Choice, at: Clock): void {
  const times = timesOf(c);
  times.now = later(times.now, at);
  if (how === "due") return timerDue(c, id, at);
  if (how === "stray") return strayDue(c, Number(id));
  const t = c.state.threads[id];
  join(c, id, at);
  if (how === "stop") stop(c, t);
  else if (how === "step") {
    const task = t.todo.pop() as Task;
    timedStep(c, t, task);
    noteManager(c, task, at);
  } else {
    const was = before(c, t, { k: how });
    breakOff(c, t, how);
    after(c, t, { k: how }, was);
  }
  settle(c, [id]);
}

function timerDue(c: Context, key: string, at: Clock): void {
  const { timers, things } = timesOf(c);
  const was = before(c, { todo: [] } as unknown as Thread, { k: "due", key });
  fallDue(c, key);
  things[key] = later(things[key] ?? fixed(0), at);
  settleClocks(c, was, at);
  const { due, period } = timers[key];
  if (c.state.things[key]?.due === true) timers[key] = { ...timers[key], due: plus(due, period) };
  else delete timers[key];
  settle(c, []);
}

function noteManager(c: Context, task: Task, at: Clock): void {
  const { managers } = timesOf(c);
  const it = managers[String(task.queue)];
  if (it === undefined) return;
  if (task.k === "manager") it.last = at.us;
  if (task.k === "worker") it.occupied = later(it.occupied, at);
}

/** What no transition asks for any more. */
function tidied(c: Context): State {
  const times = timesOf(c);
  const { threads, things, timers, managers } = { ...c.state, ...times };
  void things;
  void timers;
  void managers;
  for (const [id, t] of Object.entries(threads)) {
    if (t.ended) times.clocks[id] = fixed(0);
    if (t.ended || !t.told) delete times.told[id];
  }
  const live = Object.values(threads).filter((t) => !t.ended);
  const least = Math.min(...live.map(({ id }) => times.clocks[id].us));
  for (const [key, clock] of Object.entries(times.things))
    if (clock.us <= least && !clock.along) delete times.things[key];
  // Nobody who arrives, or is created and arrives then, could do so before that.
  if (times.now.us <= least && !times.now.along) times.now = fixed(0);
  return c.state;
}

/** In words for whoever looks into a disagreement. */
function stepText({ threads }: State, move: Choice | undefined): string {
  if (move === undefined) return "begin";
  if (move.laterBy !== undefined) return `who arrived does so ${move.laterBy} later`;
  const task = threads[move.t] === undefined ? undefined : top(threads[move.t]);
  return `${move.at.us} ${move.t}: ${move.how} ${task?.k ?? ""} ${move.skew === 0 ? "" : `skew ${move.skew}`}`;
}

function offersOf(c: Context, choices: readonly Choice[]): Offer[] {
  const others = choices.filter((one) => one.laterBy === undefined && !isArrival(c, one));
  const earliest = Math.min(...(others.length > 0 ? others : choices).map(({ at }) => at.us));
  return choices.map((one): Offer => {
    const { at, isBeside, laterBy } = one;
    if (laterBy !== undefined) return { us: laterBy, along: false, what: "is put later" };
    const arrives = isBeside === true ? "arrives beside" : "arrives";
    return {
      us: at.us - earliest,
      along: at.along,
      what: isArrival(c, one) ? arrives : "goes",
    };
  });
}

/** How a run begins, before any step. */
function timedBegin(code: Code): State {
  const begin = firstState(code);
  begin.times = { now: fixed(0), clocks: {}, things: {}, told: {}, timers: {}, managers: {} };
  for (const t of Object.values(begin.threads)) {
    begin.times.clocks[t.id] = fixed(1);
    t.roots = [];
  }
  return begin;
}

export function exploredInTime(scenario: Scenario, statesMax: number): TimedAnswer {
  const took = new Map<RootKind, Set<number>>();
  const crashes = new Set<string>();
  const marks = new Set<string>();
  let bounded = false;
  const first = new Map<string, readonly [from: number, step: string]>();
  const cameFrom: (readonly [from: number, step: string])[] = [];
  const states: State[] = [];
  const views = new Set<string>();
  const known = new Map<string, number>();
  const done = (unanswered?: string): TimedAnswer => ({
    ...(unanswered === undefined ? {} : { unanswered }),
    bounded,
    states: states.length,
    took,
    views: [...views].sort(),
    crashes: [...crashes].sort(),
    marks,
    wayTo(kind, us) {
      const steps: string[] = [];
      for (let at = first.get(`${kind} ${us}`); at !== undefined; at = cameFrom[at[0]])
        steps.push(at[1]);
      return steps.reverse();
    },
  });
  try {
    const code = indexed(labelled(scenario));
    const add = (state: State, from: number, step: string): void => {
      const text = textOf(state);
      if (known.has(text)) return;
      known.set(text, states.length);
      states.push(state);
      cameFrom.push([from, step]);
    };
    let ways = 0;
    const eachWay = (
      at: number,
      from: State,
      move: Choice | undefined,
      go: (c: Context) => void,
    ): void => {
      inEachWay((choose) => {
        if (++ways > waysMax) throw new Unsupported("more ways than the limit");
        const c = contextOf(code, copied(from), choose);
        try {
          go(c);
          add(tidied(c), at, stepText(from, move));
        } catch (error) {
          if (error instanceof Crash)
            crashes.add(`${error.kind} ${error.op === undefined ? "" : code.opIds[error.op]}`);
          else if (error instanceof Bound) bounded = true;
          else throw error;
        }
        for (const mark of c.marks) marks.add(mark);
        for (const { kind, took: us } of c.rootsEnded) {
          took.set(kind, (took.get(kind) ?? new Set()).add(us));
          const name = `${kind} ${us}`;
          if (!first.has(name)) first.set(name, [at, stepText(from, move)]);
        }
      }, move?.first);
    };
    const begin = timedBegin(code);
    eachWay(-1, begin, undefined, (c) => settle(c, Object.keys(c.state.threads)));
    for (let at = 0; at < states.length; at++) {
      if (states.length > statesMax) return done("more states than the limit");
      const c = contextOf(code, states[at], () => 0);
      const choices = isOver(c) ? [] : mayGo(c, timedMoves(c, movesOf(c)));
      views.add(withOffers(viewOf(code, states[at]), offersOf(c, choices)));
      for (const move of choices) eachWay(at, states[at], move, (one) => make(one, move));
    }
    return done();
  } catch (error) {
    if (error instanceof Unsupported) return done(error.message);
    throw error;
  }
}
