import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { check } from "../../src/campaign/check.ts";
import { saveBaseline } from "../../src/corpus/baseline.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import "../../src/vitest.ts";

const waits = (timeout?: "10ms" | "600ms") =>
  defineDriver("waits", (d) => {
    const done = d.event("Done", "NotificationEvent");
    d.onProcessCreate("OnProcessCreate", (a) => {
      if (timeout === undefined) a.KeWaitForSingleObject(done);
      else a.KeWaitForSingleObject(done, { Timeout: timeout });
    });
  });
const stands = defineDriver("stands", (d) => {
  const count = d.variable("Count");
  d.onProcessCreate("OnProcessCreate", (a) => {
    a.InterlockedIncrement(count);
  });
});

/** What the failure of an expectation says. */
function failure(expectation: () => void): string {
  try {
    expectation();
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

test("a driver that hangs fails with its story, and the file that replays it", () => {
  const message = failure(() => expect(waits()).toBeDeadlockFree());
  expect(message).toContain("DEADLOCK: process callback OnProcessCreate of waits");
  expect(message).toContain("KeWaitForSingleObject(Done, no timeout)");
  expect(message).toContain("loophole replay");
  expect(message).toContain('"loophole": "counterexample"');
});

test("a driver that stands passes all, completely", () => {
  expect(stands).toBeDeadlockFree({ complete: true });
  expect(stands).toReturnWithin("1ms", { complete: true });
  expect(stands).toKeepTheRules();
  expect(stands).toBeCrashFree();
  expect([stands, stands]).toBeDeadlockFree();
});

test("what one search has shown holds for that driver as it was, and for no other", () => {
  const changing = { ...stands };
  expect(changing).toBeDeadlockFree();
  expect(changing).toBeCrashFree();
  Object.assign(changing, waits());
  expect(changing).not.toBeDeadlockFree();
  expect(waits()).not.toBeDeadlockFree();
  expect(changing).toBeCrashFree();
  expect({ ...stands }).toBeDeadlockFree();
});

test("a time is the one that is asked for", () => {
  expect(waits("10ms")).toReturnWithin("11ms");
  expect(failure(() => expect(waits("10ms")).toReturnWithin("9ms"))).toContain("LATENCY");
  expect(waits("600ms")).toReturnWithin("601ms");
  expect(waits("600ms")).not.toReturnWithin("500ms");
  expect(() => expect(stands).toReturnWithin("soon")).toThrow('"500ms", not soon');
});

test("a time is that of one callback, not of an event's together, nor of who raises it", () => {
  const slow = (name: string) =>
    defineDriver(name, (d) => {
      d.onProcessCreate("OnProcessCreate", (a) => a.KeDelayExecutionThread("4s"));
    });
  expect([slow("one"), slow("other"), slow("third")]).toReturnWithin("5s");
  expect([slow("one"), slow("other"), slow("third")]).not.toReturnWithin("3s");
});

test("a slip in an option, or in what is expected, is told in one line, and no test passes by it", () => {
  const told = (options: object): string =>
    failure(() => expect(stands).toBeDeadlockFree(options as never));
  expect(told({ times: { ioMs: 1 } })).toBe('options: times: unknown key "ioMs"');
  expect(told({ times: { ioUs: -1 } })).toMatch(/^options: times\.ioUs: /);
  expect(told({ scop: "small" })).toMatch(/^options: unknown key "scop"/);
  expect(told({ scope: "tiny" })).toMatch(/^options: scope: "tiny" where one of small/);
  for (const wrong of [3, undefined, [], { name: "acme" }]) {
    expect(failure(() => expect(wrong as never).toBeDeadlockFree())).toMatch(
      /^expect: takes a dri/,
    );
  }
});

test("a rule is broken also where what comes of it is a hang", () => {
  expect(failure(() => expect(waits()).toKeepTheRules())).toContain("Rules that this run breaks");
});

test("what was not searched to its end passes only where that is not asked for", () => {
  expect(failure(() => expect(stands).toBeDeadlockFree({ budget: 1 }))).toContain("larger budget");
});

test("what a baseline accepts does not fail, until it is over", () => {
  const folder = mkdtempSync(join(tmpdir(), "loophole baseline "));
  const baseline = join(folder, "accepted.json");
  const driver = waits();
  const { findings } = check({ drivers: [driver] }, { scope: "small", budget: 10_000, seed: "a" });
  const accept = (expires?: string): void =>
    saveBaseline(
      baseline,
      findings.map(({ finding: { outcome, identity } }) => ({
        ...{ driver: "waits", outcome, identity, reason: "known" },
        ...(expires === undefined ? {} : { expires }),
      })),
    );
  try {
    accept();
    expect(driver).toBeDeadlockFree({ baseline });
    expect(failure(() => expect(waits("600ms")).toReturnWithin("9ms", { baseline }))).toContain(
      "LATENCY",
    );
    accept("2001-01-01");
    expect(failure(() => expect(driver).toBeDeadlockFree({ baseline }))).toContain("DEADLOCK");
    writeFileSync(baseline, "{}");
    expect(failure(() => expect(driver).toBeDeadlockFree({ baseline }))).toContain(
      "is no baseline",
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
