import fc from "fast-check";
import { expect, test } from "vitest";
import { check } from "../../src/campaign/check.ts";
import { replay } from "../../src/campaign/replay.ts";
import type { Found } from "../../src/campaign/report.ts";
import type { Counterexample } from "../../src/corpus/counterexample.ts";
import { pattern } from "../explore/support/models.ts";
import { users, worldWith } from "../explore/support/worlds.ts";

/** Patterns of each outcome, in both readings, in worlds that show what they have to show. */
const checked: readonly Found[] = [
  { name: "lock-order", workload: users(2, "create and exit") },
  { name: "recursive-fast-mutex" },
  { name: "fast-mutex-over-wait" },
  { name: "fast-mutex-over-io" },
  { name: "service-spawns" },
  { name: "service-spawns-guarded", service: { condition: "slow" as const } },
  { name: "service-verdict-guarded", service: { condition: "hung" as const } },
  { name: "service-verdict", service: { condition: "target" as const } },
  { name: "lock-across-removal", removal: "racing" as const },
  { name: "unload-forgets", removal: "racing" as const },
  { name: "requeues-item", workload: users(2, "create") },
  { name: "timeout-on-stack-event" },
  { name: "spin-lock-over-wait" },
].flatMap(({ name, ...change }) => {
  const { driver, worlds } = pattern(name);
  const { workload } = worlds[0];
  const world = worldWith({ workload, ...change });
  const options = { scope: "small", budget: 6_000, seed: "replay" } as const;
  return check({ drivers: [driver], worlds: [world] }, options).findings;
});

const examples = checked.map(({ counterexample }) => counterexample);
const timedOnes = checked.filter(({ finding }) => finding.path !== undefined);
const scheduled = examples.filter(({ schedule }) => schedule.length > 0);

test("each outcome is among the findings, with a schedule and without, timed and untimed", () => {
  const outcomes = new Set(checked.map(({ finding }) => finding.outcome));
  expect([...outcomes].sort()).toEqual(["crash", "deadlock", "latency", "rule"]);
  expect(new Set(examples.map(({ reading }) => reading)).size).toBe(2);
  expect(scheduled.length).toBeGreaterThan(2);
  expect(timedOnes.length).toBeGreaterThan(1);
});

test.each(checked.map((found) => [found.finding.driver, found.finding.mechanism, found] as const))(
  "%s: a finding (%s) is shown again by its file, story and all",
  (_, __, { finding: whole, counterexample }) => {
    // What other worlds showed no file tells.
    const { below: _below, simplest: _simplest, ...finding } = whole;
    const text: Counterexample = JSON.parse(JSON.stringify(counterexample));
    const { finding: again, mismatch } = replay(text);
    expect(mismatch).toBeUndefined();
    expect(again).toEqual(finding);
  },
);

const anyOf = (list: readonly Counterexample[]): fc.Arbitrary<Counterexample> =>
  fc.constantFrom(...list);

test("a file that claims another mechanism, identity or outcome is told what its run shows", () => {
  fc.assert(
    fc.property(
      anyOf(examples),
      fc.constantFrom("mechanism", "identity", "outcome"),
      (example, which) => {
        const claims = { ...example.finding, [which]: which === "outcome" ? "livelock" : "other" };
        const { finding, mismatch } = replay({ ...example, finding: claims });
        expect(finding).toBeUndefined();
        expect(mismatch).toMatch(/^the run shows (?:no \w+|\w+ \(.+; .+\) instead)$/);
      },
    ),
    { numRuns: 60 },
  );
});

test("a file without one of its decisions does not show its finding any more", () => {
  for (const example of scheduled) {
    example.schedule.forEach((_, i) => {
      const schedule = example.schedule.filter((__, k) => k !== i);
      expect(replay({ ...example, schedule }).mismatch).toMatch(
        /^the latency is|^not reproducible|^the run (?:shows|ends after)/,
      );
    });
    expect(replay({ ...example, schedule: [] }).mismatch).toMatch(
      /^the latency is|^the run (?:shows|ends after)/,
    );
  }
});

test("a decision that cannot be taken, or never comes, is named", () => {
  for (const example of scheduled) {
    const [first, ...rest] = example.schedule;
    const other = { ...first, take: "nobody: nothing" };
    expect(replay({ ...example, schedule: [other, ...rest] })).toEqual({
      finding: undefined,
      mismatch: 'not reproducible at decision 1: "nobody: nothing" cannot go there',
    });
    const never = { ...first, instead: "nobody: nothing" };
    expect(replay({ ...example, schedule: [...example.schedule, never] })).toEqual({
      finding: undefined,
      mismatch: `not reproducible: decision ${example.schedule.length + 1} ("nobody: nothing") never came`,
    });
  }
});

test("a file that claims another latency is told the one that its run has", () => {
  for (const { counterexample } of timedOnes) {
    const { latencyUs = 0 } = counterexample.finding;
    const finding = { ...counterexample.finding, latencyUs: latencyUs + 1 };
    expect(replay({ ...counterexample, finding }).mismatch).toBe(
      `the latency is ${latencyUs} µs, not ${latencyUs + 1} µs`,
    );
  }
});

test("a file whose driver was repaired since says that the run shows it no more", () => {
  const example = examples.find(({ finding }) => finding.driver === "recursive-fast-mutex");
  const repaired: Counterexample = JSON.parse(
    JSON.stringify(example).replaceAll("ZwCreateUserProcess", "ZwReadFile"),
  );
  // One accident less, and another one more: the read cannot complete at APC_LEVEL.
  expect(replay(repaired).mismatch).toMatch(/^the run shows|^the run ends after/);
});
