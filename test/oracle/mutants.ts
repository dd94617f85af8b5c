/**
 * `npm run oracle:mutants`: small changes of the model's text, each in a copy of the tree; of how many
 * does the comparison with the oracle take notice? The text is changed without being understood.
 *
 * The oracle answers once, for all: a mutant is run through the scenarios until its first disagreement.
 * What is known of a mutant stands in `.results/oracle-mutants.jsonl`, and is not found out again.
 */
import { fork } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { dice } from "./draw/draft.ts";

const option = (name: string, usual: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? usual : Number(process.argv[at + 1]);
};
const count = option("count", 200);
const seed = option("seed", 1);
const workers = option("workers", availableParallelism());
const minutes = option("minutes", 10_000);
const mutantMs = 120_000;
const minuteMs = 60_000;
const known = join(".results", "oracle-mutants.jsonl");

interface Mutant {
  readonly file: string;
  readonly at: number;
  readonly length: number;
  readonly by: string;
  readonly name: string;
}

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
    return one.name.endsWith(".ts") ? [path] : [];
  });
}

/** Comments, imports, types and words are no code. */
const isCode = (text: string, at: number): boolean => {
  const line = text.slice(text.lastIndexOf("\n", at) + 1, text.indexOf("\n", at));
  return !/^\s*(?:\*|\/\/|\/\*|import|export \{|export type|type|readonly|summary)|invariant\(/.test(
    line,
  );
};

function drawnMutants(): Mutant[] {
  const roll = dice(seed);
  const files = [...sources("src/machine"), ...sources("src/windows")];
  const found: Mutant[] = [];
  const names = new Set<string>();
  while (found.length < count) {
    const file = files[roll(files.length)];
    const text = readFileSync(file, "utf8");
    const [pattern, by] = swaps[roll(swaps.length)];
    const places = [...text.matchAll(pattern)].filter(({ index }) => isCode(text, index));
    if (places.length === 0) continue;
    const { 0: was, index: at } = places[roll(places.length)];
    const line = text.slice(0, at).split("\n").length;
    const column = at - text.lastIndexOf("\n", at - 1);
    const name = `${file}:${line}:${column} ${was.trim()} -> ${by.trim() || "nothing"}`;
    if (names.has(name)) continue;
    names.add(name);
    found.push({ file, at, length: was.length, by, name });
  }
  return found;
}

function treeFor(): string {
  const tree = mkdtempSync(join(tmpdir(), "oracle-mutants-"));
  for (const one of ["src", "test/oracle", "package.json", "tsconfig.json"])
    cpSync(one, join(tree, one), { recursive: true });
  symlinkSync(join(process.cwd(), "node_modules"), join(tree, "node_modules"));
  return tree;
}

/** Runs the answers in a tree: how it ended. */
function judged(tree: string, answers: string): Promise<"agrees" | "differs" | "late"> {
  return new Promise((resolve) => {
    const script = join(tree, "test/oracle/against.ts");
    const child = fork(script, [answers], {
      cwd: tree,
      silent: true,
      execArgv: ["--import", "tsx"],
    });
    const timer = setTimeout(() => {
      resolve("late");
      child.kill("SIGKILL");
    }, mutantMs);
    child.on("exit", (code) => {
      clearTimeout(timer);
      resolve(code === 0 ? "agrees" : "differs");
    });
  });
}

const verdicts = new Map<string, string>();
if (existsSync(known)) {
  for (const line of readFileSync(known, "utf8").split("\n")) {
    if (line === "") continue;
    const { name, verdict } = JSON.parse(line) as { name: string; verdict: string };
    verdicts.set(name, verdict);
  }
}
mkdirSync(".results", { recursive: true });
const answers = join(process.cwd(), ".results", "oracle-answers.json");
const mutants = drawnMutants();
const open = mutants.filter(({ name }) => !verdicts.has(name));
const until = Date.now() + minutes * minuteMs;

const { answerAll } = await import("./against.ts");
if (!existsSync(answers)) answerAll(answers, option("scenarios", 600));

async function work(): Promise<void> {
  const tree = treeFor();
  for (let one = open.pop(); one !== undefined && Date.now() < until; one = open.pop()) {
    const path = join(tree, one.file);
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.slice(0, one.at) + one.by + text.slice(one.at + one.length));
    const verdict = await judged(tree, answers);
    writeFileSync(path, text);
    verdicts.set(one.name, verdict);
    appendFileSync(known, `${JSON.stringify({ name: one.name, verdict })}\n`);
    process.stderr.write(`${verdict} ${one.name}\n`);
  }
  rmSync(tree, { recursive: true });
}

await Promise.all(Array.from({ length: workers }, work));
const done = mutants.filter(({ name }) => verdicts.has(name));
const alive = done.filter(({ name }) => verdicts.get(name) === "agrees");
for (const { name } of alive) process.stdout.write(`${name}\n`);
process.stdout.write(`${done.length - alive.length} of ${done.length} mutants killed\n`);
