/** A few threads that meet at one place: what random scenarios seldom come to. Both say the same of it, in both readings. */
import { expect } from "vitest";
import type { DriverModel, ObjectDecl, Statement } from "../../../src/language/model.ts";
import { searched } from "../adapter.ts";
import { differences, isWhole } from "../compare.ts";
import { call, drafted, routine } from "../draw/draft.ts";
import { explored } from "../explore.ts";
import { note } from "../noted.ts";
import { probed } from "../probes.ts";
import type { Scenario, World } from "../scenario.ts";
import { differInTime } from "../timed/differ.ts";

/** System threads that DriverEntry starts, one for each body, and what a driver has beside them. */
export function threads(
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

/** A callback of this form, and what a driver and the world have beside it. */
export const called = (
  family: string,
  body: readonly Statement[],
  does: readonly (readonly string[])[],
  more: Partial<DriverModel> = {},
  world: Partial<World> = {},
): Scenario =>
  drafted(
    1,
    {
      ...more,
      routines: [routine("callback", "OnEvent", body), ...(more.routines ?? [])],
      registrations: [{ family, routine: "OnEvent" }, ...(more.registrations ?? [])],
    },
    does,
    world,
  );

const statesMax = 2_000;

/** Probes are put in, as in random scenarios; the timed reading is compared where it is small. */
export function met(scenario: Scenario): ReturnType<typeof searched> {
  note(scenario);
  return alike(scenario, probed(scenario));
}

/** Without probes. */
export const metAsIs = (scenario: Scenario): ReturnType<typeof searched> =>
  alike(scenario, scenario);

function alike(scenario: Scenario, whole: Scenario): ReturnType<typeof searched> {
  const oracle = explored(whole, statesMax);
  const loophole = searched(whole);
  expect(oracle.unanswered).toBeUndefined();
  expect(differences(oracle, loophole)).toEqual([]);
  expect(isWhole(oracle, loophole)).toBe(true);
  expect(differInTime(scenario, statesMax) ?? []).toEqual([]);
  return loophole;
}
