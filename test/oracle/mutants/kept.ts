/** What is kept of a scenario in which both agree, for all mutants. */
import { createHash } from "node:crypto";
import type { Told } from "../adapter.ts";
import type { Answer } from "../explore.ts";
import type { Took } from "./timed.ts";

export interface Kept {
  readonly seed: number;
  readonly answer: Omit<Answer, "reached"> & { readonly reached: readonly [string, boolean][] };
  /** How long roots take, where the two were compared in time. */
  readonly took?: Took;
  /** For all states that can be reached. */
  readonly states: string;
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

const digestOf = (views: readonly string[]): string =>
  createHash("sha256").update(views.join("\n")).digest("base64");

export const packed = (answer: Answer): Pick<Kept, "answer" | "states"> => ({
  answer: {
    ...answer,
    reached: [...answer.reached],
    endings: { ...answer.endings, views: [] },
  },
  states: digestOf(answer.endings.views),
});

/** As the oracle answered; of its states no more is known than whether they are these. */
export const unpacked = ({ answer, states }: Kept, views: readonly string[]): Answer => ({
  ...answer,
  reached: new Map(answer.reached),
  endings: { ...answer.endings, views: digestOf(views) === states ? views : ["others"] },
});
