/** Where a mutant can be, in the compiled text of the model, which is changed without being understood. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dice } from "../draw/draft.ts";

export interface Mutant {
  readonly file: string;
  readonly at: number;
  readonly length: number;
  readonly by: string;
  readonly name: string;
}

const swaps: readonly (readonly [RegExp, string])[] = [
  [/ === /g, " !== "],
  [/ !== /g, " === "],
  [/ && /g, " || "],
  [/ \|\| /g, " && "],
  [/ < /g, " <= "],
  [/ > /g, " >= "],
  [/ <= /g, " < "],
  [/ >= /g, " > "],
  [/ \+ 1\b/g, ""],
  [/ - 1\b/g, ""],
  [/\+\+/g, "--"],
  [/ \+= /g, " -= "],
  [/\btrue\b/g, "false"],
  [/\bfalse\b/g, "true"],
  [/"TRUE"/g, '"FALSE"'],
  [/"shared"/g, '"exclusive"'],
  [/(?<=^ {4,}(?:return )?[\w.]*\b)0(?=;$)/gm, "1"],
  // A statement on a line of its own is left out.
  [/^ {4,}[a-z][\w.]*\([^;\n]*\);$/gm, ""],
  [/^ {4,}[a-z][\w.[\]]* [-+|&]?= [^;\n]*;$/gm, ""],
];

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((one) => {
    const path = join(folder, one.name);
    if (one.isDirectory()) return one.name === "facts" ? [] : sources(path);
    return one.name.endsWith(".js") ? [path] : [];
  });
}

/** Comments, imports and what is said of bugs of ours are no code. */
const isCode = (text: string, at: number): boolean => {
  const line = text.slice(text.lastIndexOf("\n", at) + 1, text.indexOf("\n", at));
  return !/^\s*(?:\*|\/\/|\/\*|import|export \{|summary)|invariant\(/.test(line);
};

/** Names and messages are told in reports, which have tests of their own. */
const isInText = (text: string, at: number): boolean =>
  text.slice(text.lastIndexOf("\n", at) + 1, at).split("`").length % 2 === 0;

function placesIn(tree: string, file: string): Mutant[] {
  const text = readFileSync(join(tree, file), "utf8");
  return swaps.flatMap(([pattern, by]) =>
    [...text.matchAll(pattern)].flatMap(({ 0: was, index: at }) => {
      if (!isCode(text, at) || isInText(text, at)) return [];
      const line = text.slice(0, at).split("\n").length;
      const column = at - text.lastIndexOf("\n", at - 1);
      const name = `${file}:${line}:${column} ${was.trim()} -> ${by.trim() || "nothing"}`;
      return [{ file, at, length: was.length, by, name }];
    }),
  );
}

/** So many of all, each as likely as another. */
export function drawnMutants(tree: string, count: number, seed: number): Mutant[] {
  const all = [...sources(join(tree, "src/machine")), ...sources(join(tree, "src/windows"))]
    .map((path) => path.slice(tree.length + 1))
    .sort()
    .flatMap((file) => placesIn(tree, file));
  const roll = dice(seed);
  return Array.from({ length: Math.min(count, all.length) }, () => {
    const place = roll(all.length);
    return all.splice(place, 1)[0];
  });
}

export const mutated = (text: string, { at, length, by }: Mutant): string =>
  text.slice(0, at) + by + text.slice(at + length);
