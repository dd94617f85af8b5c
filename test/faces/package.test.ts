/** What a team gets: the packed package, installed in a folder of theirs, and used there. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { type Ended, harmlessDriver, stuckDriver } from "../cli/support/command.ts";
import { readTypes } from "./support/consumer-types.ts";
import { lend, makeTeam, shell } from "./support/team.ts";

let folder: string;
let tarball: string;
let remove = (): void => {};

beforeAll(async () => {
  ({ folder, tarball, remove } = await makeTeam());
});
afterAll(() => remove());

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const read = (name: string): string => readFileSync(join(folder, name), "utf8");
const run = (line: string): Promise<Ended> => shell(folder, line);
/** What `npx` finds, without npm's own start: the workflow of `loophole init` asks npx itself. */
const loophole = "node node_modules/loophole-fuzz/dist/cli/loophole.js";
const vitest = "node node_modules/vitest/vitest.mjs";

test("the package is what was built, and no source, test or saved file of the checkout", () => {
  const files = readdirSync(join(folder, "node_modules/loophole-fuzz"), {
    recursive: true,
    withFileTypes: true,
  }).filter((entry) => entry.isFile());
  const other = files.map(({ name }) => name).filter((name) => !/\.d\.ts$|\.js$/.test(name));
  expect(other.sort()).toEqual(["LICENSE", "README.md", "package.json"]);
});

test("publint and arethetypeswrong find nothing wrong with its entry points", async () => {
  const bytes = new Uint8Array(readFileSync(tarball));
  const [types, lint] = await Promise.all([
    checkPackage(createPackageFromTarballData(bytes)),
    publint({ strict: true, pack: { tarball: bytes.buffer } }),
  ]);
  expect(lint.messages).toEqual([]);
  // It is a package of ECMAScript modules: what asks for CommonJS, or knows no "exports", is not served.
  const served = ["node16-esm", "node16", "bundler"];
  const problems = types.types ? types.problems : [];
  expect(types.types).not.toBe(false);
  expect(
    problems.filter(
      (problem) =>
        !(
          ("resolutionKind" in problem && !served.includes(problem.resolutionKind)) ||
          ("resolutionOption" in problem && !served.includes(problem.resolutionOption))
        ),
    ),
  ).toEqual([]);
});

const typed = `import { check, defineDriver, drivers, type CheckReport } from "loophole-fuzz";
import type { MatcherOptions } from "loophole-fuzz/vitest";
export const driver = defineDriver("acme", (d) => {
  d.onProcessCreate("Callback", (a) => {
    const done = a.event("Done", "NotificationEvent");
    a.KeWaitForSingleObject(done, { Timeout: "10ms" });
  });
});
const report: CheckReport = check({ drivers: [driver], worlds: [] }, { scope: "small", budget: 1, seed: "a" });
export const verdict: "findings" | "clean" | "bounded" = report.verdict;
export const options: MatcherOptions = { scope: "small" };
export const arbitrary = drivers();
`;
const mistyped = typed
  .replace("a.KeWaitForSingleObject(done", "a.KeWaitForSingleObjekt(done")
  .replace('scope: "small" };', 'scope: "tiny" };');

test.each(["nodenext", "bundler"] as const)(
  "its types hold in a strict project that resolves as %s, and none of our sources is read",
  (resolution) => {
    write("typed.ts", typed);
    write("mistyped.ts", mistyped);
    const { faults, ours } = readTypes(folder, ["typed.ts", "mistyped.ts"], resolution);
    expect(faults.filter((fault) => !fault.startsWith("mistyped.ts"))).toEqual([]);
    expect(faults).toHaveLength(2);
    expect(faults[0]).toMatch(/^mistyped\.ts\(6\): .*KeWaitForSingleObjekt/);
    expect(faults[1]).toMatch(/^mistyped\.ts\(11\): .*"tiny"/);
    expect(ours.length).toBeGreaterThan(0);
    expect(ours.filter((file) => !/^dist\/.*\.d\.ts$/.test(file))).toEqual([]);
  },
);

test("the command judges driver files with spaces, backslashes and CRLF in them, with their lines", async () => {
  mkdirSync(join(folder, "my drivers"));
  write("my drivers/stuck.driver.ts", stuckDriver("stuck").replaceAll("\n", "\r\n"));
  write("my drivers/wrong.driver.ts", stuckDriver("wrong").replace("KeWaitFor", "KeWateFor"));
  write("backslash.driver.ts", harmlessDriver("backslash").replace("a.KeSet", "// C:\\x\na.KeSet"));
  const [found, clean, wrong] = await Promise.all([
    run(`${loophole} check "my drivers/stuck.driver.ts" --scope small --save "kept here"`),
    run(`${loophole} check ./backslash.driver.ts --scope small --json`),
    run(`${loophole} check "my drivers/wrong.driver.ts"`),
  ]);
  expect([found.stderr, found.code]).toEqual(["", 1]);
  expect(found.stdout).toContain("DEADLOCK: process callback Callback of stuck");
  expect([clean.stderr, clean.code]).toEqual(["", 0]);
  expect([wrong.code, wrong.stdout]).toEqual([2, ""]);
  expect(wrong.stderr).toMatch(/^my drivers\/wrong\.driver\.ts:5: unknown call KeWateFor/);
  const saved = readdirSync(join(folder, "kept here"));
  write(`kept here/${saved[0]}`, read(`kept here/${saved[0]}`).replaceAll("\n", "\r\n"));
  const again = await run(`${loophole} replay "kept here"`);
  expect(again.stdout).toMatch(/^kept here\/stuck\.deadlock.*: does what it says/m);
});

test("a plain module of Node's can import it, without anything that loads TypeScript", async () => {
  write(
    "plain.mjs",
    'import { check, defineDriver } from "loophole-fuzz";\nconsole.log(typeof check, defineDriver("acme", () => {}).name);\n',
  );
  expect(await run("node plain.mjs")).toEqual({ code: 0, stdout: "function acme\n", stderr: "" });
});

/** The steps that a workflow runs, but for the installing, which has been done. */
function stepsOf(workflow: string): string[] {
  const { jobs } = parse(workflow) as {
    readonly jobs: Readonly<Record<string, { readonly steps: readonly { run?: string }[] }>>;
  };
  const lines = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
  expect(lines[0]).toBe("npm ci");
  return lines.slice(1);
}

/** Runs the steps as CI does: one after the other, up to the first that fails. */
async function runSteps(): Promise<{ readonly failed?: string; readonly said: string }> {
  let said = "";
  for (const step of stepsOf(read(".github/workflows/loophole.yml"))) {
    const { code, stdout, stderr } = await run(step);
    said += stdout + stderr;
    if (code !== 0) return { failed: step, said };
  }
  return { said };
}

test("the workflow of `loophole init` passes; a worse driver fails it with a mark; a baseline lets it pass", async () => {
  for (const name of readdirSync(folder)) {
    if (!/^node_modules$|^package/.test(name)) {
      rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
  lend(folder, "vitest");
  expect((await run("npx loophole init")).code).toBe(0);
  // Few worlds and small searches do: what is asked of the workflow is that its steps fit together.
  const small = 'scope: "small", budget: 20_000';
  const tests = read("acme.test.ts");
  const withOptions = (options: string): void => {
    expect(tests).toContain("options = {}");
    write("acme.test.ts", tests.replace("options = {}", `options = { ${options} }`));
  };
  write("loophole.config.ts", `export default { ${small} };\n`);
  withOptions(small);
  const first = await runSteps();
  expect(first.failed, first.said).toBeUndefined();
  expect(first.said).not.toMatch(/^::error/m);

  const good = read("acme.driver.ts");
  const worse = good
    .replace("    const scan =", '    const done = a.event("Done", "NotificationEvent");\n$&')
    .replace("      w.KeReleaseGuardedMutex(table);\n", "$&      w.KeSetEvent(done);\n")
    .replace(
      '"DelayedWorkQueue");\n',
      '$&      a.KeWaitForSingleObject(done).at("src/acme.c:120");\n',
    );
  write("acme.driver.ts", worse);
  const failing = await runSteps();
  expect(failing.failed).toMatch(/^npx loophole suite /);
  const marks = failing.said.split("\n").filter((line) => line.startsWith("::"));
  expect(marks.find((mark) => mark.includes("DEADLOCK"))).toMatch(
    /^::error file=src\/acme\.c,line=120,title=Loophole%3A deadlock::DEADLOCK: process callback AcmeCreate/,
  );
  expect(read("results/loophole.xml")).toContain("<failure");

  expect((await run(`${loophole} suite . --write-baseline accepted.json`)).code).toBe(0);
  write("loophole.config.ts", `export default { ${small}, baseline: "accepted.json" };\n`);
  withOptions(`${small}, baseline: "accepted.json"`);
  const accepted = await runSteps();
  expect(accepted.failed, accepted.said).toBeUndefined();
  expect(accepted.said).toMatch(/^::notice file=src\/acme\.c,line=120/m);
});

interface VitestReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** What each test came to, by its title. */
const titles = (file: string): string[] =>
  (JSON.parse(read(file)) as VitestReport).testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .map(({ fullName, status }) => `${fullName}: ${status}`)
    .sort();

test("vitest's own shards, put together, are the whole; a fresh seed changes no title, and is told", async () => {
  rmSync(join(folder, "acme.test.ts"));
  for (const [name, text] of [
    ["stuck", stuckDriver("stuck")],
    ["harmless", harmlessDriver("harmless")],
  ]) {
    write(`${name}.driver.ts`, text);
    write(
      `${name}.test.ts`,
      `import { expect, test } from "vitest";
import "loophole-fuzz/vitest";
import { driver } from "./${name}.driver.ts";
test("${name} hangs nobody", () => expect(driver).toBeDeadlockFree());
test("${name} breaks no rule", () => expect(driver).toKeepTheRules());
`,
    );
  }
  const all = `${vitest} run --no-color`;
  const fresh = { LOOPHOLE_SEED: "fresh" };
  const whole = await shell(folder, `${all} --reporter=json --outputFile=whole.json`);
  const [one, two] = await Promise.all(
    [1, 2].map((n) => shell(folder, `${all} --reporter=blob --shard=${n}/2`, fresh)),
  );
  expect([whole.code, one.code, two.code].sort()).toEqual([0, 1, 1]);
  await run(`${vitest} --no-color --merge-reports --reporter=json --outputFile=merged.json`);
  expect(titles("merged.json")).toEqual(titles("whole.json"));
  expect(titles("whole.json")).toHaveLength(4);
  expect(read("merged.json")).toMatch(/LOOPHOLE_SEED=[0-9a-f]{8} finds it again\./);
  expect(read("whole.json")).not.toContain("LOOPHOLE_SEED");
});
