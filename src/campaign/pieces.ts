/**
 * The pieces that the work of a check falls into. Each depends on nothing but itself and is plain
 * data, so that any thread can do it; their results are taken in a fixed order, whoever was first.
 */
import { type Observed, observe } from "../explore/observe.ts";
import type { Suspicion } from "../explore/suspicions.ts";
import { weightOfCompiling } from "../explore/weight.ts";
import { compileScenario } from "../windows/compile-scenario.ts";
import { languageOf } from "../windows/language.ts";
import type { Scenario } from "../windows/scenario.ts";
import { foundOf } from "./found-of.ts";
import type { Found } from "./report.ts";
import { type Case, type Small, smallestOf } from "./smallest.ts";

interface LookPiece {
  readonly kind: "look";
  readonly scenario: Scenario;
  /** Transitions of the machine. */
  readonly slice: number;
  readonly seed: string;
  /** Runs that an earlier look could not settle. */
  readonly suspicions?: readonly Suspicion[];
}

interface ShrinkPiece {
  readonly kind: "shrink";
  /** What was seen of one target, by what the worlds need. */
  readonly cases: readonly Case[];
  readonly seed: string;
  /** Transitions of the machine, over all attempts. */
  readonly budget: number;
}

/** Both in one: nothing else has to be known before it is told. */
interface SettlePiece extends Omit<ShrinkPiece, "kind"> {
  readonly kind: "settle";
}

/** What is left of a scenario, to be told. */
interface TellPiece {
  readonly kind: "tell";
  readonly small: Small;
}

export interface Looked extends Omit<Observed, "reached"> {
  /** Operations that some run has to reach, and those that these runs reached. */
  readonly counting: readonly string[];
  readonly reached: readonly string[];
  /** Threads of the program. */
  readonly size: number;
  /** What compiling it counts for. */
  readonly compiling: number;
  /** A stop came while it was under way: what is here is not all. */
  readonly isBroken: boolean;
}

export interface Settled {
  readonly small: Small;
  readonly found: Found;
}

interface Kinds {
  readonly look: { readonly piece: LookPiece; readonly result: Looked };
  readonly shrink: { readonly piece: ShrinkPiece; readonly result: Small };
  readonly settle: { readonly piece: SettlePiece; readonly result: Settled };
  readonly tell: { readonly piece: TellPiece; readonly result: Found };
}

export type Piece = Kinds[keyof Kinds]["piece"];
export type PieceResult = Kinds[keyof Kinds]["result"];

/** Pieces to be done in any order, whose results are taken in this one until `take` has enough. */
export interface Batch {
  readonly pieces: readonly Piece[];
  take(result: PieceResult, index: number): boolean;
}

/** Work that falls into pieces: hands out batch after batch, and comes to its result. */
export type Work<R> = Generator<Batch, R, void>;

/** @param take Returns whether results behind this one are still wanted. */
export const batchOf = <K extends keyof Kinds>(
  pieces: readonly Kinds[K]["piece"][],
  take: (result: Kinds[K]["result"], index: number) => boolean,
): Batch => ({ pieces, take: (result, index) => take(result, index) });

export function doPiece(piece: Piece, shouldStop?: () => boolean): PieceResult {
  switch (piece.kind) {
    case "look":
      return look(piece, shouldStop);
    case "shrink":
      return smallestOf(piece.cases, piece.seed, piece.budget);
    case "settle": {
      const small = smallestOf(piece.cases, piece.seed, piece.budget);
      return { small, found: foundOf(small) };
    }
    case "tell":
      return foundOf(piece.small);
  }
}

function look(
  { scenario, slice, seed, suspicions }: LookPiece,
  shouldStop?: () => boolean,
): Looked {
  const program = compileScenario(scenario);
  const { rules } = languageOf(scenario.drivers);
  const { reached, ...seen } = observe(program, {
    budget: slice,
    seed,
    rules,
    suspicions,
    stop: shouldStop,
  });
  const counting = program.sites.flatMap(({ counts, owner, opId }) =>
    counts === true ? [`${owner}: ${opId}`] : [],
  );
  return {
    ...seen,
    counting: [...new Set(counting)],
    reached: [...reached],
    size: program.threads.length,
    compiling: weightOfCompiling(program),
    isBroken: shouldStop?.() === true,
  };
}

/** Does the work in this thread, piece by piece. */
export function inThisThread<R>(work: Work<R>, shouldStop?: () => boolean): R {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    const { pieces, take } = step.value;
    pieces.every((piece, i) => take(doPiece(piece, shouldStop), i));
  }
}
