/** What one part of a world ends, another world shows. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { check } from "../../src/campaign/check.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { World } from "../../src/windows/scenario.ts";
import { type Masks, pairwise } from "../../src/worlds/pairwise.ts";
import { worldsFor } from "../../src/worlds/worlds.ts";

/** Factors with some values that mask; the first of each never does. */
const factors = fc
  .array(fc.array(fc.boolean(), { maxLength: 6 }), { minLength: 2, maxLength: 5 })
  .map((given) => given.map((rest) => [false, ...rest]));
const sizesOf = (given: readonly (readonly boolean[])[]): number[] =>
  given.map((values) => values.length);
const masksOf =
  (given: readonly (readonly boolean[])[]): Masks =>
  (factor, value) =>
    given[factor][value];

test("each pair of values is in some row in which no third value masks it", () => {
  fc.assert(
    fc.property(factors, (given) => {
      const rows = pairwise(sizesOf(given), masksOf(given));
      for (let a = 0; a < given.length; a++) {
        for (let b = a + 1; b < given.length; b++) {
          for (let x = 0; x < given[a].length; x++) {
            for (let y = 0; y < given[b].length; y++) {
              const shows = rows.some(
                (row) =>
                  row[a] === x &&
                  row[b] === y &&
                  row.every((value, f) => f === a || f === b || !given[f][value]),
              );
              expect(shows, `${a}=${x}, ${b}=${y}`).toBe(true);
            }
          }
        }
      }
    }),
  );
});

test("the plainest row comes first, none comes twice, and the same factors give the same rows", () => {
  fc.assert(
    fc.property(factors, (given) => {
      const rows = pairwise(sizesOf(given), masksOf(given));
      expect(rows[0]).toEqual(given.map(() => 0));
      expect(new Set(rows.map((row) => row.join())).size).toBe(rows.length);
      expect(pairwise(sizesOf(given), masksOf(given))).toEqual(rows);
    }),
  );
});

test("values that mask add as many rows as the largest other factor has values, and one for each two of them", () => {
  fc.assert(
    fc.property(factors, (given) => {
      const plain = given.map((values) => values.filter((masks) => !masks).length);
      const masking = given.map((values) => values.filter((masks) => masks).length);
      const [first, second] = [...plain].sort((a, b) => b - a);
      const alone = masking.map(
        (count, at) => count * Math.max(...plain.filter((_, i) => i !== at)),
      );
      const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
      const all = sum(masking);
      const pairs = (all * all - sum(masking.map((count) => count * count))) / 2;
      const rows = pairwise(sizesOf(given), masksOf(given)).length;
      // Greedy rows are at most twice as many as are needed.
      expect(rows).toBeLessThanOrEqual(2 * (first * second + sum(alone)) + pairs + 2);
    }),
  );
});

const ends = ({ startup, removal, service }: World): number =>
  [
    startup === "failing",
    removal === "racing",
    service.condition === "target" || service.condition === "restarted",
  ].filter(Boolean).length;

/** At most as many users at once as have a slot; the rest waits in line. */
const throttled = (waitsUnderLock: boolean) =>
  defineDriver("throttled", (d) => {
    const port = d.port("Port");
    const table = d.guardedMutex("Table");
    const slots = d.semaphore("Slots", 2, 2);
    const read = d.request("Read", (r) => {
      r.KeAcquireGuardedMutex(table);
      r.KeReleaseGuardedMutex(table);
    });
    d.onProcessCreate("OnProcessCreate", (a) => {
      if (!waitsUnderLock) a.KeWaitForSingleObject(slots);
      a.KeAcquireGuardedMutex(table);
      if (waitsUnderLock) a.KeWaitForSingleObject(slots);
      a.KeReleaseGuardedMutex(table);
      a.FltSendMessage(port, "reply");
      a.KeReleaseSemaphore(slots, 1);
    });
    d.service("Agent", (s) => {
      s.thread(
        "Answer",
        (t) => {
          const message = t.pointer("Message");
          t.forever(() => {
            t.FilterGetMessage(port, message);
            t.DeviceIoControl(read);
            t.FilterReplyMessage(message);
          });
        },
        { count: 2 },
      );
    });
  });

test("a service with two threads is looked at with three users at once, and with nothing that ends waits", () => {
  const worlds = worldsFor([throttled(true)], "default");
  const three = worlds.filter(({ workload }) => workload.length === 3);
  expect(three.map(({ service }) => service.condition)).toContain("well");
  expect(three.map(ends)).toEqual(three.map(() => 0));
  expect(Math.max(...worlds.map(({ workload }) => workload.length))).toBe(3);
});

test("a wait under a lock that only a user more than the service has threads comes to is found", () => {
  const hangs = (waitsUnderLock: boolean, users: number): number => {
    const drivers = [throttled(waitsUnderLock)];
    const worlds = worldsFor(drivers, "default").filter(
      (world) =>
        ends(world) === 0 &&
        world.startup === "before" &&
        world.service.condition === "well" &&
        world.workload.length === users,
    );
    expect(worlds.length).toBeGreaterThan(0);
    const { findings } = check(
      { drivers, worlds },
      { scope: "default", budget: 6_000, seed: "masking" },
    );
    return findings.filter(({ finding }) => finding.outcome === "deadlock").length;
  };
  expect(hangs(true, 3)).toBe(1);
  expect(hangs(true, 2)).toBe(0);
  expect(hangs(false, 3)).toBe(0);
});

test("each pool, each service and each workload is looked at in some world that ends no waits", () => {
  const worlds = worldsFor([throttled(true)], "default");
  const plain = worlds.filter((world) => ends(world) === 0);
  const pairs = (list: readonly World[]): Set<string> =>
    new Set(
      list.map(({ workload, service }) => JSON.stringify([workload.map((u) => u.does), service])),
    );
  const unmasked = worlds.filter(
    ({ service: { condition } }) => condition !== "target" && condition !== "restarted",
  );
  expect(pairs(plain)).toEqual(pairs(unmasked));
});
