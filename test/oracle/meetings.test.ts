/** A few threads that meet at one place: what random scenarios seldom come to, and both say the same of. */
import { expect, it } from "vitest";
import type { DriverModel, ObjectDecl, Statement } from "../../src/language/model.ts";
import { call, drafted, object, routine, to } from "./draw/draft.ts";
import { agreed } from "./once.ts";
import type { Scenario } from "./scenario.ts";

/** System threads that DriverEntry starts, one for each body, and what a driver has beside them. */
function threads(
  bodies: readonly (readonly Statement[])[],
  objects: readonly ObjectDecl[],
  more: Partial<DriverModel> = {},
): Scenario {
  const names = bodies.map((_, i) => `Thread${i + 1}`);
  return drafted(
    1,
    {
      ...more,
      objects,
      routines: [
        routine(
          "entry",
          "DriverEntry",
          names.map((name) => call("PsCreateSystemThread", { StartRoutine: { routine: name } })),
        ),
        ...names.map((name, i) => routine("systemThread", name, bodies[i])),
        ...(more.routines ?? []),
      ],
    },
    [],
  );
}

const all = (...names: readonly string[]): Statement =>
  call("KeWaitForMultipleObjects", { Objects: { objects: names.map(to) }, WaitType: "WaitAll" });
const gives = (Adjustment: number): Statement =>
  call("KeReleaseSemaphore", { Semaphore: to("Many"), Adjustment });
const many = object("Many", "KSEMAPHORE", { initial: 0, limit: 4 });
const one = object("One", "SynchronizationEvent", { initial: 1 });

it("one of a semaphore is given to one of two who need another thing, too: no order is open (SY-19)", () => {
  expect(
    agreed(threads([[all("Many", "One")], [all("Many", "One")], [gives(1)]], [many, one])).bounds,
  ).toEqual([]);
});

it("two of a semaphore for two who need another thing, too, are a bound (section 16)", () => {
  const { bounds } = agreed(
    threads([[all("Many", "One")], [all("Many", "One")], [gives(2)]], [many, one]),
  );
  expect(bounds).toEqual(["ways"]);
});
