/** The README's guide, followed as it stands: a reader who does what it says gets what it says. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { call } from "../cli/support/call.ts";
import { type Ended, makeFolder } from "../cli/support/command.ts";
import { stepsOf } from "./support/steps.ts";

const folder = makeFolder({});
afterAll(folder.remove);

/** Does every step; returns what each command came to. */
async function followed(title: string): Promise<(Ended & { readonly args: readonly string[] })[]> {
  const runs: (Ended & { readonly args: readonly string[] })[] = [];
  for (const step of stepsOf(title)) {
    switch (step.kind) {
      case "file":
        mkdirSync(dirname(join(folder.path, step.name)), { recursive: true });
        writeFileSync(join(folder.path, step.name), step.text);
        break;
      case "run":
        runs.push({ ...(await call(folder.path, ...step.args)), args: step.args });
        break;
      case "shows": {
        const { stdout = "" } = runs.at(-1) ?? {};
        let from = 0;
        for (const part of step.parts) {
          const at = stdout.indexOf(part, from);
          expect(at, `${part}\n— in —\n${stdout}`).toBeGreaterThanOrEqual(0);
          from = at + part.length;
        }
      }
    }
  }
  return runs;
}

test("“Add a callback family”, followed word for word, ends in a working family and a counterexample", async () => {
  const [check, replay, fuzz, all] = await followed("Add a callback family");
  expect(check.code, check.stderr).toBe(1);
  expect(replay, replay.stderr).toMatchObject({ code: 0 });
  expect(fuzz.code, fuzz.stderr).toBe(0);
  expect(all.code, all.stderr).toBe(0);
  expect(all.stdout).toMatch(/\d+ files: all do what they say/);
  expect(replay.stdout).toContain("does what it says. DEADLOCK: driver clock");

  // What was saved needs none of the files that the guide made.
  const saved = readdirSync(join(folder.path, "found"));
  expect(saved.length).toBeGreaterThan(0);
  for (const name of ["system-time.ts", "clock.driver.ts", "loophole.config.ts"]) {
    rmSync(join(folder.path, name));
  }
  const alone = await call(folder.path, "replay", "found");
  expect(alone.code, alone.stderr).toBe(0);
});
