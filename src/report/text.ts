/** Text for terminals and logs: wrapping, numbers, words. Deterministic; colours only when asked. */
import pc from "picocolors";

export interface TextOptions {
  readonly colours: boolean;
  /** Columns; 100 unless told, never under 40. */
  readonly width?: number;
}

export type Paint = ReturnType<typeof pc.createColors>;
export type Style = (text: string) => string;

/** What a part of a report is written on. */
export interface Page {
  readonly width: number;
  readonly paint: Paint;
}

const widthDefault = 100;
const widthMin = 40;

export const pageOf = ({ colours, width = widthDefault }: TextOptions): Page => ({
  width: Math.max(widthMin, Math.floor(width)),
  paint: pc.createColors(colours),
});

/** A space at which no line breaks; `finish` makes it an ordinary one. */
export const glue = "\u00a0";

/** Columns that a text takes. */
export const columns = (text: string): number => [...text].length;

/** Lines as one text: no spaces at line ends, a line break behind each. */
export const finish = (lines: readonly string[]): string =>
  `${lines.map((line) => line.replaceAll(glue, " ").trimEnd()).join("\n")}\n`;

/** What a file says cannot move the cursor or change colours. */
export const harmless = (text: string): string => text.replace(/\p{Cc}+/gu, " ");

interface Wrapping {
  readonly first?: string;
  readonly rest?: string;
  readonly chop?: boolean;
}

/**
 * Breaks a text between its words. `first` begins the first line and `rest` the others. A word that
 * is longer than a line stays whole, or, if told to `chop`, is broken where C names have joints.
 */
export function wrap(text: string, width: number, how: Wrapping = {}): string[] {
  const { first = "", chop = false } = how;
  const { rest = first } = how;
  const lines: string[] = [];
  let line = first;
  let empty = true;
  const words = harmless(text)
    // A name and its number are one word.
    .replace(/(?<=\w) (?=\(\d{1,3}\))/g, glue)
    .split(/ +/)
    .filter((word) => word !== "");
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const room = width - columns(line) - (empty ? 0 : 1);
    if (columns(word) <= room || (empty && !chop)) {
      line += empty ? word : ` ${word}`;
      empty = false;
    } else if (!empty) {
      lines.push(line);
      line = rest;
      empty = true;
      words.unshift(word);
    } else {
      const at = joint(word, Math.max(1, room));
      lines.push(line + word.slice(0, at));
      line = rest;
      if (at < word.length) words.unshift(word.slice(at));
    }
  }
  return empty && lines.length > 0 ? lines : [...lines, line];
}

/** Between words, and behind what a C name can be broken at. */
export const joints = / +|(?<=[(,/\\_>-])/;

/** Where to break a word of which `room` characters fit. */
function joint(word: string, room: number): number {
  for (let at = room; at > room / 2; at--) {
    if (/[(,/\\_>-]/.test(word[at - 1])) return at;
  }
  return room;
}

/** Text in lines of the page's width, `indent` columns in. */
export const paragraph = (page: Page, text: string, indent = 2): string[] =>
  wrap(text, page.width, { first: " ".repeat(indent) });

/** A heading with a blank line before it. */
export const heading = (page: Page, text: string): string[] => ["", page.paint.bold(text)];

/** A term, then its text in a column of its own. */
export function entry(page: Page, term: string, text: string, termWidth: number): string[] {
  const first = `  ${harmless(term).padEnd(termWidth)}  `;
  return wrap(text, page.width, { first, rest: " ".repeat(termWidth + 4) });
}

/** 120 345 */
export const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, glue);

/** 1 world, 14 worlds */
export const counted = (n: number, noun: string): string =>
  `${grouped(n)}${glue}${noun}${n === 1 ? "" : "s"}`;

/** Milliseconds to the microsecond, for columns: 1 000.250 */
export function milliseconds(us: number): string {
  const sign = us < 0 ? "-" : "";
  const whole = Math.abs(Math.round(us));
  return `${sign}${grouped(Math.floor(whole / 1_000))}.${String(whole % 1_000).padStart(3, "0")}`;
}

/** A time as one says it, in two or three figures: 2.1 s, 340 ms, 15 µs. */
export function roughly(us: number): string {
  if (us >= 999_500) return `${rounded(us / 1_000_000)}${glue}s`;
  if (us >= 999.5) return `${rounded(us / 1_000)}${glue}ms`;
  return `${Math.round(us)}${glue}µs`;
}

const rounded = (n: number): string =>
  n >= 9.95 ? grouped(Math.round(n)) : String(Math.round(n * 10) / 10);

/** "every second", "every 100 ms" */
export const everyWords = (us: number): string =>
  us === 1_000_000 ? "every second" : `every ${roughly(us)}`;

/** "a", "a and b", "a, b and c" */
export function listed(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join("");
  return `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** For the middle of a sentence; "I/O" and names keep their capital. */
export const uncapitalised = (text: string): string =>
  /^[A-Z][a-z']* /.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;

/** The text with exactly one full stop. */
export const sentence = (text: string): string => `${text.replace(/[\s.]+$/, "")}.`;
