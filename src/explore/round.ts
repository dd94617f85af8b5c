/** A livelock's run, gone on with for a round: what moves for ever shows in its steps. */
import { bounds } from "../base/bounds.ts";
import { pollOf } from "../judge/poll.ts";
import { T, threadOf } from "../machine/layout.ts";
import { baseOf, createMachine, type Machine } from "../machine/machine.ts";
import type { Program } from "../machine/program.ts";
import { defaultPick, followCodes } from "./choices.ts";
import { run } from "./run.ts";

const roundMax = bounds.roundSteps.max;

/**
 * The codes with those of one round of a thread behind them: until it looks again at what it polls,
 * or comes back to where it was. `mover` says which thread that is, at the end of the codes.
 */
export function withRound(
  program: Program,
  timed: boolean,
  codes: readonly number[],
  mover: (m: Machine) => number | undefined,
): readonly number[] {
  const m = createMachine(program, timed);
  const all: number[] = [];
  const follow = followCodes(codes);
  let thread: number | undefined;
  let mark = 0;
  let passes = 0;
  const begins = (): void => {
    thread = mover(m);
    if (thread === undefined) return;
    const at = m.words[baseOf(m, thread) + T.pc];
    mark = pollOf(m, thread)?.pc ?? at;
    passes = at === mark ? 1 : 0;
  };
  const isRound = (): boolean => {
    if (thread === undefined) return true;
    if (threadOf(all[all.length - 1]) !== thread) return false;
    if (m.words[baseOf(m, thread) + T.pc] === mark) passes++;
    return passes > 1;
  };
  run(
    m,
    {
      pick(_, last) {
        if (all.length < codes.length) return follow.pick(m, last);
        for (let i = 0; i < m.count; i++) if (threadOf(m.codes[i]) === thread) return i;
        return defaultPick(m, last);
      },
    },
    {
      stepMax: codes.length + roundMax,
      onDecision: (_, index) => all.push(m.codes[index]),
      stop() {
        if (all.length < codes.length) return false;
        if (all.length > codes.length) return isRound();
        begins();
        return thread === undefined;
      },
    },
  );
  return all;
}
