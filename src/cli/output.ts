/** Standard output and error, and how text on them looks. */
import { printable, printableJson, visible } from "../report/printable.ts";
import type { TextOptions } from "../report/text.ts";

/** Columns of a page where no terminal says otherwise, and at most: long lines read badly. */
const widthDefault = 100;
const widthMax = 120;

/** Colours on a terminal, unless NO_COLOR; elsewhere only with FORCE_COLOR. */
export function style(): TextOptions {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  const forced = FORCE_COLOR !== undefined && FORCE_COLOR !== "" && FORCE_COLOR !== "0";
  const terminal = process.stdout.isTTY === true && TERM !== "dumb";
  return {
    colours: !NO_COLOR && (forced || terminal),
    width: Math.min(widthMax, process.stdout.columns || widthDefault),
  };
}

/** Lines for people on standard output. Nothing else writes there, so that nothing slips past. */
export function print(text: string): void {
  process.stdout.write(printable(text, style().colours));
}

/** The same on standard error, in no colours. */
export function warn(text: string): void {
  process.stderr.write(printable(text));
}

/** What CI is to act on: lines that `githubCommand` made. @param aside On standard error. */
export function printMarks(lines: string, aside: boolean): void {
  (aside ? process.stderr : process.stdout).write(visible(lines));
}

/** The one line that `--json` is about. */
export function printJsonLine(value: unknown): void {
  process.stdout.write(`${printableJson(value)}\n`);
}
