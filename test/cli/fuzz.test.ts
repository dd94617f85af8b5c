/** The command `fuzz`, as it is run. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { fuzz as campaign, type FuzzOptions, type FuzzState } from "../../src/campaign/fuzz.ts";
import { replay } from "../../src/campaign/replay.ts";
import { seedDefault } from "../../src/cli/options.ts";
import { loadCounterexample } from "../../src/corpus/load.ts";
import { call } from "./support/call.ts";
import { harmlessDriver, loophole, makeFolder, start } from "./support/command.ts";

const folder = makeFolder({ "good.ts": harmlessDriver("good") });
afterAll(folder.remove);
const fuzz = (...args: string[]) => loophole(folder.path, "fuzz", "--run-budget", "300", ...args);
const here = (...args: string[]) => call(folder.path, "fuzz", "--run-budget", "300", ...args);
const options: FuzzOptions = {
  seed: seedDefault,
  runs: 1,
  budget: 1_000_000_000,
  runBudget: 300,
  illegal: 0.3,
  given: [],
  generated: true,
};
const filesOf = (name: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(join(folder.path, name)).map((file) => [
      file,
      readFileSync(join(folder.path, name, file), "utf8"),
    ]),
  );

/** What a process that is gone has left behind. */
const draft = `.loophole-${spawnSync(process.execPath, ["--version"]).pid}-0.tmp`;

test("the number of workers changes no byte, and neither does an interruption", async () => {
  const args = ["--runs", "12", "--illegal", "0", "--json"];
  const [one, two] = await Promise.all([
    fuzz(...args, "--workers", "1", "--save", "one"),
    (async () => {
      // As if it had been interrupted: a part is done, and a draft is left behind.
      await fuzz("--runs", "10", "--illegal", "0", "--workers", "2", "--save", "two");
      writeFileSync(join(folder.path, "two", draft), "half");
      return await fuzz(...args, "--workers", "2", "--save", "two");
    })(),
  ]);
  expect(one.stderr).toBe("");
  expect(two.stdout.replaceAll("two/", "one/")).toBe(one.stdout);
  const { "campaign.state": state, ...kept } = filesOf("one");
  const again = filesOf("two");
  expect(again["campaign.state"]).toBe(state);
  expect(existsSync(join(folder.path, "two", draft))).toBe(false);
  for (const [name, text] of Object.entries(kept)) expect(again[name]).toBe(text);
  for (const name of Object.keys(kept)) {
    const { mismatch } = replay(await loadCounterexample(join(folder.path, "one", name)));
    expect(mismatch).toBeUndefined();
  }
});

test("a campaign that is stopped keeps whole files, and goes on to the same end", async () => {
  mkdirSync(join(folder.path, "cut"));
  const { child, ended } = start(
    folder.path,
    ...["fuzz", "--run-budget", "300", "--runs", "10000", "--save", "cut"],
  );
  const state = join(folder.path, "cut", "campaign.state");
  while (!existsSync(state)) await new Promise((r) => setTimeout(r, 50));
  child.kill("SIGKILL");
  await ended;
  const { state: kept } = JSON.parse(readFileSync(state, "utf8")) as { state: FuzzState };
  expect(kept.done).toBeGreaterThan(0);
  // What it wrote is what a campaign of so many runs comes to, so that it can go on from there.
  expect(kept).toEqual(JSON.parse(JSON.stringify(campaign({ ...options, runs: kept.done }))));
});

test("a harmless driver is clean in drawn worlds, and another campaign's folder is refused", async () => {
  const clean = await here("good.ts", "--runs", "20", "--save", "good");
  expect([clean.code, clean.stderr]).toEqual([0, ""]);
  expect(clean.stdout).toMatch(/Nothing was found in 20 runs/);
  const other = await here("--runs", "20", "--save", "good");
  expect(other.code).toBe(2);
  expect(other.stderr).toMatch(/good.campaign\.state: is of another campaign/);
  const wrong = await here("--illegal", "2");
  expect([wrong.code, wrong.stderr]).toEqual([2, '--illegal: "2" is not a share from 0 to 1\n']);
});
