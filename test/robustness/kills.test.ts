/** A share of `npm run kills`, which does the same more often and to longer campaigns. */
import { afterAll, expect, test } from "vitest";
import { makeFolder } from "../cli/support/command.ts";
import { waitingDriver } from "../corpus/support/counterexamples.ts";
import { type Campaign, finish, killOften, type Outcome } from "./support/kills.ts";
import { hasLimits, runAtOnce, runOnFullDisks } from "./support/troubles.ts";

const campaign: Campaign = { runs: 40, runBudget: 300, driver: waitingDriver("acme", 0) };
const folders = Array.from({ length: 4 }, () => makeFolder({}));
afterAll(() => {
  for (const { remove } of folders) remove();
});

let undisturbed: Outcome;

test("a campaign that is killed again and again ends as one that is not, with any number of workers", async () => {
  const [calm, killed] = folders.map(({ path }) => path);
  const { ms, ...whole } = await finish(calm, campaign, 2);
  undisturbed = whole;
  const killing = { folder: killed, campaign, whole, times: 3, withinMs: ms / 2, seed: "share" };
  const kills = await killOften(killing);
  expect(kills).toHaveLength(3);
  expect(kills.flatMap(({ faults }) => faults)).toEqual([]);
  const { ms: _, ...end } = await finish(killed, campaign, 1);
  expect(end).toEqual(whole);
  expect(Object.keys(end.files)).toContain("campaign.state");
});

test.runIf(hasLimits)(
  "a campaign whose disk is full keeps whole files, says so in one line, and goes on",
  async () => {
    const folder = folders[2].path;
    const found = await runOnFullDisks({ folder, campaign, whole: undisturbed }, 2, "share");
    expect(found.flatMap(({ faults }) => faults)).toEqual([]);
    expect(found.map(({ code }) => code)).toContain(2);
    const { ms: _, ...end } = await finish(folder, campaign, 2);
    expect(end).toEqual(undisturbed);
  },
);

test("of two campaigns in one folder one works, and the other says so or finds it done", async () => {
  const folder = folders[3].path;
  const { faults } = await runAtOnce({ folder, campaign, whole: undisturbed }, 2);
  expect(faults).toEqual([]);
});
