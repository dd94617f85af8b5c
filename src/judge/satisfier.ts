/** Those who could end a wait, as a state has them: see `Ender` for what is told of them. */
import type { Relation } from "./finding.ts";

/**
 * Somebody who could end a wait; `by`: the routine that he would have to start for it; `endDoes`: the
 * end of his process would do it, too; `object`: by what, as an index, where several are waited for.
 */
export type Satisfier = { readonly object?: number } & (
  | {
      readonly kind: "thread";
      readonly thread: number;
      readonly relation: Relation;
      readonly by?: number;
      readonly endDoes?: boolean;
    }
  | {
      readonly kind: "item";
      readonly queue: number;
      readonly index: number;
      readonly routine: number;
      readonly by?: number;
    }
  /** The DPC of a timer that is set. */
  | {
      readonly kind: "timer";
      readonly timer: number;
      readonly routine: number;
      readonly by?: number;
    }
);

/** One who has not begun. */
export type Started = Exclude<Satisfier, { readonly kind: "thread" }>;
