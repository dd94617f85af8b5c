/** What a story to another harm tells of rules that its steps break, and of vetoes. */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { users, worldWith } from "../explore/support/worlds.ts";
import { deadlockIn, findingsIn, storyOf } from "../judge/support/findings.ts";

const keeps = (gives: boolean) =>
  defineDriver("keeps", (d) => {
    const lock = d.fastMutex("Lock");
    const never = d.event("Never", "NotificationEvent");
    d.onProcessCreate("OnCreate", (a) => {
      a.ExAcquireFastMutex(lock);
      if (gives) {
        a.ExReleaseFastMutex(lock);
        a.KeWaitForSingleObject(never);
      }
    });
  });

test("a hang that a leak leads to names the leak among its rules, one without names none", () => {
  const world = worldWith({ workload: users(2, "create") });
  const leaked = deadlockIn(keeps(false), world, "leaks");
  expect(leaked?.rules).toContain("LEAK");
  expect(storyOf(leaked)).toMatch(/Rules that this run breaks .* LEAK Leave locks/);
  const given = deadlockIn(keeps(true), world, "leaks");
  expect(given?.rules).toContain("R5");
  expect(given?.rules).not.toContain("LEAK");
});

test("a finding about rules is about its own, whatever else its run breaks", () => {
  const found = findingsIn(keeps(false), worldWith({}), "leaks");
  expect(found.map(({ outcome, rules }) => [outcome, rules])).toEqual([["rule", ["LEAK"]]]);
});

const refuses = (vetoes: boolean) =>
  defineDriver("refuses", (d) => {
    const never = d.event("Never", "NotificationEvent");
    d.onProcessCreate("OnCreate", (a) => {
      if (vetoes) a.veto();
      a.KeWaitForSingleObject(never);
    });
  });

test("a veto is a step of its story", () => {
  const steps = (vetoes: boolean) =>
    deadlockIn(refuses(vetoes), worldWith({}), "refuses")
      ?.steps.filter(({ owner }) => owner === "refuses")
      .map(({ operation }) => operation);
  const wait = "KeWaitForSingleObject(Never, no timeout)";
  expect(steps(true)?.slice(-2)).toEqual(["CreationStatus = an error", wait]);
  expect(steps(false)?.at(-1)).toBe(wait);
  expect(steps(false)?.join()).not.toContain("CreationStatus");
});
