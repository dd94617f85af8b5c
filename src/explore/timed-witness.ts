/** A witness found without times is looked for with them: then no timing of ours excuses it. */
import { bounds } from "../base/bounds.ts";
import { randomFrom, seedFrom } from "../base/random.ts";
import { hangTarget, sameTarget, type Target } from "../judge/mechanism.ts";
import { H } from "../machine/layout.ts";
import { createMachine } from "../machine/machine.ts";
import type { Program } from "../machine/program.ts";
import { defaultSource, randomWalk } from "./choices.ts";
import { quietHangs } from "./hang-findings.ts";
import { findHangs } from "./hangs.ts";
import { run } from "./run.ts";
import { search } from "./search.ts";
import { get, put } from "./store.ts";
import { witness } from "./witness.ts";

const runsMax = bounds.witnessRuns.max;
const stepMax = bounds.witnessSteps.max;
const hangsMax = bounds.witnessStates.max;

/** Codes of a timed run that ends in a state where the untimed search shows the target. */
export function timedWitness(
  program: Program,
  target: Target,
  budget: number,
  seed: string,
): readonly number[] | undefined {
  const random = randomFrom(seedFrom(seed));
  for (let i = 0; i < runsMax; i++) {
    const m = createMachine(program, true);
    const codes: number[] = [];
    const source = i === 0 ? defaultSource : randomWalk(random);
    const end = run(m, source, {
      stepMax,
      onDecision: (machine, index) => codes.push(machine.codes[index]),
    });
    if (!end.quiet) continue;
    if (quietHangs(m, true, codes).some((o) => sameTarget(o.target, target))) return codes;
  }
  // Beside threads that run on nothing is ever quiet: the hung states are known from the untimed
  // graph, and a timed run has to come to one of them.
  const untimed = search(createMachine(program, false), { budget });
  const wanted = new Set<number>();
  for (const hang of findHangs(untimed, hangsMax).hangs) {
    get(untimed.store, hang.state);
    if (
      sameTarget(hangTarget(untimed.machine, hang.thread, hang.kind, hang.blocked).target, target)
    ) {
      wanted.add(hang.state);
    }
  }
  if (wanted.size === 0) return undefined;
  let found = -1;
  const timed = createMachine(program, true);
  const graph = search(timed, {
    budget,
    found(state) {
      untimed.machine.words.set(timed.words);
      untimed.machine.words[H.floating] = 0;
      if (wanted.has(put(untimed.store))) found = state;
      return found >= 0;
    },
  });
  return found < 0 ? undefined : witness(graph, found).codes;
}
