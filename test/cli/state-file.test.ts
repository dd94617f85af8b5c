import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type FuzzOptions, freshState, fuzz } from "../../src/campaign/fuzz.ts";
import { readState, stateName, writeState } from "../../src/cli/fuzz/state-file.ts";
import { refused } from "../language/support/refused.ts";
import { makeFolder } from "./support/command.ts";

const folder = makeFolder({});
afterAll(folder.remove);
const file = join(folder.path, stateName);
const options: FuzzOptions = {
  ...{ seed: "a", runs: 3, budget: 1_000_000, runBudget: 100, illegal: 0 },
  ...{ given: [], generated: true },
};
const read = () => readState(folder.path, options);

test("a campaign is read as it was written, and what was changed or damaged since is refused", () => {
  expect(read()).toEqual(freshState);
  const state = fuzz(options);
  writeState(folder.path, options, state);
  expect(read()).toEqual(JSON.parse(JSON.stringify(state)));
  const text = readFileSync(file, "utf8");
  const deep = `${"[".repeat(60_000)}${"]".repeat(60_000)}`;
  for (const [changed, said] of [
    [text.replace('"done":3', '"done":4'), /is damaged, or was changed by hand/],
    [text.replace('"done":3', '"done":1e400'), /is damaged, or was changed by hand/],
    [text.replace('"done":3', `"done":${deep}`), /is damaged, or was changed by hand/],
    [text.replace(/"sum":"\w+"/, '"sum":3'), /is damaged, or was changed by hand/],
    [text.slice(0, -20), /campaign\.state:1: .* belongs/],
    ["null", /is no state of a campaign/],
    [text.replace('"version":3', '"version":1'), /is of another campaign/],
  ] as const) {
    expect(changed).not.toBe(text);
    writeFileSync(file, changed);
    expect(refused(read).message).toMatch(said);
  }
  writeFileSync(file, text);
  expect(refused(() => readState(folder.path, { ...options, seed: "b" })).message).toContain(
    "is of another campaign",
  );
});
