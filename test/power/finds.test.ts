/**
 * What the search finds, and how soon: each known bug of the patterns within so many operations of
 * the default scope, told in so few steps. The figures are measured, with half as much again and more
 * to spare; one that grows is a search, or a shrinking, that has become weaker.
 */
import { expect, test } from "vitest";
import { check } from "../../src/campaign/check.ts";
import type { DriverModel } from "../../src/language/model.ts";
import type { World } from "../../src/windows/scenario.ts";

const circle = "callback waits for an event > queued work item waits for a free worker (circle)";

const known: readonly (readonly [string, string, string, number, number])[] = [
  ["fast-mutex-over-io", "deadlock", "callback waits for a completion", 1_000, 6],
  ["fast-mutex-over-wait", "deadlock", `callback waits for a FAST_MUTEX > ${circle}`, 1_000, 14],
  [
    "fast-mutex-over-wait",
    "deadlock",
    "callback waits for an event > work item waits for a FAST_MUTEX (circle)",
    1_000,
    9,
  ],
  ["hundred-images", "latency", "callback: delay", 8_000, 204],
  ["image-file-io", "deadlock", "callback waits for a completion", 1_000, 5],
  [
    "lock-across-removal",
    "deadlock",
    "DriverUnload waits for rundown > callback waits for a KMUTEX (circle)",
    1_000,
    11,
  ],
  ["lock-order", "deadlock", "callback waits for a KMUTEX (circle)", 8_000, 16],
  ["recursive-fast-mutex", "deadlock", "callback waits for a FAST_MUTEX (circle)", 1_000, 8],
  ["remove-inside", "deadlock", "callback waits for rundown (circle)", 1_000, 7],
  ["self-wait-exit", "deadlock", "callback waits for a process's end (circle)", 1_000, 7],
  ["service-spawns", "deadlock", "callback waits for a reply (circle)", 1_000, 9],
  ["service-spawns-2", "deadlock", "callback waits for a reply (circle)", 1_000, 13],
  ["service-verdict", "deadlock", "callback waits for a reply (circle)", 3_000, 7],
  [
    "service-verdict",
    "deadlock",
    "callback waits for a reply > service waits for nothing: it is hung",
    8_000,
    7,
  ],
  ["service-verdict-guarded", "latency", "callback: timeout", 16_000, 15],
  ["spin-lock-over-wait", "crash", "a call at too high an IRQL", 1_000, 5],
  ["thread-queue-and-wait", "deadlock", circle, 1_000, 12],
  ["timeout-on-counted-event", "latency", "callback: timeout", 16_000, 27],
  [
    "timeout-on-stack-event",
    "crash",
    "use after return: the frame that held the object is gone",
    1_000,
    8,
  ],
  [
    "two-services",
    "deadlock",
    "callback waits for a reply > request waits for a reply (circle)",
    1_000,
    11,
  ],
  [
    "unload-forgets",
    "crash",
    "the driver is unloaded while its code still runs or is queued",
    1_000,
    8,
  ],
  ["waits-for-new-process", "deadlock", "callback waits for a process's end (circle)", 1_000, 5],
];

test.each(known)("in %s: %s (%s) within %i operations, in %i steps", async (...row) => {
  const [name, outcome, mechanism, budget, steps] = row;
  const model = (await import(`../../properties/patterns/${name}.driver.ts`)) as {
    readonly driver: DriverModel;
    readonly worlds?: readonly World[];
  };
  const { findings } = check(
    { drivers: [model.driver], worlds: model.worlds },
    { scope: "default", budget, seed: "power" },
  );
  const hit = findings.find(
    ({ finding }) => finding.outcome === outcome && finding.mechanism === mechanism,
  );
  expect(hit?.finding.steps.length).toBeLessThanOrEqual(steps);
});
