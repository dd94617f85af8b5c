/**
 * A hang found without times is looked for with them: then no timing of ours excuses it. Runs first,
 * some at random and some that keep near to the hang; then every run that can still come to it.
 */
import { bounds } from "../base/bounds.ts";
import { nextInt, type Random, randomFrom, seedFrom } from "../base/random.ts";
import { hangTarget, sameTarget, type Target } from "../judge/mechanism.ts";
import { createMachine, type Machine } from "../machine/machine.ts";
import type { Program } from "../machine/program.ts";
import { step } from "../machine/step.ts";
import { type ChoiceSource, defaultSource, randomWalk } from "./choices.ts";
import { searchToward } from "./guided-search.ts";
import { quietHangs } from "./hang-findings.ts";
import { findHangs } from "./hangs.ts";
import { type Nearness, nearnessIn, unknown } from "./nearness.ts";
import type { Observation } from "./observation.ts";
import { run } from "./run.ts";
import { type Graph, search } from "./search.ts";
import { get } from "./store.ts";

const runsMax = bounds.witnessRuns.max;
const stepMax = bounds.witnessSteps.max;
const hangsMax = bounds.witnessStates.max;
/** Of the budget one in so many is for a search that can prove nothing. */
const chanceShare = 4;

export interface TimedSearch {
  /** Codes of a run with times that ends where the target is seen. */
  readonly codes: readonly number[] | undefined;
  /** Where there is none: every run with times was searched. */
  readonly exhausted: boolean;
  /** Transitions of its searches. */
  readonly spent: number;
}

/**
 * @param hang What was found, with a run that shows it without times.
 * @param budget Transitions of each of the two searches, without times and with them.
 */
export function timedWitness(
  program: Program,
  hang: Pick<Observation, "target" | "codes">,
  budget: number,
  seed: string,
): TimedSearch {
  const { target } = hang;
  const random = randomFrom(seedFrom(seed));
  const m = createMachine(program, true);
  const isShown = ({ codes, quiet }: Recorded): boolean =>
    quiet && quietHangs(m, true, codes).some((one) => sameTarget(one.target, target));
  for (let i = 0; i < runsMax; i++) {
    const made = record(m, i === 0 ? defaultSource : randomWalk(random));
    if (isShown(made)) return { codes: made.codes, exhausted: false, spent: 0 };
  }
  // Beside threads that run on nothing is ever quiet: the hung states are known from the untimed
  // graph, or its run, and a timed run has to come to one of them.
  const untimed = search(createMachine(program, false), { budget, onlyWhole: true });
  const { wanted, isCut } = hungStates(untimed, target);
  const nearness = nearnessIn(untimed, wanted, hang.codes);
  const near = nearWalk(m, nearness, random);
  for (let i = 0; i < runsMax; i++) {
    const made = record(m, near, () => nearness.of(m) === 0);
    if (nearness.of(m) === 0 || isShown(made))
      return { codes: made.codes, exhausted: false, spent: untimed.spent };
  }
  const isKnown = untimed.complete && untimed.bounds.size === 0 && !isCut;
  // A search to the end says more than one that only may come upon a run.
  const room = isKnown ? budget : Math.ceil(budget / chanceShare);
  const { codes, isWhole, spent } = searchToward(m, nearness, room);
  return { codes, exhausted: isWhole && isKnown, spent: untimed.spent + spent };
}

function hungStates(
  graph: Graph,
  target: Target,
): { readonly wanted: ReadonlySet<number>; readonly isCut: boolean } {
  const wanted = new Set<number>();
  const { hangs, isCut } = findHangs(graph, hangsMax);
  for (const { state, thread, kind, blocked } of hangs) {
    get(graph.store, state);
    if (sameTarget(hangTarget(graph.machine, thread, kind, blocked).target, target))
      wanted.add(state);
  }
  return { wanted, isCut };
}

interface Recorded {
  readonly codes: readonly number[];
  readonly quiet: boolean;
}

function record(m: Machine, source: ChoiceSource, stop?: () => boolean): Recorded {
  const codes: number[] = [];
  const { quiet } = run(m, source, {
    stepMax,
    onDecision: (machine, index) => codes.push(machine.codes[index]),
    stop,
  });
  return { codes, quiet };
}

/** How often, of 4, a walk takes one of the steps that bring it nearest; else any that may. */
const nearest = 3;

/** Takes steps from which the wanted states can still be reached, the nearest first. */
function nearWalk(m: Machine, nearness: Nearness, random: Random): ChoiceSource {
  const kept = { words: m.words.slice(), clocks: m.clocks.slice() };
  return {
    pick() {
      const distances = distancesBehind(m, nearness, kept);
      const possible = distances.filter((d) => d !== Number.POSITIVE_INFINITY);
      const known = possible.filter((d) => d !== unknown);
      const least = Math.min(...known);
      const isAny = known.length === 0 || nextInt(random, 4) >= nearest;
      const chosen = distances.flatMap((d, i) =>
        (isAny ? d !== Number.POSITIVE_INFINITY || possible.length === 0 : d === least) ? [i] : [],
      );
      return chosen[nextInt(random, chosen.length)];
    },
  };
}

/**
 * By enabled transition: how near the state behind it is. The machine is left as it was, by way of
 * `words` and `clocks`.
 */
function distancesBehind(
  m: Machine,
  nearness: Nearness,
  { words, clocks }: Pick<Machine, "words" | "clocks">,
): number[] {
  words.set(m.words);
  clocks.set(m.clocks);
  const { skewUs, count } = m;
  return Array.from({ length: count }, (_, i) => {
    step(m, m.codes[i], m.times[i]);
    const distance = nearness.of(m);
    m.words.set(words);
    m.clocks.set(clocks);
    m.skewUs = skewUs;
    return distance;
  });
}
