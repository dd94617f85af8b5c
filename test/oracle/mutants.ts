/**
 * `npm run oracle:mutants`: small changes of the model's text; of how many does the comparison with the
 * oracle take notice? `--count` mutants (200) of `--seed`; `--scenarios` that the oracle answers once, for
 * all; `--tries` of them for one mutant; `--workers`; `--minutes`. `--again 1`: only what survived the
 * run before, found again by its line.
 *
 * The tree is compiled once. V8 says which mutants' text each scenario runs: a mutant is tried in those
 * that run it, up to the first disagreement; for what few scenarios run, more are looked for (`--sweep`),
 * and the tests of `meetings/` say some by hand. Behind them come the inputs of `fixed/`.
 * What is known stands in `.results/`, and is found out again
 * only where the sources have changed.
 */
import { fork } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { type Case, nameOf } from "./mutants/cases.ts";
import { chosenFor, countsOf, variantsFor } from "./mutants/choose.ts";
import { isEquivalent } from "./mutants/equivalent.ts";
import { isSameByForm } from "./mutants/forms.ts";
import type { Judged } from "./mutants/judge.ts";
import type { Kept } from "./mutants/kept.ts";
import { inGreedyOrder } from "./mutants/order.ts";
import { drawnMutants, type Mutant, mutated } from "./mutants/places.ts";
import type { Swept } from "./mutants/sweep.ts";
import { testedCases } from "./mutants/tested.ts";
import { compiled, keyOf } from "./mutants/tree.ts";
import { numbersOf } from "./options.ts";

const {
  count,
  seed,
  scenarios: scenarioCount,
  sweep,
  tries,
  workers,
  minutes,
  again,
} = numbersOf("Small changes of the model's text, and which of them the oracle takes notice of", {
  count: [200, "mutants"],
  seed: [1, "which ones are drawn"],
  scenarios: [2_000, "scenarios that the oracle answers, once for all"],
  sweep: [8_000, "scenarios more that the model runs, for those that run what is rarely run"],
  tries: [200, "scenarios for one mutant at most"],
  workers: [availableParallelism(), "processes"],
  minutes: [10_000, "after which no further one is begun"],
  again: [0, "1: only those that survived the run before"],
});
const firstSeed = 9_000_001;
/** So many cases each mutant is to have, and in so many waves they are looked for. */
const wanted = 40;
const waves = 3;
/** Cases in which the model has to agree as it is. */
const unchangedCount = 20;
/** Of those that tests say by hand, so many of one mutant at most. */
const givenTries = 120;
/** No scenario takes so long, and none so much of a processor, even beside other work. */
const stallMs = 30_000;
const stallCpuMs = 10_000;
const minuteMs = 60_000;

interface Verdict {
  readonly name: string;
  readonly verdict: Judged["verdict"] | "late";
  readonly said: string;
}

/** Each worker's share, until all are done. */
const inParallel = async (n: number, run: (i: number) => Promise<void>): Promise<void> => {
  await Promise.all(Array.from({ length: n }, (_, i) => run(i)));
};

/** Has a script of `mutants/` go through cases, and write into a file what it finds of them. */
function goneThrough(
  script: string,
  cases: readonly Case[],
  { tree, list, into }: { tree: string; list: string; into: string },
): Promise<void> {
  const path = `${into}.cases`;
  writeFileSync(path, JSON.stringify(cases));
  return inParallel(
    workers,
    (i) =>
      new Promise((done, failed) => {
        const args = [list, path, into, i, workers].map(String);
        fork(join(tree, "test/oracle/mutants", script), args).on("exit", (code) =>
          code === 0 ? done() : failed(new Error("a worker has not gone through all of its cases")),
        );
      }),
  );
}

/**
 * First so many scenarios are answered, whatever they run. Then many more are only run by the model, and
 * variants of those that run what is rarely run; the oracle is asked of as many as each mutant needs.
 */
async function answeredAll(tree: string, list: string, answers: string): Promise<void> {
  const seeds = (from: number, n: number): Case[] =>
    Array.from({ length: n }, (_, i) => ({ seed: firstSeed + from + i }));
  await goneThrough("answers.js", seeds(0, scenarioCount), { tree, list, into: answers });
  const had = countsOf(linesOf<Kept>(answers));
  const swept = `${answers}.swept`;
  rmSync(swept, { force: true });
  const tested = testedCases(`${answers}.tested`);
  await goneThrough("answers.js", tested, { tree, list, into: answers });
  let cases = seeds(scenarioCount, sweep);
  for (let wave = 1; wave <= waves && cases.length > 0; wave++) {
    await goneThrough("sweep.js", cases, { tree, list, into: swept });
    cases = variantsFor(sweptIn(swept), { wanted, max: sweep / 2, wave });
  }
  const chosen = chosenFor(sweptIn(swept), had, wanted);
  process.stderr.write(`${chosen.length} cases more for what is rarely run\n`);
  await goneThrough("answers.js", chosen, { tree, list, into: answers });
}

/** In an order that does not depend on who was faster. */
const inOrder = <T>(list: readonly T[], nameIn: (one: T) => string): T[] =>
  [...list].sort((a, b) => nameIn(a).localeCompare(nameIn(b), "en", { numeric: true }));
const sweptIn = (path: string): Swept[] => inOrder(linesOf<Swept>(path), ({ one }) => nameOf(one));

/** Whether a mutant's text has its effect in what it compiles, of which runs say nothing. */
const compiles = ({ file }: Mutant): boolean => file.startsWith("src/windows/");

/** In which scenarios a mutant is tried, or the choice is made. */
function casesFor(mutant: Mutant, place: number, kept: readonly Kept[]): string[] {
  if (compiles(mutant)) return kept.map(({ name }) => name);
  const running = kept.filter(({ runs }) => runs.includes(place));
  const drawn = running.filter((one) => !isGiven(one)).slice(0, tries);
  const given = running.filter(isGiven).slice(0, givenTries);
  const chosen = running.length > 0 ? [...drawn, ...given] : kept.slice(0, tries / 5);
  return chosen.map(({ name }) => name);
}

/** What a process has had of a processor, where the system says so. */
function spentBy(pid: number | undefined): number | undefined {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return undefined;
  const [user, system] = readFileSync(path, "utf8").split(") ")[1].split(" ").slice(11, 13);
  return (Number(user) + Number(system)) * 10;
}

function judged(
  tree: string,
  cases: readonly string[],
  choosing: readonly string[] = [],
): Promise<Omit<Verdict, "name"> & { readonly tried: number }> {
  return new Promise((done) => {
    const script = join(tree, "test/oracle/mutants/judge.js");
    const child = fork(script, [answers, cases.join(), ...choosing], { silent: true });
    let found: Awaited<ReturnType<typeof judged>> = { verdict: "dies", said: "at once", tried: 0 };
    let spentMs = 0;
    const late = (): void => {
      const now = spentBy(child.pid) ?? Number.POSITIVE_INFINITY;
      if (now - spentMs < stallCpuMs) {
        // Others have had the processors meanwhile.
        timer = setTimeout(late, stallMs);
        return;
      }
      found = { verdict: "late", said: "", tried: 0 };
      child.kill("SIGKILL");
    };
    let timer = setTimeout(late, stallMs);
    child.on("message", (message: Judged | string) => {
      clearTimeout(timer);
      timer = setTimeout(late, stallMs);
      spentMs = spentBy(child.pid) ?? 0;
      if (typeof message === "object") found = message;
    });
    child.on("exit", () => {
      clearTimeout(timer);
      done(found);
    });
  });
}

const texts = new Map<string, readonly string[]>();
function linesIn(file: string): readonly string[] {
  const lines = texts.get(file) ?? readFileSync(join(fresh, file), "utf8").split("\n");
  texts.set(file, lines);
  return lines;
}
const rowOf = ({ file, name }: Mutant): number =>
  Number(name.slice(file.length + 1).split(":")[0]) - 1;
const columnOf = ({ file, name }: Mutant): number =>
  Number(name.slice(file.length + 1).split(/[: ]/)[1]);
/** The line that a mutant changes, or one ahead of it. */
const lineOf = (one: Mutant, ahead = 0): string => linesIn(one.file)[rowOf(one) - ahead] ?? "";

/** What a mutant is called wherever its line stands. */
const placeOf = (one: Mutant): string =>
  [one.file, lineOf(one).trim(), one.name.replace(/^[^ ]*:\d+:/, "")].join(" | ");

const linesOf = <T>(path: string): T[] =>
  !existsSync(path)
    ? []
    : readFileSync(path, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as T);

const folder = resolve(".results", "oracle-mutants");
const fresh = join(folder, "new");
const survivors = join(folder, "survivors.json");
const before = again === 1 ? (JSON.parse(readFileSync(survivors, "utf8")) as string[]) : [];
rmSync(fresh, { recursive: true, force: true });
mkdirSync(fresh, { recursive: true });
compiled(fresh);
const home = join(
  folder,
  keyOf(fresh, `${again === 1 ? "again" : count} ${seed} ${scenarioCount} ${sweep}`),
);
const trees = Array.from({ length: workers }, (_, i) => join(home, `tree ${i}`));
for (const tree of trees) {
  rmSync(tree, { recursive: true, force: true });
  cpSync(fresh, tree, { recursive: true });
}
const [tree] = trees;
const mutants =
  again === 1
    ? drawnMutants(tree, Number.POSITIVE_INFINITY, seed).filter((one) =>
        before.includes(placeOf(one)),
      )
    : drawnMutants(tree, count, seed);
const list = join(home, "mutants.json");
writeFileSync(list, JSON.stringify(mutants.map((one) => ({ ...one, file: join(tree, one.file) }))));
const answers = join(home, "answers.jsonl");
const isAnswered = join(home, "answered");
if (!existsSync(isAnswered)) {
  rmSync(answers, { force: true });
  await answeredAll(tree, list, answers);
  writeFileSync(isAnswered, "");
}
const all = inOrder(linesOf<Kept>(answers), ({ name }) => name);
const isOfAll = ({ name }: Kept): boolean => Number(name) < firstSeed + scenarioCount;
const isGiven = ({ given }: Kept): boolean => given !== undefined;
const kept = [
  ...inGreedyOrder(all.filter(isOfAll)),
  ...all.filter((one) => !isOfAll(one) && !isGiven(one)),
  ...all.filter(isGiven),
];
process.stderr.write(`${kept.length} scenarios in which both agree\n`);

/** Nothing shows in what is the same: these are none. */
const isSame = (one: Mutant): boolean =>
  isSameByForm({
    file: one.file,
    lines: linesIn(one.file),
    at: rowOf(one),
    column: columnOf(one),
    change: one.name,
  }) ||
  isEquivalent(
    one.file,
    { before: lineOf(one, 1), line: lineOf(one), column: columnOf(one) },
    one.name,
  );

const known = join(home, "verdicts.jsonl");
const verdicts = new Map(linesOf<Verdict>(known).map((one) => [one.name, one]));
const open = mutants
  .map((_, place) => place)
  .filter((place) => !verdicts.has(mutants[place].name) && !isSame(mutants[place]));
const until = Date.now() + minutes * minuteMs;
// What kills the model as it is kills every mutant.
const unchanged = await judged(
  tree,
  kept.slice(0, unchangedCount).map(({ name }) => name),
);
if (unchanged.verdict !== "agrees") throw new Error(`no mutant, but ${unchanged.said}`);

await inParallel(workers, async (i) => {
  for (let place = open.pop(); place !== undefined && Date.now() < until; place = open.pop()) {
    const mutant = mutants[place];
    const path = join(trees[i], mutant.file);
    const text = readFileSync(path, "utf8");
    const cases = casesFor(mutant, place, kept);
    writeFileSync(path, mutated(text, mutant));
    const choosing = compiles(mutant) ? [String(tries), fresh] : [];
    const found = await judged(trees[i], cases, choosing);
    writeFileSync(path, text);
    const isRun = kept.some(({ runs }) => runs.includes(place));
    const said = `${found.said}; ${isRun ? "" : "not "}run in a search; ${found.tried} tried`;
    const one: Verdict = { name: mutant.name, verdict: found.verdict, said };
    verdicts.set(one.name, one);
    appendFileSync(known, `${JSON.stringify(one)}\n`);
    process.stderr.write(`${one.verdict} ${one.name} (${said})\n`);
  }
});

/** What a mutant's text says by itself of what it concerns, where nobody has noticed it. */
const concerns: readonly (readonly [string, RegExp])[] = [
  ["times", /clocks|Us\b|skew|times\b|earliest|deadline|floating|\bsince\b|\bnow\b|\btook\b/],
  ["what is told", /\bemit\(m, Event\.|\.site = |windowsSite\(|questions\.js/],
  ["bounds", /hitBound|\.max\b|Max\b/],
];
function concernOf(mutant: Mutant): string {
  const { name } = mutant;
  const line = lineOf(mutant);
  return concerns.find(([, words]) => words.test(line) || words.test(name))?.[0] ?? "the rest";
}

const others = mutants.filter((one) => !isSame(one));
const done = others.flatMap(({ name }) => verdicts.get(name) ?? []);
const alive = others.filter(({ name }) => verdicts.get(name)?.verdict === "agrees");
if (again !== 1) writeFileSync(survivors, JSON.stringify(alive.map(placeOf), null, 1));
for (const concern of [...concerns.map(([name]) => name), "the rest"]) {
  const such = alive.filter((one) => concernOf(one) === concern);
  process.stdout.write(`\n${such.length} survive that concern ${concern}\n`);
  for (const { name } of such) process.stdout.write(`  ${name} (${verdicts.get(name)?.said})\n`);
}
process.stdout.write("\n");
const counts = new Map<string, number>();
for (const { verdict } of done) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
for (const [verdict, n] of counts) process.stdout.write(`${n} ${verdict}\n`);
process.stdout.write(`${mutants.length - others.length} are known to change nothing\n`);
process.stdout.write("None is within a text: names and messages are for the tests of reports\n");
process.stdout.write(`${done.length - alive.length} of ${done.length} mutants killed\n`);
