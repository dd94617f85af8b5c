/** What is kept of a scenario in which both agree, for all mutants. */
import type { Told } from "../adapter.ts";
import type { Answer } from "../explore.ts";

export interface Kept {
  readonly seed: number;
  readonly answer: Omit<Answer, "reached"> & { readonly reached: readonly [string, boolean][] };
  /** What the model itself counted: states without times, and all that it came to. */
  readonly counted: Counted;
  /** Mutants, by their places in the list, whose text the model ran. */
  readonly runs: readonly number[];
}

/** What a scenario costs the model, and what it tells of times: no part of the comparison. */
export interface Counted {
  readonly states: number;
  readonly timed: string;
}

export const countedOf = ({ states, timed }: Told): Counted => ({ states, timed });

export const packed = (answer: Answer): Kept["answer"] => ({
  ...answer,
  reached: [...answer.reached],
});

export const unpacked = (answer: Kept["answer"]): Answer => ({
  ...answer,
  reached: new Map(answer.reached),
});
