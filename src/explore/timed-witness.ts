/** A witness found without times is looked for with them: then no timing of ours excuses it. */
import { randomFrom, seedFrom } from "../base/random.ts";
import { sameTarget, type Target } from "../judge/mechanism.ts";
import { createMachine } from "../machine/machine.ts";
import type { Program } from "../machine/program.ts";
import { defaultSource, randomWalk } from "./choices.ts";
import { graphFindings, type Observation, quietHangs } from "./observe.ts";
import { run } from "./run.ts";
import { search } from "./search.ts";

const runsMax = 40;
const stepMax = 2_000;

export function timedWitness(
  program: Program,
  target: Target,
  budget: number,
  seed: string,
): Observation | undefined {
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
    const seen = quietHangs(m, true, codes).find((o) => sameTarget(o.target, target));
    if (seen !== undefined) return seen;
  }
  const graph = search(createMachine(program, true), { budget });
  return graphFindings(graph).find((o) => sameTarget(o.target, target));
}
