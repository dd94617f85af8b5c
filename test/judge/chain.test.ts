import { expect, test } from "vitest";
import { driver as lockOrder } from "../../properties/patterns/lock-order.driver.ts";
import { driver as fastMutex } from "../../properties/patterns/recursive-fast-mutex.driver.ts";
import { driver as spawns } from "../../properties/patterns/service-spawns.driver.ts";
import { driver as verdict } from "../../properties/patterns/service-verdict.driver.ts";
import { check } from "../../src/campaign/check.ts";
import type { DriverModel } from "../../src/language/model.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { worldWith } from "../explore/support/worlds.ts";

const findings = (driver: DriverModel) =>
  check({ drivers: [driver] }, { scope: "small", budget: 20_000, seed: "chains" }).findings.map(
    ({ finding }) => finding,
  );
const deadlocks = (driver: DriverModel) => findings(driver).filter((f) => f.outcome === "deadlock");

test("SY-8: a thread that wants the FAST_MUTEX it holds is a circle of one", () => {
  const [found] = deadlocks(fastMutex);
  expect(found.chain).toHaveLength(1);
  expect(found.closesAt).toBe(0);
});

test("a service that needs the operation it is asked about stands in its own way", () => {
  const [found] = deadlocks(spawns);
  expect(found.mechanism).toBe("callback waits for a reply (circle)");
  expect(found.rules).toEqual(expect.arrayContaining(["R2", "R5"]));
});

test("two callbacks that lock in opposite orders are one finding, not one for each victim", () => {
  const report = check(
    { drivers: [lockOrder] },
    { scope: "default", budget: 60_000, seed: "chains" },
  );
  const found = report.findings.filter(({ finding }) => finding.outcome === "deadlock");
  expect(found).toHaveLength(1);
  expect(found[0].finding.possible).toBe(false);
});

test("SV-6: the end of a process closes its own ports, so that none but its threads is named for that", () => {
  const found = check(
    { drivers: [verdict] },
    { scope: "default", budget: 60_000, seed: "chains" },
  ).findings.map(({ finding }) => finding.mechanism);
  expect(found).toContain("callback waits for a reply > service waits for nothing: it is hung");
  expect(found).not.toContain("callback waits for a reply");
});

test("a chain is as long as it is: each of seventy threads waits for the next", () => {
  const many = defineDriver("many", (d) => {
    const done = Array.from({ length: 71 }, (_, i) => d.event(`Done${i}`, "NotificationEvent"));
    const threads = Array.from({ length: 70 }, (_, i) =>
      d.systemThread(`Waits${i}`, (t) => {
        t.KeWaitForSingleObject(done[i]);
        t.KeSetEvent(done[i + 1]);
      }),
    );
    d.driverEntry((a) => {
      for (const thread of threads) a.PsCreateSystemThread(thread);
    });
    d.onProcessCreate("OnCreate", (a) => {
      a.KeWaitForSingleObject(done[70]);
    });
  });
  const [found] = check(
    { drivers: [many], worlds: [worldWith({})] },
    { scope: "small", budget: 4_000, seed: "chains" },
  ).findings.filter(({ finding }) => finding.outcome === "deadlock");
  expect(found.finding.chain).toHaveLength(71);
});
