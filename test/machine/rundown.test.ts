import fc from "fast-check";
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { inTurn, look, users } from "../windows/support/look.ts";

const both = { workload: users(["create"], ["exit"]) };

/** A create's callback takes protection; an exit's waits until none is held. */
const protecting = (released: "never" | "when done") =>
  defineDriver("protecting", (d) => {
    const ref = d.rundown("Ref");
    const refused = d.variable("Refused");
    const inside = d.variable("Inside");
    const early = d.variable("Early");
    d.onProcessCreate("Uses", (a) => {
      const got = a.ExAcquireRundownProtection(ref);
      a.when(got.failed(), () => {
        a.InterlockedIncrement(refused);
        a.return();
      });
      a.InterlockedIncrement(inside);
      a.InterlockedDecrement(inside);
      if (released !== "never") a.ExReleaseRundownProtection(ref);
    });
    d.onProcessExit("RunsDown", (a) => {
      a.ExWaitForRundownProtectionRelease(ref);
      a.when(inside.notEquals(0), () => a.InterlockedIncrement(early));
    });
  });

test("SY-17: rundown waits until nobody holds protection any more", () => {
  const seen = look(protecting("when done"), both);
  expect(seen.outcomes).toEqual([]);
  expect(seen.ever("Early")).toEqual([0]);
  expect(look(protecting("never"), both).outcomes).toEqual(["deadlock"]);
});

test("SY-17: once rundown has begun protection is refused, before that it is not", () => {
  const driver = protecting("when done");
  expect(inTurn(driver, both, ["start-up", "user2", "user1"]).value("Refused")).toBe(1);
  expect(inTurn(driver, both, ["start-up", "user1", "user2"]).value("Refused")).toBe(0);
});

test("SY-17: a rundown that still waits refuses newcomers, so that they cannot starve it", () => {
  const driver = defineDriver("late", (d) => {
    const ref = d.rundown("Ref");
    const hold = d.event("Hold", "NotificationEvent");
    const refused = d.variable("Refused");
    const holder = d.systemThread("Holder", (a) => {
      a.ExAcquireRundownProtection(ref);
      a.KeWaitForSingleObject(hold);
      a.ExReleaseRundownProtection(ref);
    });
    d.driverEntry((a) => {
      a.PsCreateSystemThread(holder);
    });
    d.onProcessCreate("Late", (a) => {
      const got = a.ExAcquireRundownProtection(ref);
      a.when(got.failed(), () => a.InterlockedIncrement(refused)).otherwise(() =>
        a.ExReleaseRundownProtection(ref),
      );
      a.KeSetEvent(hold);
    });
    d.onProcessExit("RunsDown", (a) => {
      a.ExWaitForRundownProtectionRelease(ref);
    });
  });
  expect(look(driver, both).outcomes).toEqual([]);
  const order = ["start-up", "Holder", "user2", "user1"];
  expect(inTurn(driver, both, order).value("Refused")).toBe(1);
});

test("SY-17: protection is a count, and who holds any of it and waits waits for itself", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 }), (taken, given) => {
      const driver = defineDriver("self", (d) => {
        const ref = d.rundown("Ref");
        d.onProcessCreate("OnProcessCreate", (a) => {
          for (let i = 0; i < taken; i++) a.ExAcquireRundownProtection(ref);
          for (let i = 0; i < Math.min(given, taken); i++) a.ExReleaseRundownProtection(ref);
          a.ExWaitForRundownProtectionRelease(ref);
        });
      });
      expect(look(driver).outcomes).toEqual(taken > given ? ["deadlock"] : []);
    }),
    { numRuns: 12 },
  );
});
