/** The scenarios that tests say by hand: a few threads that meet at one place, as random ones seldom do. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { notedInto } from "../noted.ts";
import type { Scenario } from "../scenario.ts";
import type { Case } from "./cases.ts";

const home = "test/oracle/meetings";

const testFiles = (): string[] =>
  readdirSync(home)
    .filter((one) => one.endsWith(".test.ts"))
    .map((one) => join(home, one))
    .sort();

/** Runs those tests, which note their scenarios into a file. */
export function testedCases(into: string): Case[] {
  rmSync(into, { force: true });
  const vitest = resolve("node_modules/vitest/vitest.mjs");
  execFileSync(process.execPath, [vitest, "run", ...testFiles()], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, [notedInto]: resolve(into) },
  });
  const lines = existsSync(into) ? readFileSync(into, "utf8").split("\n") : [];
  // Which test was the first to note one does not matter.
  const texts = [...new Set(lines.filter((line) => line !== ""))].sort();
  return texts.map((text, i) => ({ seed: i + 1, given: JSON.parse(text) as Scenario }));
}
