import { expect, test } from "vitest";
import { driver as empty } from "../../properties/patterns/empty.driver.ts";
import { driver as fastMutexUnawaited } from "../../properties/patterns/fast-mutex-unawaited.driver.ts";
import { driver as invertedCall } from "../../properties/patterns/inverted-call.driver.ts";
import { driver as lockOrder } from "../../properties/patterns/lock-order.driver.ts";
import * as parentWaits from "../../properties/patterns/parent-waits.driver.ts";
import { driver as serviceVerdict } from "../../properties/patterns/service-verdict.driver.ts";
import { driver as stackEvent } from "../../properties/patterns/timeout-on-stack-event.driver.ts";
import { driver as unloadDrains } from "../../properties/patterns/unload-drains.driver.ts";
import { check } from "../../src/campaign/check.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { World } from "../../src/windows/scenario.ts";
import { worldsBeside } from "../../src/worlds/beside.ts";
import { worldsFor } from "../../src/worlds/worlds.ts";

const scopes = ["small", "default"] as const;
const drivers = [empty, invertedCall, fastMutexUnawaited, lockOrder, serviceVerdict, unloadDrains];
const nothing = defineDriver("nothing", (d) => d.onProcessCreate("OnProcessCreate", () => {}));

const distinct = (worlds: readonly World[], part: (world: World) => unknown): string[] =>
  [...new Set(worlds.map((world) => JSON.stringify(part(world))))].sort();

test.each(scopes)(
  "the worlds of the %s scope have different names, and differ in what they name",
  (scope) => {
    for (const driver of drivers) {
      const worlds = worldsFor([driver], scope);
      expect(new Set(worlds.map((world) => world.name)).size, driver.name).toBe(worlds.length);
      const contents = worlds.map(({ name: _name, ...rest }) => JSON.stringify(rest));
      expect(new Set(contents).size, driver.name).toBe(worlds.length);
    }
  },
);

test.each(scopes)("the first world of the %s scope is the plainest", (scope) => {
  for (const driver of drivers) {
    const [{ workload, pool, service, startup, removal }] = worldsFor([driver], scope);
    expect(workload).toHaveLength(1);
    expect({ pool, service, startup, removal }).toEqual({
      pool: { profile: "tiny", load: "idle" },
      service: { condition: "well" },
      startup: "before",
      removal: "none",
    });
  }
});

test("what a driver has nothing to do with is no factor of its worlds", () => {
  for (const scope of scopes) {
    const worlds = worldsFor([nothing], scope);
    expect(distinct(worlds, (world) => world.pool)).toHaveLength(1);
    expect(distinct(worlds, (world) => world.service)).toHaveLength(1);
    expect(distinct(worldsFor([stackEvent], scope), (world) => world.pool).length).toBeGreaterThan(
      1,
    );
    expect(
      distinct(worldsFor([invertedCall], scope), (world) => world.service).length,
    ).toBeGreaterThan(1);
  }
});

test("exits are part of the workload only where something listens to them", () => {
  const actions = (driver: typeof nothing): string[] =>
    distinct(worldsFor([driver], "default"), (world) => world.workload.map((user) => user.does));
  expect(actions(nothing).join()).not.toContain("exit");
  expect(actions(lockOrder).join()).toContain("create and exit");
  expect(actions(lockOrder).join()).toContain("create and wait");
});

test("each pair of pool, service, workload and life of the driver occurs in the default scope", () => {
  const both = defineDriver("both", (d) => {
    const port = d.port("Port");
    const item = d.workItem("Item", () => {});
    d.onProcess("OnProcess", (a) => {
      a.FltSendMessage(port, "no reply");
      a.ExQueueWorkItem(item, "DelayedWorkQueue");
    });
    d.service("Agent", (s) => {
      s.thread("Listen", (t) => {
        const message = t.pointer("Message");
        t.FilterGetMessage(port, message);
      });
    });
  });
  const worlds = worldsFor([both], "default").slice(0, -worldsBeside([both]).length);
  const factors: ((world: World) => unknown)[] = [
    (world) => world.pool,
    (world) => world.service,
    (world) => world.workload.map((user) => user.does),
    (world) => [world.startup, world.removal],
  ];
  for (const one of factors) {
    for (const other of factors) {
      if (one === other) continue;
      const pairs = distinct(worlds, (world) => [one(world), other(world)]).length;
      expect(pairs).toBe(distinct(worlds, one).length * distinct(worlds, other).length);
    }
  }
});

test.each(scopes)(
  "drivers that are known to be good are clean in every world of the %s scope",
  (scope) => {
    const good = [empty, fastMutexUnawaited, invertedCall, unloadDrains];
    for (const driver of good) {
      const report = check(
        { drivers: [driver] },
        { scope, budget: scope === "small" ? 60_000 : 250_000, seed: "good" },
      );
      expect(report.findings, driver.name).toEqual([]);
      expect(report.verdict, driver.name).toBe("clean");
      expect(report.worlds.map(({ name }) => name)).toEqual(
        worldsFor([driver], scope).map(({ name }) => name),
      );
      expect(report.unreached, driver.name).toEqual([]);
    }
  },
);

test("an empty driver is judged completely, and a parent that waits for its child owes nothing", () => {
  for (const scope of scopes) {
    const report = check({ drivers: [empty] }, { scope, budget: 100_000, seed: "good" });
    expect(report.complete).toBe(true);
    expect(report.verdict).toBe("clean");
  }
  const parents = check(
    { drivers: [parentWaits.driver], worlds: parentWaits.worlds },
    { scope: "small", budget: 50_000, seed: "good" },
  );
  expect(parents.complete).toBe(true);
  expect(parents.verdict).toBe("clean");
});

test("two good drivers together are good", () => {
  const report = check(
    { drivers: [empty, invertedCall] },
    { scope: "small", budget: 30_000, seed: "good" },
  );
  expect(report.verdict).toBe("clean");
});
