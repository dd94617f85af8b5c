/**
 * What work counts for. A budget is in transitions of an ordinary program; where the parts of a state
 * are many, each transition takes as much longer, and counts for more. The count depends on the
 * program and the states alone, never on a clock.
 */
import type { Program } from "../machine/program.ts";

/** Objects and threads that a transition goes through for the price of one. */
const partsOfTransition = 96;
/** Steps of choosing a renaming for the price of one transition. */
export const workOfTransition = 4_096;
/** Instructions that are compiled for the price of one transition. */
const instructionsOfTransition = 64;

/** Transitions that one of this program counts for. */
export const weightOf = ({ components }: Program): number =>
  Math.max(1, Math.floor(components.length / partsOfTransition));

/** Transitions that compiling the program, and making a machine for it, counts for. */
export const weightOfCompiling = ({ code, initial }: Program): number =>
  Math.floor((code.length / 8 + initial.length / 8) / instructionsOfTransition);
