/** What is kept of a scenario in which both agree, for all mutants. */
import type { Told } from "../adapter.ts";
import type { Endings } from "../endings.ts";
import type { Answer } from "../explore.ts";
import type { Scenario } from "../scenario.ts";
import { digestOf } from "./digest.ts";
import type { Took } from "./timed.ts";

export interface Kept {
  /** Of the case. */
  readonly name: string;
  /** Where it is not drawn. */
  readonly given?: Scenario;
  readonly answer: Omit<Answer, "reached"> & { readonly reached: readonly [string, boolean][] };
  /** How long roots take, where the two were compared in time. */
  readonly took?: Took;
  /** For all states that can be reached, and for all steps. */
  readonly states: string;
  readonly steps: string;
  /** What the model itself counted: states without times, and all that it came to. */
  readonly counted: Counted;
  /** Places in the text at which some thread stands. */
  readonly stood: readonly string[];
  /** Mutants, by their places in the list, whose text the model ran. */
  readonly runs: readonly number[];
}

/** What a scenario costs the model, and what it tells of times: no part of the comparison. */
export interface Counted {
  readonly states: number;
  readonly timed: string;
}

export const countedOf = ({ states, timed }: Told): Counted => ({ states, timed });

export const packed = (answer: Answer): Pick<Kept, "answer" | "states" | "steps"> => ({
  answer: {
    ...answer,
    reached: [...answer.reached],
    endings: { ...answer.endings, views: [], steps: [] },
  },
  states: digestOf(answer.endings.views),
  steps: digestOf(answer.endings.steps),
});

/** As the oracle answered; of its states and steps no more is known than whether they are these. */
export const unpacked = (
  { answer, states, steps }: Kept,
  { views, steps: taken }: Endings,
): Answer => ({
  ...answer,
  reached: new Map(answer.reached),
  endings: {
    ...answer.endings,
    views: digestOf(views) === states ? views : ["others"],
    steps: digestOf(taken) === steps ? taken : ["others"],
  },
});
