/** A share of `npm run kills`, which does the same more often and to longer campaigns. */
import { afterAll, expect, test } from "vitest";
import { makeFolder } from "../cli/support/command.ts";
import { waitingDriver } from "../corpus/support/counterexamples.ts";
import { type Campaign, finish, killOften } from "./support/kills.ts";

const campaign: Campaign = { runs: 80, runBudget: 300, driver: waitingDriver("acme", 0) };
const folders = [makeFolder({}), makeFolder({})];
afterAll(() => {
  for (const { remove } of folders) remove();
});

test("a campaign that is killed again and again ends as one that is not, with any number of workers", async () => {
  const [calm, killed] = folders.map(({ path }) => path);
  const { ms, ...whole } = await finish(calm, campaign, 2);
  const killing = { folder: killed, campaign, whole, times: 3, withinMs: ms / 2, seed: "share" };
  const kills = await killOften(killing);
  expect(kills).toHaveLength(3);
  expect(kills.flatMap(({ faults }) => faults)).toEqual([]);
  const { ms: _, ...end } = await finish(killed, campaign, 1);
  expect(end).toEqual(whole);
  expect(Object.keys(end.files)).toContain("campaign.state");
});
