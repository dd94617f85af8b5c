/**
 * An arbitrary of plain data: drawn in one go, and shrunk by reductions of the data itself, so that
 * a value from a file shrinks as well as one that was just drawn.
 */
import fc from "fast-check";
import { type Draw, drawFrom } from "./draw.ts";

export interface DataGrammar<T> {
  /** Draws a value; a small one when `small`. */
  readonly draw: (draw: Draw, small: boolean) => T;
  /** Whether a value is one of these, whoever made it. */
  readonly accepts: (value: unknown) => value is T;
  /** Smaller values of the same sort, the boldest steps first. */
  readonly smaller: (value: T) => Iterable<T>;
}

class DataArbitrary<T> extends fc.Arbitrary<T> {
  readonly #grammar: DataGrammar<T>;

  constructor(grammar: DataGrammar<T>) {
    super();
    this.#grammar = grammar;
  }

  generate(random: fc.Random, biasFactor: number | undefined): fc.Value<T> {
    const small = biasFactor !== undefined && random.nextInt(1, biasFactor) === 1;
    return new fc.Value(this.#grammar.draw(drawFrom(random), small), undefined);
  }

  canShrinkWithoutContext(value: unknown): value is T {
    return this.#grammar.accepts(value);
  }

  shrink(value: T): fc.Stream<fc.Value<T>> {
    const { smaller } = this.#grammar;
    function* values(): IterableIterator<fc.Value<T>> {
      for (const one of smaller(value)) yield new fc.Value(one, undefined);
    }
    return fc.stream(values());
  }
}

export const dataArbitrary = <T>(grammar: DataGrammar<T>): fc.Arbitrary<T> =>
  new DataArbitrary(grammar);
