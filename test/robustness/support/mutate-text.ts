/** Mutations of a text, whatever it means: what editors, disks and tired people do to files. */
import { nextInt, type Random } from "../../../src/base/random.ts";
import { oneOf, place } from "./draw.ts";
import { strangeValue } from "./values.ts";

type Mutation = (text: string, random: Random) => string;

const insert = (text: string, at: number, what: string): string =>
  text.slice(0, at) + what + text.slice(at);

/** One match of a pattern, replaced. */
function replaceOne(
  text: string,
  pattern: RegExp,
  random: Random,
  by: (found: string) => string,
): string {
  const found = [...text.matchAll(pattern)];
  if (found.length === 0) return text;
  const { 0: match, index } = oneOf(random, found);
  return text.slice(0, index) + by(match) + text.slice(index + match.length);
}

function onLines(text: string, change: (lines: string[]) => string[]): string {
  return change(text.split("\n")).join("\n");
}

const odd = [
  "\0",
  "\u2028",
  "\ufeff",
  "\u001b[31m",
  "\r",
  "\\",
  '"',
  "'",
  "`",
  "${",
  "}",
  "]",
  "/*",
];

const numbers = /(?<![\w"])-?\d[\d_]*(?:\.\d+)?/g;
const words = /[A-Za-z_]\w*/g;
const strings = /"[^"\n]*"/g;

export const textMutations: Readonly<Record<string, Mutation>> = {
  truncated: (text, random) => text.slice(0, place(random, text.length)),
  "without its beginning": (text, random) => text.slice(place(random, text.length)),
  "a span removed": (text, random) => {
    const at = place(random, text.length);
    return text.slice(0, at) + text.slice(at + 1 + nextInt(random, 40));
  },
  "a span twice": (text, random) => {
    const at = place(random, text.length);
    return insert(text, at, text.slice(at, at + 1 + nextInt(random, 200)));
  },
  "a character changed": (text, random) => {
    const at = place(random, text.length);
    return text.slice(0, at) + String.fromCharCode(nextInt(random, 256)) + text.slice(at + 1);
  },
  "an odd character": (text, random) =>
    insert(text, place(random, text.length), oneOf(random, odd)),
  "a line removed": (text, random) =>
    onLines(text, (lines) => lines.toSpliced(place(random, lines.length), 1)),
  "a line twice": (text, random) =>
    onLines(text, (lines) => {
      const at = place(random, lines.length);
      return lines.toSpliced(at, 0, lines[at]);
    }),
  "two lines swapped": (text, random) =>
    onLines(text, (lines) => {
      const [a, b] = [place(random, lines.length), place(random, lines.length)];
      return lines.with(a, lines[b]).with(b, lines[a]);
    }),
  "a number changed": (text, random) =>
    replaceOne(text, numbers, random, () => strangeValue(random)),
  "a text changed": (text, random) => replaceOne(text, strings, random, () => strangeValue(random)),
  "a word for another": (text, random) => {
    const other = oneOf(random, text.match(words) ?? ["x"]);
    return replaceOne(text, words, random, () => other);
  },
  "a text for another": (text, random) => {
    const other = oneOf(random, text.match(strings) ?? ['""']);
    return replaceOne(text, strings, random, () => other);
  },
  "a comma more": (text, random) => replaceOne(text, /[}\]]/g, random, (found) => `,${found}`),
  "a comment": (text, random) => insert(text, place(random, text.length), "/* why */"),
  CRLF: (text) => text.replaceAll("\n", "\r\n"),
  CR: (text) => text.replaceAll("\n", "\r"),
  "no line ends": (text) => text.replaceAll("\n", " "),
  empty: (_, random) => oneOf(random, ["", " ", "\n", "\ufeff", "null", "[]", "{}", "0", '"a"']),
  "something else": (_, random) => strangeValue(random),
};

/** The same on the bytes of the file. */
export const byteMutations: Readonly<Record<string, (bytes: Buffer, random: Random) => Buffer>> = {
  "UTF-8 with a mark": (bytes) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
  "UTF-16, little": (bytes) =>
    Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(bytes.toString("utf8"), "utf16le")]),
  "UTF-16, big": (bytes) =>
    Buffer.concat([
      Buffer.from([0xfe, 0xff]),
      Buffer.from(bytes.toString("utf8"), "utf16le").swap16(),
    ]),
  "a byte changed": (bytes, random) => {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[place(random, copy.length)] = nextInt(random, 256);
    return copy;
  },
  "cut inside a character": (bytes, random) => {
    const at = place(random, bytes.length);
    return Buffer.concat([bytes.subarray(0, at), Buffer.from([0xc3])]);
  },
  "noise in it": (bytes, random) => {
    const at = place(random, bytes.length);
    const noise = Buffer.from(Array.from({ length: 16 }, () => nextInt(random, 256)));
    return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
  },
};
