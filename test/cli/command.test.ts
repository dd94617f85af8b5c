import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { reportSchema } from "../../src/report/json.ts";
import { readXml } from "../report/support/xml.ts";
import { call } from "./support/call.ts";
import {
  type Ended,
  harmlessDriver,
  harmlessJson,
  loophole,
  makeFolder,
  start,
  stuckDriver,
  stuckJson,
  waitingDriver,
  waitingJson,
} from "./support/command.ts";

const deadlock = "callback waits for an event";
const expecting = (text: string, expected: string): string =>
  `${text}export const expected = ${expected};\n`;

const folder = makeFolder({
  "harmless.driver.ts": harmlessDriver("harmless"),
  "my drivers/stuck.driver.js": `console.log("loading");\n${stuckDriver("stuck")}`,
  "harmless.driver.json": harmlessJson("harmless"),
  "waiting.driver.json": waitingJson("waiting"),
  "long.driver.ts": `console.error("loading");\n${waitingDriver("long")}`,
  "suite/a.driver.ts": expecting(stuckDriver("a"), `{ deadlock: ["${deadlock}"] }`),
  "suite/sub/b.driver.mjs": expecting(harmlessDriver("b"), "{}"),
  "suite/helper.ts": "throw new Error('not a driver');\n",
  "wrong/a.driver.ts": expecting(stuckDriver("a"), '{ livelock: [], deadlock: ["another"] }'),
  "wrong/b/b.driver.json": stuckJson("b"),
});
afterAll(folder.remove);

const quick = ["--scope", "small", "--budget", "5000"];
const run = (...args: string[]): Promise<Ended> => loophole(folder.path, ...args);
/** The same in this process, one after the other. */
async function inTurn(...calls: readonly (readonly string[])[]): Promise<Ended[]> {
  const ended: Ended[] = [];
  for (const args of calls) ended.push(await call(folder.path, ...args));
  return ended;
}
const lastLine = (text: string): string => text.trimEnd().split("\n").at(-1) ?? "";

let clean: Ended;
let found: Ended;
let saved: string;

beforeAll(async () => {
  [clean, found] = await Promise.all([
    run("check", "harmless.driver.ts", ...quick),
    run("check", "my drivers/stuck.driver.js", ...quick, "--save", "saved here/new"),
  ]);
  saved = readdirSync(join(folder.path, "saved here/new"))[0];
});

test("a clean driver comes to exit code 0", () => {
  expect(clean.stderr).toBe("");
  expect(clean.code).toBe(0);
  expect(clean.stdout).toMatch(/clean/i);
});

test("a finding is told as a story, saved by name, and comes to exit code 1", () => {
  expect(found.code).toBe(1);
  expect(found.stdout).toMatch(/DEADLOCK.*stuck/);
  expect(saved).toMatch(/^stuck\.deadlock\.[0-9a-f]{8}\.json$/);
  expect(found.stdout).toContain(`Saved as saved here/new/${saved}`);
});

test("what a driver file prints goes to stderr, and no colours go into a pipe", () => {
  expect(found.stderr).toBe("loading\n");
  expect(found.stdout).not.toContain("loading");
  expect(found.stdout).not.toContain("\u001b");
});

test("a saved counterexample does what it says, with CRLF too; another does not", async () => {
  const path = join(folder.path, "saved here/new", saved);
  const text = readFileSync(path, "utf8");
  writeFileSync(join(folder.path, "crlf.json"), text.replaceAll("\n", "\r\n"));
  writeFileSync(join(folder.path, "other.json"), text.replace(deadlock, "something else"));
  writeFileSync(join(folder.path, "newer.json"), text.replace('"version": 2', '"version": 7'));
  const [crlf, all, other, newer] = await inTurn(
    ["replay", "crlf.json"],
    ["replay", "saved here", "crlf.json", "--json"],
    ["replay", "other.json", "crlf.json"],
    ["replay", "newer.json"],
  );
  expect(crlf.stderr).toBe("");
  expect(crlf.code).toBe(0);
  expect(lastLine(crlf.stdout)).toMatch(/^crlf\.json: does what it says\. DEADLOCK/);
  expect(all.code).toBe(0);
  expect(reportSchema.parse(JSON.parse(all.stdout)).findings.map(({ file }) => file)).toEqual([
    `saved here/new/${saved}`,
    "crlf.json",
  ]);
  expect(other.code).toBe(1);
  expect(other.stdout).toMatch(/^other\.json: DOES NOT do what it says: /);
  expect(newer.code).toBe(2);
  expect(newer.stderr).toMatch(
    /^newer\.json: version: version 7 is newer than this Loophole \(2\)/,
  );
});

test("--json prints one line in the shape of its schema, the same for any number of threads", async () => {
  const data = ["harmless.driver.json", "waiting.driver.json"];
  const args = ["check", "my drivers/stuck.driver.js", ...data];
  const [one, many] = await Promise.all([
    run(...args, ...quick, "--json", "--workers", "1", "--save", "one"),
    run(...args, ...quick, "--json", "--workers", "3", "--save", "one"),
  ]);
  expect(many.stdout).toBe(one.stdout);
  expect(one.code).toBe(1);
  expect(one.stdout.match(/\n/g)).toHaveLength(1);
  const report = reportSchema.parse(JSON.parse(one.stdout));
  expect(report.verdict).toBe("findings");
  expect(report.findings.map(({ driver }) => driver)).toContain("waiting");
  expect(report.findings[0].file).toMatch(/^one\/stuck\.deadlock\.[0-9a-f]+\.json$/);
  expect(one.stdout).not.toContain("loophole command ");
});

test("two files can share one machine", async () => {
  const files = ["harmless.driver.json", "my drivers/stuck.driver.js"];
  const [{ code, stdout }] = await inTurn(["check", ...files, "--together", ...quick]);
  expect(code).toBe(1);
  expect(stdout).toContain("harmless + stuck");
});

test("a suite ends in a table, and its exit code says whether all is as known", async () => {
  const [right, wrong] = await inTurn(["suite", "suite", ...quick], ["suite", "wrong", ...quick]);
  expect(right.stderr).toBe("");
  expect(right.code).toBe(0);
  expect(right.stdout).toContain("DEADLOCK");
  expect(right.stdout).toMatch(/\n {2}a +findings +deadlock +yes .*\n {2}b +clean +yes /);
  expect(lastLine(right.stdout)).toBe("2 driver files: every known verdict holds.");
  expect(wrong.code).toBe(1);
  for (const line of [
    "  expected and not found: livelock",
    "  expected and not found: deadlock (another)",
    `  not expected: deadlock (${deadlock})`,
    "2 driver files judged: 2 verdicts not as known.",
  ]) {
    expect(wrong.stdout.split("\n")).toContain(line);
  }
});

test("CI is told in its own words; what is accepted does not fail, nor does it fail the next time", async () => {
  const ci = ["--junit", "results/junit.xml", "--annotations", "github"];
  const writing = ["suite", "wrong/b", ...quick, "--write-baseline", "results/b.json"];
  const [written] = await inTurn(writing);
  expect(written.code).toBe(0);
  expect(lastLine(written.stdout)).toBe(
    "results/b.json: written, 1 accepted finding. Say in each why it is accepted.",
  );
  const baseline = ["--baseline", "results/b.json"];
  const [b, stuck] = ["wrong/b/b.driver.json", "my drivers/stuck.driver.js"];
  const [accepted, all, json, short] = await inTurn(
    ["check", b, ...quick, ...baseline],
    ["suite", "wrong", ...quick, ...baseline, ...ci],
    ["check", b, stuck, ...quick, ...baseline, "--json"],
    ["check", "waiting.driver.json", ...quick, "--require-complete", "--write-baseline", "c.json"],
  );
  expect(accepted.code).toBe(0);
  expect(accepted.stdout).toMatch(
    /Accepted by the baseline\n.*DEADLOCK.*\n +Accepted: to be reviewed/,
  );
  expect(all.code).toBe(1);
  expect(all.stdout).toContain("\n2 driver files judged: 1 verdict not as known.\n");
  expect(all.stdout).toMatch(
    /\n::error file=wrong\/a\.driver\.ts,title=Loophole%3A not as known::exp/,
  );
  expect(all.stdout).toMatch(/\n::notice file=wrong\/b\/b\.driver\.json,title=[^\n]*DEADLOCK/);
  const junit = readFileSync(join(folder.path, "results/junit.xml"), "utf8");
  expect(readXml(junit).attributes).toMatchObject({ tests: "8", failures: "1", skipped: "1" });
  expect(json.code).toBe(1);
  expect(
    reportSchema
      .parse(JSON.parse(json.stdout))
      .findings.map(({ driver, accepted: why }) => [driver, why]),
  ).toEqual([
    ["b", "to be reviewed"],
    ["stuck", undefined],
  ]);
  expect(short.code).toBe(1);
  expect(short.stdout).toMatch(
    /waiting\.driver\.json: only (?:sampled|bounded), .*bounded-latency.* --budget/,
  );
});

test.skipIf(process.platform === "win32")(
  "Ctrl-C and --time end a search early, with what is found and the budget that repeats it",
  async () => {
    const long = ["long.driver.ts", "--budget", "4000000000", "--json"];
    const interrupted = start(folder.path, "check", ...long);
    // It prints when it is loaded; soon after, it is being judged.
    interrupted.child.stderr?.once("data", () => {
      setTimeout(() => interrupted.child.kill("SIGINT"), 500);
    });
    const [byHand, byClock] = await Promise.all([
      interrupted.ended,
      run("check", ...long, "--time", "0.5"),
    ]);
    for (const [ended, by] of [
      [byHand, "Ctrl-C"],
      [byClock, "--time 0.5"],
    ] as const) {
      expect(ended.stderr).toContain(`loophole: stopped by ${by}`);
      expect(ended.stderr).toMatch(
        /long\.driver\.ts: (?:after [\d ]+ operations; --budget \d+ repeats|not judged)/,
      );
      const report = reportSchema.parse(JSON.parse(ended.stdout));
      expect(report.complete).toBe(false);
      expect(ended.code).toBe(report.findings.length > 0 ? 1 : 0);
    }
  },
);

test("help teaches with examples, and schemas are JSON Schema", async () => {
  const names = ["report", "campaign", "shard", "drift", "driver", "corpus", "baseline"];
  const [help, version, ...schemas] = await inTurn(
    ["suite", "--help"],
    ["--version"],
    ...names.map((name) => ["schema", name]),
  );
  expect(help.code).toBe(0);
  expect(help.stdout).toMatch(/Examples:[\s\S]*Exit code 0 means/);
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  for (const { code, stdout } of schemas) {
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ $schema: expect.stringContaining("2020-12") });
  }
});
