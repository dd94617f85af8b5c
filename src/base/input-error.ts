/**
 * A fault of the user's input: a driver file, a corpus file, an option.
 *
 * `message` is one line, `place: reason`, fit to be printed without a stack.
 */
export class InputError extends Error {
  override readonly name = "InputError";
  /** Where: `acme.driver.ts:12`, `drivers[0].routines[2]`, `--seed`. */
  readonly place: string;
  /** What is wrong there, and if possible what would be right. */
  readonly reason: string;

  constructor(place: string, reason: string, options?: ErrorOptions) {
    const clippedPlace = clipped(place, placeMax);
    const oneLine = clipped(reason.trim().replace(lineBreaks, " "), reasonMax);
    super(`${clippedPlace}: ${oneLine}`, options);
    this.place = clippedPlace;
    this.reason = oneLine;
  }
}

const clipped = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max)}…`;

/** Characters: what quotes a file, or a name of one that a file says, is not to be as long as one. */
const reasonMax = 1_000;
const placeMax = 1_000;

/** All that a terminal or an editor may take for the end of a line, with the space around it. */
const lineBreaks = /\s*[\n\r\v\f\u0085\u2028\u2029]+\s*/g;
