/**
 * `npm run oracle:mutants`: small mutations of the model's text, each in a copy of the tree; of how many
 * does the comparison with the oracle take notice? The text is changed without being understood.
 */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dice } from "./draw/draft.ts";

const option = (name: string, usual: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? usual : Number(process.argv[at + 1]);
};
const count = option("count", 200);
const roll = dice(option("seed", 1));
const scenarios = String(option("scenarios", 150));
const minute = 60_000;

const swaps: readonly [RegExp, string][] = [
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
  [/\bif \(/g, "if (!"],
  [/"TRUE"/g, '"FALSE"'],
  [/"shared"/g, '"exclusive"'],
];

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((one) => {
    const path = join(folder, one.name);
    if (one.isDirectory()) return one.name === "facts" ? [] : sources(path);
    return one.name.endsWith(".ts") ? [path] : [];
  });
}

/** Comments and imports are no code. */
const isCode = (text: string, at: number): boolean => {
  const line = text.slice(text.lastIndexOf("\n", at) + 1, text.indexOf("\n", at));
  return !/^\s*(?:\*|\/\/|\/\*|import|export \{|export type)/.test(line);
};

const tree = mkdtempSync(join(tmpdir(), "oracle-mutants-"));
for (const one of ["src", "test/oracle", "package.json", "tsconfig.json"]) {
  cpSync(one, join(tree, one), { recursive: true });
}
symlinkSync(join(process.cwd(), "node_modules"), join(tree, "node_modules"));
const run = () =>
  spawnSync(
    "npx",
    ["tsx", "test/oracle/oracle.ts", "--count", scenarios, "--states", "60", "--quick", "1"],
    {
      cwd: tree,
      timeout: 2 * minute,
      encoding: "utf8",
    },
  );

const files = [...sources(join(tree, "src/machine")), ...sources(join(tree, "src/windows"))];
if (run().status !== 0) {
  process.stderr.write("the tree as it is has disagreements: mend those first\n");
  process.exit(1);
}
let killed = 0;
const survivors: string[] = [];
for (let n = 0; n < count; n++) {
  const file = files[roll(files.length)];
  const text = readFileSync(file, "utf8");
  const places = swaps.flatMap(([pattern, by]) =>
    [...text.matchAll(pattern)].filter(({ index }) => isCode(text, index)).map((m) => ({ m, by })),
  );
  if (places.length === 0) {
    n--;
    continue;
  }
  const { m, by } = places[roll(places.length)];
  let mutated = text.slice(0, m.index) + by + text.slice(m.index + m[0].length);
  // A negated `if` needs its bracket: the test is compared with false.
  if (m[0] === "if (") mutated = negated(text, m.index);
  writeFileSync(file, mutated);
  const line = text.slice(0, m.index).split("\n").length;
  const place = `${file.slice(tree.length + 1)}:${line} ${m[0].trim()} -> ${by.trim() || "nothing"}`;
  const { status } = run();
  if (status === 0) survivors.push(place);
  else killed++;
  writeFileSync(file, text);
  process.stderr.write(
    `${n + 1} of ${count}, ${killed} killed: ${place} ${status === 0 ? "survived" : "killed"}\n`,
  );
}
rmSync(tree, { recursive: true });
process.stdout.write(`${survivors.join("\n")}\n${killed} of ${count} mutants killed\n`);

/** The condition of the `if` at this place, negated as a whole. */
function negated(text: string, at: number): string {
  const open = text.indexOf("(", at);
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === "(") depth++;
    if (text[i] === ")" && --depth === 0) {
      return `${text.slice(0, open)}(!${text.slice(open, i + 1)})${text.slice(i + 1)}`;
    }
  }
  return text;
}
