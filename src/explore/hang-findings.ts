/** Hangs and crashes: of a searched graph, and of a run after which nothing can move. */
import { bounds } from "../base/bounds.ts";
import type { Chain } from "../judge/chain.ts";
import { isEndlessRequest } from "../judge/endless-requests.ts";
import { isEndedLater } from "../judge/later-events.ts";
import { crashTarget, hangTarget, type Target, targetKey } from "../judge/mechanism.ts";
import { movingThreads, stuckThreads } from "../judge/stuck.ts";
import { activityOf } from "../judge/thread-activity.ts";
import type { RuleShape } from "../language/shape.ts";
import { H, Status, T } from "../machine/layout.ts";
import { requestsLock } from "../machine/lock-requests.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { findHangs, type Hang } from "./hangs.ts";
import type { Observation } from "./observation.ts";
import type { Graph } from "./search.ts";
import { get } from "./store.ts";
import { crashEffects, hangEffects, rulesOver } from "./told-effects.ts";
import { witness } from "./witness.ts";

/**
 * Hangs and crashes of a searched graph, the nearest of each kind. With `hereOnly`, just those of
 * the state that the search began in, without their runs.
 */
export function graphFindings(
  graph: Graph,
  rules: readonly RuleShape[] = [],
  hereOnly = false,
): Observation[] {
  const { machine, store } = graph;
  const seen = new Map<string, Observation>();
  const timed = machine.timed;
  const codesTo = (state: number): readonly number[] =>
    hereOnly ? [] : witness(graph, state).codes;
  for (const state of hereOnly ? [] : graph.crashes) {
    get(store, state);
    const target = crashTarget(machine);
    if (target === undefined || seen.has(targetKey(target))) continue;
    // Asked before the way there, which moves the machine.
    const broken = rulesOver(crashEffects(machine), rules);
    seen.set(targetKey(target), { target, timed, codes: codesTo(state), rules: broken });
  }
  const byState = new Map<number, Hang[]>();
  const { hangs: found, isCut } = findHangs(graph, bounds.hangStates.max);
  if (isCut && !hereOnly) graph.bounds.add("hangStates");
  for (const hang of found) {
    if (hereOnly && hang.state !== 0) continue;
    byState.set(hang.state, [...(byState.get(hang.state) ?? []), hang]);
  }
  for (const [state, hangs] of byState) {
    get(store, state);
    for (const { target, effects } of primaryHangs(machine, hangs)) {
      if (seen.has(targetKey(target))) continue;
      seen.set(targetKey(target), {
        target,
        timed,
        codes: codesTo(state),
        rules: rulesOver(effects, rules),
      });
      get(store, state);
    }
  }
  return [...seen.values()];
}

/**
 * Of the threads that hang in one state, those that the others wait for: who waits behind a hung
 * thread is its victim, not another finding. In a circle all wait behind all, and one stands for it.
 */
function primaryHangs(
  m: Machine,
  hangs: readonly Omit<Hang, "state">[],
): { target: Target; effects: readonly string[] }[] {
  const ofKind = (wanted: Hang["kind"]) =>
    hangs
      .filter(({ kind }) => kind === wanted)
      .map((hang) => ({ hang, ...hangTarget(m, hang.thread, hang.kind, hang.blocked) }));
  const roots = ofKind("root").filter(({ hang, chain }) => !isNobodysHarm(m, hang, chain));
  // An item that never ends counts by itself only where no root hangs.
  const owed = roots.length > 0 ? roots : ofKind("item");
  const onChains = new Set(owed.flatMap(({ chain }) => chain.threads));
  // A request that nobody waits for takes nothing from those who wait.
  const found = [...owed, ...ofKind("request").filter(({ hang }) => !onChains.has(hang.thread))];
  // Who hangs in no driver's code is no finding, and so takes none from who waits for him.
  const told = found.filter(({ target }) => target.identity !== "");
  const chains = new Map(told.map((t) => [t.hang.thread, t]));
  return told
    .filter(({ hang, chain, target }) => {
      return !chain.threads.slice(1).some((other) => {
        const behind = chains.get(other);
        if (behind === undefined || other === hang.thread) return false;
        // Who moves keeps a processor busy: that is told, whatever he moves behind.
        if (!behind.chain.threads.includes(hang.thread))
          return target.outcome !== "livelock" || behind.target.outcome !== "deadlock";
        return circleKey(behind.target) < circleKey(target);
      });
    })
    .map(({ hang, chain, target }) => ({
      target,
      effects:
        hang.kind === "item"
          ? ["workItemNeverEnds"]
          : chain.startsInCallback
            ? hangEffects(chain.first)
            : [],
    }));
}

/**
 * Who is owed nothing and stands before a lock: one of user mode is its program's own affair, where
 * nobody outside waits behind it; and who keeps another may have it until the next event comes.
 */
const isNobodysHarm = (
  m: Machine,
  { thread }: Omit<Hang, "state">,
  { threads, awaitsWorker }: Chain,
): boolean =>
  m.words[baseOf(m, thread) + T.roots] === 0 &&
  (activityOf(m, thread) === "service" || isEndedLater(m, threads, awaitsWorker));

/** In a circle, who moves stands for those who wait: what he polls says how it began. */
const circleKey = (target: Target): string =>
  `${target.outcome === "livelock" ? 0 : 1}${targetKey(target)}`;

/** Whether so many threads move that a search of what can follow is not likely to end. */
export const isCrowded = (m: Machine): boolean => movingThreads(m).size > bounds.movingThreads.max;

/**
 * What hangs however the others go on: beside threads that run on for ever, too. The machine is one
 * without times.
 */
export const stuckHangs = (
  m: Machine,
  timed: boolean,
  codes: readonly number[],
  rules: readonly RuleShape[] = [],
): Observation[] => quietHangs(m, timed, codes, rules, stuckThreads(m));

/** Nothing at all is enabled, or none of these can move again: what they are owed they never get. */
export function quietHangs(
  m: Machine,
  timed: boolean,
  codes: readonly number[],
  rules: readonly RuleShape[] = [],
  still?: ReadonlySet<number>,
): Observation[] {
  const hangs: Omit<Hang, "state">[] = [];
  for (let thread = 0; thread < m.program.threads.length; thread++) {
    if (still !== undefined && !still.has(thread)) continue;
    const base = baseOf(m, thread);
    const status = m.words[base + T.status];
    if (status !== Status.ready && status !== Status.waiting) continue;
    if (m.words[H.bound] !== 0) continue;
    if (isEndlessRequest(m, thread)) hangs.push({ thread, kind: "request", blocked: true });
    const item = m.words[base + T.items] > 0;
    if (m.words[base + T.roots] > 0 || (!item && requestsLock(m, thread)))
      hangs.push({ thread, kind: "root", blocked: true });
    else if (item) hangs.push({ thread, kind: "item", blocked: true });
  }
  if (hangs.length === 0) return [];
  return primaryHangs(m, hangs).map(({ target, effects }) => ({
    target,
    timed,
    codes,
    rules: rulesOver(effects, rules),
  }));
}
