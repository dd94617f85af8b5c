/** Remove locks and references to the minifilter, which hold off whoever waits for them (SY-32, SV-40). */
import type { Statement } from "../../../src/language/model.ts";
import type { Scenario } from "../scenario.ts";
import { call, drafted, object, of, type Roll, routine, to, when } from "./draft.ts";

const lock = { RemoveLock: to("Lock") };
const failed = (of: string): Statement =>
  when({ kind: "result", of, is: "failure" }, [{ kind: "return" }]);

/** Acquires something and gives it back: here or in an item, or not. */
function holds(roll: Roll): Statement[] {
  const isFilter = roll(2) === 0;
  const takes = isFilter
    ? call("FltObjectReference", {}, "got")
    : call("IoAcquireRemoveLock", lock, "got");
  const gives = isFilter ? call("FltObjectDereference") : call("IoReleaseRemoveLock", lock);
  return [
    takes,
    ...(roll(4) > 0 ? [failed("got")] : []),
    ...(roll(3) === 0 ? [call("KeWaitForSingleObject", { Object: to("Event") })] : []),
    ...(roll(4) > 0 ? [gives] : []),
  ];
}

const waits = (roll: Roll): Statement[] =>
  of(roll, [
    () => [call("FltUnregisterFilter")],
    () => [call("IoAcquireRemoveLock", lock), call("IoReleaseRemoveLockAndWait", lock)],
    () => [call("IoReleaseRemoveLockAndWait", lock)],
    () => [call("KeSetEvent", { Event: to("Event") })],
  ])();

const item = (roll: Roll): Statement =>
  of(roll, [
    () => call("IoQueueWorkItem", { WorkItem: { routine: "Scan" }, QueueType: "DelayedWorkQueue" }),
    () =>
      call("FltQueueGenericWorkItem", {
        WorkItem: { routine: "Scan" },
        QueueType: "DelayedWorkQueue",
      }),
  ])();

export const heldOff = (roll: Roll, seed: number): Scenario => whole(drawnHeldOff(roll, seed));

const drawnHeldOff = (roll: Roll, seed: number): Scenario =>
  drafted(
    seed,
    {
      objects: [object("Lock", "IO_REMOVE_LOCK"), object("Event", "NotificationEvent")],
      routines: [
        routine("callback", "OnCreate", [...holds(roll), ...(roll(2) === 0 ? [item(roll)] : [])]),
        routine("unload", "DriverUnload", [...waits(roll), ...waits(roll)]),
        ...(roll(2) === 0
          ? [routine("callback", "OnExit", [...(roll(2) === 0 ? waits(roll) : holds(roll))])]
          : []),
        routine("workItem", "Scan", roll(2) === 0 ? holds(roll) : [call("DbgPrint")]),
      ],
    },
    [["create"]],
    { removal: roll(5) === 0 ? "none" : "racing" },
  );

/** All routines of such a scenario are used. */
function whole(scenario: Scenario): Scenario {
  const text = JSON.stringify(scenario.drivers);
  return {
    ...scenario,
    drivers: scenario.drivers.map((driver) => ({
      ...driver,
      routines: driver.routines.filter(
        ({ name, role }) => role !== "workItem" || text.includes(`{"routine":"${name}"}`),
      ),
      registrations: driver.routines
        .filter(({ role }) => role === "callback")
        .map(({ name }) => ({
          family: name === "OnExit" ? "process-exit" : "process-create",
          routine: name,
        })),
    })),
  };
}
