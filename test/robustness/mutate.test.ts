/** A share of `npm run mutate`, which does the same to thousands of files: what somebody or something has damaged is answered in time and well. */
import { beforeAll, expect, test } from "vitest";
import { call } from "../cli/support/call.ts";
import { loophole } from "../cli/support/command.ts";
import { campaignState } from "./support/campaign.ts";
import { type Case, type Kind, kinds, makeCases } from "./support/cases.ts";
import { answersAtPlaces } from "./support/places.ts";
import { answerAll } from "./support/run.ts";

/** Each call for those below the first three starts a thread or a process of its own. */
const shares: Readonly<Record<Kind, number>> = {
  "driver as JSON": 24,
  "driver as TypeScript": 10,
  counterexample: 48,
  baseline: 6,
  configuration: 3,
  campaign: 12,
};

let campaign: string;
let caseOf: ReturnType<typeof makeCases>;
beforeAll(async () => {
  campaign = await campaignState();
  caseOf = makeCases(campaign);
});

/** The first cases of a kind. */
function casesOf(kind: Kind, count: number): Case[] {
  const found: Case[] = [];
  for (let index = 0; found.length < count; index++) {
    const one = caseOf("share", index);
    if (one.kind === kind) found.push(one);
  }
  return found;
}

test.each(kinds)("a mutated %s is read, or refused in one line with its place", async (kind) => {
  const answers = await answerAll(casesOf(kind, shares[kind]), (batch) =>
    // One goes the whole way.
    kind === "driver as JSON" && batch === 0 ? loophole : call,
  );
  expect(answers).toHaveLength(shares[kind]);
  expect(answers.filter(({ fault }) => fault !== undefined)).toEqual([]);
  // Neither all nor none, or nothing would be learnt.
  const refused = answers.filter(({ code }) => code === 2).length;
  expect(refused).toBeGreaterThan(0);
});

test.skipIf(process.platform === "win32")(
  "what is no file where one is read or written is refused in one line; a link to one is followed",
  async () => {
    // A FIFO as a driver, an endless device as one, a link to one, a link to itself as JUnit.
    const answers = await answersAtPlaces(campaign, (index) => [0, 12, 17, 76].includes(index));
    expect(answers.map(({ what, code, fault }) => [what, code, fault])).toEqual([
      ["a FIFO for a driver as data", 2, undefined],
      ["a device without end for a driver", 2, undefined],
      ["a link to a file for a driver", 0, undefined],
      ["a link to itself for a JUnit", 2, undefined],
    ]);
  },
);

test("the same case is the same file, on every machine", () => {
  const told = kinds.map((kind) => casesOf(kind, 1)[0]);
  expect(told.map(({ index, kind }) => [index, kind])).toMatchInlineSnapshot(`
    [
      [
        0,
        "driver as JSON",
      ],
      [
        8,
        "driver as TypeScript",
      ],
      [
        1,
        "counterexample",
      ],
      [
        48,
        "baseline",
      ],
      [
        37,
        "configuration",
      ],
      [
        28,
        "campaign",
      ],
    ]
  `);
  for (const { index, bytes } of told) {
    expect(caseOf("share", index).bytes.equals(bytes)).toBe(true);
  }
});
