/** Any scenario, of which the code may go while it runs: it is unloaded, and calls more where its routines end. */
import type { DriverModel, Routine, Statement } from "../../../src/language/model.ts";
import type { Scenario } from "../scenario.ts";
import { call, object, of, type Roll, routine, to } from "./draft.ts";

const ended = "HasEnded";
const entered: readonly string[] = [
  "systemThread",
  "workItem",
  "dpc",
  "apc",
  "callback",
  "function",
];

/** What stands at the end of a routine: calls of local steps, a signal, or a return behind one of them. */
function tail(roll: Roll): Statement[] {
  const local = (): Statement => call(of(roll, ["DbgPrint", "KeEnterCriticalRegion", "DbgPrint"]));
  const says = call("KeSetEvent", { Event: to(ended) });
  return of(roll, [
    () => [],
    () => [local()],
    () => [{ kind: "other", name: "Works", costUs: 50, irql: "DISPATCH_LEVEL" } as Statement],
    () => [says],
    () => [local(), says],
    () => [says, local()],
    () => [local(), { kind: "return" } as Statement],
  ])();
}

const longer = (roll: Roll, one: Routine): Routine =>
  entered.includes(one.role) && roll(3) > 0 ? { ...one, body: [...one.body, ...tail(roll)] } : one;

function unloaded(roll: Roll, driver: DriverModel): DriverModel {
  const routines = driver.routines.map((one) => longer(roll, one));
  const waits = call("KeWaitForSingleObject", { Object: to(ended) });
  const unload = routine("unload", "DriverUnload", roll(2) === 0 ? [waits] : []);
  const hasOne = routines.some(({ role }) => role === "unload");
  return {
    ...driver,
    objects: [...driver.objects, object(ended, "NotificationEvent")],
    routines: hasOne || roll(4) === 0 ? routines : [...routines, unload],
  };
}

export function going(roll: Roll, { drivers, world }: Scenario): Scenario {
  return {
    drivers: drivers.map((driver) => unloaded(roll, driver)),
    world: {
      ...world,
      removal: roll(8) === 0 ? world.removal : "racing",
      ...(roll(3) === 0 ? { itemsAtUnload: "run on" } : {}),
    },
  };
}
