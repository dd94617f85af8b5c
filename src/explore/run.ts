/** One run: a scenario's program executed under a source of choices. */
import { enabled } from "../machine/enabled.ts";
import { threadOf } from "../machine/layout.ts";
import { isOver, type Machine, reset } from "../machine/machine.ts";
import { begin, step } from "../machine/step.ts";
import type { ChoiceSource } from "./choices.ts";

export interface RunOptions {
  /** Decisions, at most. */
  readonly stepMax: number;
  /** Called with each decision before it is taken: the index into `m.codes`. */
  readonly onDecision?: (m: Machine, index: number) => void;
  /** Asked after each step; true ends the run. */
  readonly stop?: (m: Machine) => boolean;
}

export interface RunEnd {
  readonly steps: number;
  /** Nothing was enabled; else the limit, `stop`, a crash or a bound ended the run. */
  readonly quiet: boolean;
}

export function run(m: Machine, source: ChoiceSource, options: RunOptions): RunEnd {
  reset(m);
  begin(m);
  let last = -1;
  for (let steps = 0; steps < options.stepMax; steps++) {
    if (enabled(m) === 0) return { steps, quiet: !isOver(m) };
    const index = source.pick(m, last);
    options.onDecision?.(m, index);
    last = threadOf(m.codes[index]);
    step(m, m.codes[index], m.times[index]);
    if (options.stop?.(m) === true) return { steps: steps + 1, quiet: false };
  }
  return { steps: options.stepMax, quiet: false };
}
