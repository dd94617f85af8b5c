/** The shape of a fact: one thing that Loophole takes to be true of Windows. */

/** The weakest link that the sentence, as worded, rests on. */
export type Confidence = "documented" | "source-read" | "inferred";

/**
 * - `yes`: the model behaves so;
 * - `option`: sources disagree or are silent, and the model has a default that `says` names;
 * - `later`: belongs to a family or a mechanism that is not modelled yet;
 * - `no`: left out on purpose.
 */
export type Modelled = "yes" | "option" | "no" | "later";

export interface Fact {
  /** Never changes: code, tests and reports cite it. */
  readonly id: string;
  /** In our own words. */
  readonly says: string;
  /** Where anybody can read it. */
  readonly source: string;
  readonly confidence: Confidence;
  readonly modelled: Modelled;
  /** Of a modelled fact: the part that is still missing. */
  readonly lacks?: string;
  /** The file or folder that carries it. */
  readonly where?: string;
}
