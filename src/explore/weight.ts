/**
 * What work counts for. A budget is in transitions of an ordinary program; where the parts of a state
 * are many, each transition takes as much longer, and counts for more. The count depends on the
 * program and the states alone, never on a clock.
 */
import type { Machine } from "../machine/machine.ts";
import { stride } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";

/** Objects and threads that a transition goes through for the price of one. */
const partsOfTransition = 96;
/** Steps of choosing a renaming for the price of one transition. */
export const workOfTransition = 4_096;
/** Instructions that are compiled for the price of one transition. */
const instructionsOfTransition = 64;
/** Instructions and words of state that an ordinary program has at most. */
const ordinary = { instructions: 1_024, words: 65_536 };
/** What is beyond that takes longer: each of these for the price of one transition. */
const beyondOfTransition = { instructions: 2, words: 16 };
/** What is traced takes so many times as long as what only runs. */
const tracing = 8;

/** Transitions that one of this program counts for. */
export const weightOf = ({ components }: Program): number =>
  Math.max(1, Math.floor(components.length / partsOfTransition));

/** Transitions that compiling the program, and making a machine for it, counts for. */
export function weightOfCompiling({ code, initial }: Program): number {
  const instructions = code.length / stride;
  const beyond =
    Math.max(0, instructions - ordinary.instructions) / beyondOfTransition.instructions +
    Math.max(0, initial.length - ordinary.words) / beyondOfTransition.words;
  return Math.floor((instructions + initial.length / 8) / instructionsOfTransition + beyond);
}

/** Transitions that a run's trace counts for, beyond those of an ordinary program's. */
export const weightOfTrace = ({ program, work }: Machine, steps: number): number =>
  work * tracing + steps * (weightOf(program) - 1);
