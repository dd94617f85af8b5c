/** Any scenario, with a few more calls at the beginnings of its routines: weights toward the rare. */
import type { DriverModel, ObjectDecl, Routine, Statement } from "../../../src/language/model.ts";
import type { Scenario } from "../scenario.ts";
import { after, call, object, of, type Roll, routine, to } from "./draft.ts";
import { sometimesRefused } from "./failing.ts";
import { type LockPair, lockPairs } from "./lock-pairs.ts";
import { bare } from "./plain.ts";

const spare = "Spare";

/** A lock that nobody else has, taken and given back. */
function lockOf(roll: Roll, pair: LockPair): Statement[] {
  const lock = to(`${spare}${pair.kind}`);
  const body = [
    call(pair.take, { [pair.param]: lock }),
    ...(pair.kind === "ERESOURCE" && pair.take.includes("Exclusive") && roll(2) === 0
      ? [call("ExConvertExclusiveToSharedLite", { Resource: lock })]
      : []),
    call(pair.give, { [pair.param === "Object" ? "Mutex" : pair.param]: lock }),
  ];
  return pair.region === true
    ? [call("KeEnterCriticalRegion"), ...body, call("KeLeaveCriticalRegion")]
    : body;
}

const asked = lockPairs.filter(({ tries }) => tries !== "always");
const freed = call("IoFreeWorkItem", { WorkItem: { routine: `${spare}Item` } });

function forKernel(roll: Roll): Statement[] {
  const plain = Array.from({ length: 2 + roll(5) }, () => call(of(roll, bare)));
  const count = { Target: to(`${spare}Count`) };
  const more = of(roll, [
    () => lockOf(roll, of(roll, asked)),
    () => lockOf(roll, of(roll, asked)),
    () => lockOf(roll, of(roll, asked)),
    () => [freed],
    () => [call("InterlockedExchange", { ...count, Value: 1 })],
    () => [call("InterlockedCompareExchange", { ...count, Exchange: 1, Comparand: roll(2) })],
    () => [call("KeStackAttachProcess"), call("KeUnstackDetachProcess")],
    () => [
      call("KeRaiseIrql", { NewIrql: "APC_LEVEL" }),
      call("KeLowerIrql", { NewIrql: "PASSIVE_LEVEL" }),
    ],
    () => [call("ExAllocatePoolWithTag", { PoolType: "PagedPool" })],
  ])();
  return roll(2) === 0 ? [...plain, ...more] : plain;
}

const forUser = (roll: Roll): Statement[] =>
  of(roll, [
    () => [call("CreateFile")],
    () => [call("RegOpenKey")],
    () => [call("Compute", { Time: after(1000) })],
    () => [call("Sleep", { Time: after(1000) })],
    () => [call("ResetEvent", { Event: to(`${spare}Event`) })],
    () => [call("LoadLibrary")],
    () => [
      call("WaitForSingleObjectEx", {
        Handle: to(`${spare}Event`),
        Timeout: after(of(roll, [0, 1000])),
        Alertable: of(roll, ["TRUE", "FALSE"]),
      }),
    ],
    () => (roll(2) > 0 ? [] : [call("TerminateProcess", { Process: { process: "current" } })]),
    () => [],
    () => [],
    () => [],
  ])();

const seasonedRoutine = (roll: Roll, one: Routine): Routine => {
  if (one.role === "callback" || one.role === "request")
    return roll(2) === 0 ? one : { ...one, body: [...forKernel(roll), ...one.body] };
  if (one.role !== "userThread" || roll(2) === 0) return one;
  return { ...one, body: [...forUser(roll), ...one.body] };
};

/** What the calls that were added name. */
function declared(driver: DriverModel): DriverModel {
  const text = JSON.stringify(driver.routines);
  const kinds = [...new Set(lockPairs.map(({ kind }) => kind))];
  const locks = kinds
    .filter((kind) => text.includes(`"${spare}${kind}"`))
    .map((kind): ObjectDecl => object(`${spare}${kind}`, kind));
  const isFreed = text.includes(`"${spare}Item"`);
  const item = object(`${spare}Item`, "WORK_ITEM", { routine: `${spare}Item` });
  return {
    ...driver,
    objects: [
      ...driver.objects,
      ...locks,
      ...(text.includes(`"${spare}Event"`) ? [object(`${spare}Event`, "NotificationEvent")] : []),
      ...(text.includes(`"${spare}Count"`) ? [object(`${spare}Count`, "variable")] : []),
      ...(isFreed ? [item] : []),
    ],
    routines: isFreed
      ? [...driver.routines, routine("workItem", `${spare}Item`, [])]
      : driver.routines,
  };
}

export function seasoned(roll: Roll, scenario: Scenario): Scenario {
  const drivers = scenario.drivers.map((driver) => {
    const routines = driver.routines.map((one) => seasonedRoutine(roll, one));
    return declared({ ...driver, routines });
  });
  return sometimesRefused(roll, { drivers, world: seasonedWorld(roll, scenario) });
}

/**
 * A few services are restarted while somebody stops the driver, and a few drivers are unloaded beside their items:
 * what is found then is rarely drawn.
 */
function seasonedWorld(roll: Roll, { drivers, world }: Scenario): Scenario["world"] {
  const hasService = drivers.some(({ services }) => services.length > 0);
  const one: Scenario["world"] = roll(4) === 0 ? { ...world, itemsAtUnload: "run on" } : world;
  if (!hasService || roll(10) > 0) return one;
  return { ...one, service: { ...one.service, condition: "restarted" }, removal: "racing" };
}
