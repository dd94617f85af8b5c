/** Standard output, and how text on it looks. */
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

export function print(text: string): void {
  process.stdout.write(text);
}

/** The one line that `--json` is about. */
export function printJsonLine(value: unknown): void {
  print(`${JSON.stringify(value)}\n`);
}
