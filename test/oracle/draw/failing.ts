/** A few scenarios in which what a DriverEntry asks for is refused, and which gives up then or goes on. */
import type { DriverModel, Statement } from "../../../src/language/model.ts";
import type { Scenario } from "../scenario.ts";
import { call, object, of, type Roll, routine, to, when } from "./draft.ts";

const named = "Refused";
const event = { Event: to("RefusedEvent") };
const given = { kind: "result", of: named, is: "failure" } as const;
const started = { StartRoutine: { routine: named } };

const askedFor = (roll: Roll): Statement =>
  of(roll, [
    () => call("PsCreateSystemThread", started, named),
    () => call("PsCreateSystemThread", started, named),
    () => call("ExAllocatePool2", {}, named),
    () => call("ZwCreateUserProcess", {}, named),
  ])();

/** What is behind the call: it gives up, goes on, or ends with a return that is none too early. */
const behind = (roll: Roll): Statement[] =>
  of(roll, [
    () => [when(given, [{ kind: "return" }])],
    () => [when(given, [call("KeSetEvent", event), { kind: "return" }])],
    () => [when(given, [call("KeSetEvent", event)])],
    () => [{ kind: "return" }] satisfies Statement[],
  ])();

function refused(roll: Roll, driver: DriverModel): DriverModel {
  const asks = [askedFor(roll), ...behind(roll)];
  const entry = driver.routines.find(({ role }) => role === "entry");
  const others = driver.routines.filter((one) => one !== entry);
  const isFirst = roll(2) === 0;
  const own = entry?.body ?? [];
  const body = isFirst ? [...asks, ...own] : [...own, ...asks];
  return {
    ...driver,
    objects: [...driver.objects, object("RefusedEvent", "NotificationEvent")],
    routines: [
      ...others,
      { ...(entry ?? routine("entry", "DriverEntry", [])), body },
      routine("systemThread", named, [call("KeSetEvent", event)]),
    ],
  };
}

export function sometimesRefused(roll: Roll, { drivers, world }: Scenario): Scenario {
  if (roll(12) > 0) return { drivers, world };
  return {
    drivers: drivers.map((one) => refused(roll, one)),
    world: { ...world, startup: "failing" },
  };
}
