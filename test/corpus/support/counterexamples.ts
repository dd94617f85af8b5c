/** Counterexamples of all shapes, for what must hold of each file. */
import fc from "fast-check";
import type { Counterexample } from "../../../src/corpus/counterexample.ts";
import { outcomes } from "../../../src/corpus/schema.ts";
import { needsLadder } from "../../../src/judge/needs.ts";
import type { DriverModel } from "../../../src/language/model.ts";
import { defineDriver } from "../../../src/windows/define-driver.ts";
import {
  poolLoads,
  poolProfileNames,
  serviceConditions,
  userActions,
  type World,
} from "../../../src/windows/scenario.ts";

/** A driver whose callback queues an item and waits for it, `calls` file reads later. */
export function waitingDriver(name: string, calls: number): DriverModel {
  return defineDriver(name, (d) => {
    const isProtected = d.opaque("IsProtected", "process");
    d.onProcessCreate("Callback", (a) => {
      const done = a.event("Done", "NotificationEvent");
      const item = a.workItem("Item", (w) => {
        w.repeat(calls + 1, () => {
          w.ZwReadFile();
        });
        w.KeSetEvent(done).at("acme.c:12");
      });
      a.when(isProtected, () => {
        a.IoQueueWorkItem(item, "DelayedWorkQueue");
        a.KeWaitForSingleObject(done, { Timeout: calls === 0 ? "none" : `${calls}ms` });
      });
    });
  });
}

const text = fc.string({ unit: "binary", maxLength: 30 });

const world: fc.Arbitrary<World> = fc.record(
  {
    name: fc.string({ minLength: 1, maxLength: 20 }),
    workload: fc.uniqueArray(
      fc.record({
        name: fc.string({ minLength: 1, maxLength: 10 }),
        does: fc.array(fc.constantFrom(...userActions), { maxLength: 4 }),
      }),
      { selector: ({ name }) => name, maxLength: 4 },
    ),
    pool: fc.record(
      {
        profile: fc.constantFrom(...poolProfileNames),
        load: fc.constantFrom(...poolLoads),
        items: fc.nat({ max: 20 }),
      },
      { requiredKeys: ["profile", "load"] },
    ),
    service: fc.record(
      { condition: fc.constantFrom(...serviceConditions), threads: fc.nat({ max: 5 }) },
      { requiredKeys: ["condition"] },
    ),
    startup: fc.constantFrom("before", "racing", "failing", "failing beside"),
    removal: fc.constantFrom("none", "racing"),
  },
  { noNullPrototype: true },
);

const drivers = fc
  .uniqueArray(fc.tuple(fc.constantFrom("acme", "other", "x.y-z"), fc.nat({ max: 3 })), {
    selector: ([name]) => name,
    minLength: 1,
    maxLength: 3,
  })
  .map((list) => list.map(([name, calls]) => waitingDriver(name, calls)));

export const counterexamples: fc.Arbitrary<Counterexample> = fc.record({
  loophole: fc.constant("counterexample"),
  version: fc.constant(2 as const),
  finding: fc.record(
    {
      outcome: fc.constantFrom(...outcomes),
      possible: fc.boolean(),
      property: fc.constantFrom("deadlock-freedom", "bounded-latency", "no-crash", "rules"),
      driver: fc.constantFrom("acme", ""),
      family: fc.constantFrom("process", ""),
      mechanism: text,
      identity: text,
      needs: fc.constantFrom(...needsLadder),
      rules: fc.array(fc.constantFrom("R1", "R5"), { maxLength: 3 }),
      latencyUs: fc.nat(),
    },
    {
      requiredKeys: [
        "outcome",
        "possible",
        "property",
        "driver",
        "family",
        "mechanism",
        "identity",
        "needs",
        "rules",
      ],
    },
  ),
  reading: fc.constantFrom("untimed", "timed"),
  decisions: fc.nat({ max: 1_000 }),
  schedule: fc.array(fc.record({ instead: text, take: text }), { maxLength: 5 }),
  scenario: fc.record({ drivers, world }),
});
