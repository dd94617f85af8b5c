/** Every state that a scenario can reach, without times, and what hangs in them (section 12). */

import { type Context, normalApcs, top } from "./context.ts";
import { type Endings, endingsOf, noEndings } from "./endings.ts";
import { contextOf, firstState } from "./first.ts";
import { type Edge, type Hang, hangsOf } from "./hangs.ts";
import { deliver, isDeliverable } from "./rules/apcs.ts";
import { fallDue, strayDue } from "./rules/timers.ts";
import { breakOff } from "./rules/waits.ts";
import { rules } from "./rules.ts";
import { indexed, labelled, type Scenario, Unsupported } from "./scenario.ts";
import { Bound, Crash, copied, type State, type Thread, textOf } from "./state.ts";
import { stop, stopAt } from "./stops.ts";
import { inEachWay } from "./ways.ts";

export interface Answer {
  /** Why there is none: a part of the scenario without a rule, or a limit. */
  readonly unanswered?: string;
  readonly states: number;
  /** Of the model, by name, where they cut runs short. */
  readonly bounds: readonly string[];
  readonly crashes: readonly string[];
  readonly effects: readonly string[];
  readonly hangs: readonly Hang[];
  /** Of each call, whether some run begins it. */
  readonly reached: ReadonlyMap<string, boolean>;
  readonly marks: readonly string[];
  readonly endings: Endings;
}

export interface Move {
  readonly t: string;
  readonly how: "step" | "stop" | "timeout" | "terminated" | "due" | "stray";
}

const stepsMax = 20_000;

/** The local steps of a thread, up to where others can come in between. */
function runLocal(c: Context, t: Thread): void {
  for (let n = 0; n < stepsMax; n++) {
    if (isDeliverable(t)) deliver(c, t);
    const task = top(t);
    if (task === undefined || t.ended || !t.begun) return;
    const rule = rules[task.k];
    if (rule === undefined) throw new Error(`no rule for ${task.k}`);
    const visible =
      typeof rule.visible === "function" ? rule.visible(c, t, task) : rule.visible === true;
    if (visible) return;
    t.todo.pop();
    rule.run(c, t, task);
  }
  throw new Bound("local steps");
}

function settle(c: Context, first: readonly string[]): void {
  for (const id of first) runLocal(c, c.state.threads[id]);
  for (let i = 0; i < c.woken.length; i++) runLocal(c, c.state.threads[c.woken[i]]);
}

export function movesOf(c: Context): Move[] {
  const moves: Move[] = [];
  for (const id of Object.keys(c.state.threads).sort()) {
    const t = c.state.threads[id];
    const task = top(t);
    if (task === undefined || t.ended || !t.begun) continue;
    const enabled = rules[task.k].enabled?.(c, t, task) ?? true;
    const stops = enabled ? stopAt(c, t, task) : "no";
    if (stops !== "no") moves.push({ t: id, how: "stop" });
    if (enabled && stops !== "has to") moves.push({ t: id, how: "step" });
    const waits = task.k === "waiting" || task.k === "replied" || (task.k === "take" && !enabled);
    if (waits && task.timeout !== "none" && (task.timeout !== 0 || task.k === "replied"))
      moves.push({ t: id, how: "timeout" });
    const breakable = task.user === true || task.alertable === true || task.isBreakable === true;
    // Who stands before a fetch need not have begun it: an entry that lies there keeps nobody.
    const stands = waits || task.k === "take";
    if (stands && breakable && t.told && normalApcs(t)) moves.push({ t: id, how: "terminated" });
    const section = task.k === "acquire" && task.type === "CRITICAL_SECTION";
    if (section && t.told && !t.leaving && normalApcs(t)) moves.push({ t: id, how: "terminated" });
  }
  for (const key of Object.keys(c.state.things).sort()) {
    if (c.state.things[key].due === true) moves.push({ t: key, how: "due" });
  }
  for (const place of c.state.strayTimers.keys()) moves.push({ t: String(place), how: "stray" });
  return moves;
}

function make(c: Context, { t: id, how }: Move): void {
  if (how === "due") {
    fallDue(c, id);
    return settle(c, []);
  }
  if (how === "stray") return strayDue(c, Number(id));
  const t = c.state.threads[id];
  if (how === "stop") stop(c, t);
  else if (how === "step") {
    const task = t.todo.pop();
    if (task === undefined) throw new Error("a step");
    rules[task.k].run(c, t, task);
  } else {
    c.marks.add(`wait ends by ${how}`);
    breakOff(c, t, how);
  }
  settle(c, [id]);
}

export function explored(scenario: Scenario, statesMax: number): Answer {
  const crashes = new Set<string>();
  const effects = new Set<string>();
  const marks = new Set<string>();
  const reached = new Map<string, boolean>();
  const failed = (unanswered: string, states = 0): Answer => ({
    unanswered,
    states,
    bounds: [],
    crashes: [...crashes],
    effects: [],
    hangs: [],
    reached,
    marks: [...marks],
    endings: noEndings,
  });
  try {
    const code = indexed(labelled(scenario));
    code.statements.forEach(({ kind }, op) => {
      if (kind === "call") reached.set(code.opIds[op], false);
    });
    const states: State[] = [];
    const edges: Edge[][] = [];
    const ended: boolean[] = [];
    const known = new Map<string, number>();
    const bounds = new Set<string>();
    const placeOf = (state: State): number => {
      const text = textOf(state);
      const place = known.get(text);
      if (place !== undefined) return place;
      known.set(text, states.length);
      states.push(state);
      edges.push([]);
      ended.push(false);
      return states.length - 1;
    };
    /** Goes one way, and then all others that its choices leave open. */
    const eachWay = (
      from: State,
      go: (c: Context) => void,
      done: (c: Context | undefined) => void,
    ): void => {
      inEachWay((choose) => {
        const c = contextOf(code, copied(from), choose);
        try {
          go(c);
          done(c);
        } catch (error) {
          if (error instanceof Crash)
            crashes.add(`${error.kind} ${error.op === undefined ? "" : code.opIds[error.op]}`);
          else if (error instanceof Bound) bounds.add(error.message);
          else throw error;
          done(undefined);
        }
        for (const one of c.effects) effects.add(one);
        for (const one of c.marks) marks.add(one);
        for (const op of c.reached) {
          reached.set(code.opIds[op], true);
        }
      });
    };
    const first = firstState(code);
    eachWay(
      first,
      (c) => settle(c, Object.keys(c.state.threads)),
      (c) => {
        if (c !== undefined) placeOf(c.state);
      },
    );
    for (let at = 0; at < states.length; at++) {
      if (states.length > statesMax) return failed("more states than the limit", states.length);
      const from = states[at];
      for (const move of movesOf(contextOf(code, from, () => 0))) {
        eachWay(
          from,
          (c) => make(c, move),
          (c) => {
            if (c === undefined) ended[at] = true;
            else edges[at].push({ t: move.t, to: placeOf(c.state), completed: c.completed });
          },
        );
      }
    }
    return {
      states: states.length,
      bounds: [...bounds].sort(),
      crashes: [...crashes].sort(),
      effects: [...effects].sort(),
      hangs: hangsOf(code, { states, edges, ended }),
      reached,
      marks: [...marks],
      endings: endingsOf(code, states, edges, ended),
    };
  } catch (error) {
    if (error instanceof Unsupported) return failed(error.message);
    throw error;
  }
}
