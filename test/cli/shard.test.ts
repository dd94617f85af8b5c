/** Shares of the work, and what they are put together to. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { campaignSchema } from "../../src/cli/fuzz/campaign-schema.ts";
import { isOurs, parseShard } from "../../src/cli/shard/shard.ts";
import { reportSchema } from "../../src/report/json.ts";
import { refused } from "../language/support/refused.ts";
import { call } from "./support/call.ts";
import { harmlessJson, loophole, makeFolder, stuckJson } from "./support/command.ts";

const folder = makeFolder({
  "drivers/a.driver.json": harmlessJson("a"),
  "drivers/b.driver.json": stuckJson("b"),
  "drivers/c.driver.json": harmlessJson("c"),
  "drivers/d.driver.json": stuckJson("d"),
  "drivers/e.driver.json": harmlessJson("e"),
});
afterAll(folder.remove);
const run = (...args: string[]) => call(folder.path, ...args);
const at = (name: string): string => join(folder.path, name);

/** Runs a call as so many shards, and keeps what they print as `name`1.json and so on. */
async function shards(name: string, of: number, ...args: string[]): Promise<string[]> {
  const files = Array.from({ length: of }, (_, i) => `${name}${i + 1}.json`);
  for (const [i, file] of files.entries()) {
    const { stdout } = await run(...args, "--json", "--shard", `${i + 1}/${of}`);
    writeFileSync(at(file), stdout);
  }
  return files;
}

test("the shards have everything once, and none has more than one thing more than another", () => {
  const shard = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(shard, fc.nat({ max: 200 }), (of, count) => {
      const all = Array.from({ length: count }, (_, i) => i);
      const parts = Array.from({ length: of }, (_, i) =>
        all.filter((one) => isOurs(parseShard(`${i + 1}/${of}`), one)),
      );
      expect(parts.flat().sort((a, b) => a - b)).toEqual(all);
      const sizes = parts.map(({ length }) => length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
});

test.each(["0/3", "4/3", "x", "1", "1/", "/2", "1/0", "-1/2", "1/2/3", "1.5/2", "", "1/1001"])(
  "%j is no shard, and the line says what one is",
  (text) => {
    expect(refused(() => parseShard(text)).message).toMatch(/^--shard: .* is no share of the work/);
  },
);

test("merged shards of a suite are the whole, to the byte: its report, its JUnit, its exit code", async () => {
  const suite = ["suite", "drivers", "--scope", "small", "--budget", "2000"];
  // As CI would, in a process of its own.
  const whole = await loophole(folder.path, ...suite, "--json", "--junit", "whole.xml");
  const files = await shards("suite", 2, ...suite);
  const merged = await run("merge", ...files.toReversed(), "--json", "--junit", "merged.xml");
  expect(merged.stdout).toBe(whole.stdout);
  expect(merged.stderr).toBe(whole.stderr);
  expect(merged.code).toBe(whole.code);
  reportSchema.parse(JSON.parse(merged.stdout));
  expect(readFileSync(at("merged.xml"), "utf8")).toBe(readFileSync(at("whole.xml"), "utf8"));
  const told = await run("merge", ...files);
  expect(told.stdout).toMatch(/^drivers\/a\.driver\.json: /);
  expect(told.stdout).toMatch(/5 files of 2 shards: findings, 2 failing\.\n$/);
});

test("a shard without work is one, too", async () => {
  const check = ["check", "drivers/a.driver.json", "--scope", "small", "--budget", "2000"];
  const whole = await run(...check, "--json");
  const files = await shards("few", 2, ...check);
  const merged = await run("merge", ...files, "--json");
  expect([merged.stdout, merged.code]).toEqual([whole.stdout, whole.code]);
});

test("merged shards of a campaign are the whole, with what it keeps, where runs or budget end it", async () => {
  const fuzz = ["fuzz", "drivers/b.driver.json", "--runs", "30", "--run-budget", "300"];
  const whole = await run(...fuzz, "--json", "--save", "whole");
  const files = await shards("runs", 2, ...fuzz);
  const merged = await run("merge", ...files, "--json", "--save", "kept");
  expect(merged.stdout.replaceAll("kept/", "whole/")).toBe(whole.stdout);
  campaignSchema.parse(JSON.parse(merged.stdout));
  expect(readdirSync(at("kept"))).toEqual(readdirSync(at("whole")));
  for (const name of readdirSync(at("whole"))) {
    expect(readFileSync(at(`kept/${name}`), "utf8")).toBe(
      readFileSync(at(`whole/${name}`), "utf8"),
    );
  }
  const short = [...fuzz, "--budget", "1000"];
  const cut = await run(...short, "--json");
  const cuts = await shards("cut", 3, ...short);
  expect(JSON.parse(cut.stdout).runs).toBeLessThan(30);
  expect((await run("merge", ...cuts, "--json")).stdout).toBe(cut.stdout);
});

test("what are not all shards of one call, each once and as written, is refused in one line", async () => {
  const check = ["check", "drivers/a.driver.json", "--scope", "small", "--budget"];
  const [one, two] = await shards("one", 2, ...check, "500");
  const [other] = await shards("other", 2, ...check, "600");
  writeFileSync(at("changed.json"), readFileSync(at(one), "utf8").replace("clean", "findings"));
  writeFileSync(at("cut.json"), readFileSync(at(one), "utf8").slice(0, 100));
  writeFileSync(at("else.json"), "{}");
  writeFileSync(at("loophole.config.ts"), "export default { times: { callbackUs: 50_000 } };\n");
  const [timed] = await shards("timed", 2, ...check, "500");
  rmSync(at("loophole.config.ts"));
  const refusals = [
    await run("merge", one),
    await run("merge", one, two, one),
    await run("merge", one, other),
    await run("merge", one, timed),
    await run("merge", "changed.json", two),
    await run("merge", "cut.json", two),
    await run("merge", "else.json", two),
    await run("merge", "nowhere.json"),
    await run("merge", one, two, "--save", "x"),
  ];
  expect(refusals.map(({ code, stdout }) => [code, stdout])).toEqual(refusals.map(() => [2, ""]));
  expect(refusals.map(({ stderr }) => stderr)).toEqual([
    "merge: shard 2/2 is missing\n",
    "one1.json: is shard 1/2, and so is one1.json\n",
    "other1.json: is of another call than one1.json: budget differs\n",
    "timed1.json: is of another call than one1.json: times differs\n",
    "changed.json: was changed since it was written\n",
    "cut.json: is no JSON\n",
    "else.json: is not what --shard with --json prints\n",
    "nowhere.json: there is no such file\n",
    "--save: is for campaigns: shards of check and suite save by themselves\n",
  ]);
  expect(existsSync(at("x"))).toBe(false);
});

test("what cannot be divided says so", async () => {
  const file = "drivers/a.driver.json";
  const refusals = [
    await run("check", file, "--together", "--shard", "1/2"),
    await run("check", file, "--write-baseline", "b.json", "--shard", "1/2"),
    await run("fuzz", "--json", "--shard", "1/2"),
    await run("fuzz", "--runs", "5", "--shard", "1/2"),
    await run("fuzz", "--runs", "5", "--json", "--save", "x", "--shard", "1/2"),
  ];
  for (const { code, stderr } of refusals) {
    expect(code).toBe(2);
    expect(stderr).toMatch(/^--(?:shard|write-baseline): [^\n]+\n$/);
  }
});
