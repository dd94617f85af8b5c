/** What the two interpreters once disagreed about in time, each settled by the fact that its title names. */
import { expect, it } from "vitest";
import type { DriverModel, Statement } from "../../../src/language/model.ts";
import { after, call, drafted, object, routine, to } from "../draw/draft.ts";
import type { Scenario, World } from "../scenario.ts";
import { timedTold } from "./adapter.ts";
import { timedDifferences } from "./compare.ts";
import { exploredInTime } from "./explore.ts";
import type { RootKind } from "./times.ts";

const scenario = (
  family: string,
  body: Statement[],
  does: readonly string[],
  driver: Partial<DriverModel> = {},
  world: Partial<World> = {},
): Scenario =>
  drafted(
    1,
    {
      ...driver,
      routines: [routine("callback", "OnEvent", body), ...(driver.routines ?? [])],
      registrations: [{ family, routine: "OnEvent" }],
    },
    [does],
    world,
  );

/** What roots of a kind take, if both say the same of all kinds. */
function agreed(one: Scenario, kind: RootKind): number[] {
  const oracle = exploredInTime(one, 2_000);
  const loophole = timedTold(one, 20_000);
  expect(oracle.unanswered).toBeUndefined();
  expect(loophole.complete).toBe(true);
  expect(timedDifferences(oracle, loophole)).toEqual([]);
  return [...(loophole.took.get(kind) ?? [])].sort((a, b) => a - b);
}

const service = {
  objects: [object("Inbox", "KQUEUE")],
  services: [{ name: "Service", objects: [], threads: [{ routine: "First", count: 1 }] }],
};
const idle = routine("userThread", "First", [call("GetMessage", { Inbox: to("Inbox") })]);

it("a driver is unloaded in the timed reading, too, when the service that it waits for ends last of all (section 13)", () => {
  const unload = routine("unload", "DriverUnload", [
    call("KeDelayExecutionThread", { Interval: after(5_000) }),
    call("PsSetCreateProcessNotifyRoutineEx", {
      NotifyRoutine: { routine: "OnEvent" },
      Remove: "TRUE",
    }),
  ]);
  const one = scenario(
    "process-create",
    [],
    [],
    { ...service, routines: [idle, unload] },
    { removal: "racing" },
  );
  expect(agreed(one, "lifecycle").at(-1)).toBe(5_003);
});

it("a launch is counted from the call that creates the process on (section 9)", () => {
  expect(agreed(scenario("image-exe", [], ["create"]), "launch")).toEqual([2_000]);
});

it("images of a new process take no time where nobody listens to them (section 9)", () => {
  const one = scenario("non-system-thread-create", [call("DbgPrint")], ["create"]);
  expect(agreed(one, "launch")).toEqual([1_001]);
});

it("somebody who shares a lock is not earlier than the last who gave it back, but can ask before (section 15)", () => {
  const share = [
    call("KeEnterCriticalRegion"),
    call("ExAcquirePushLockShared", { PushLock: to("Lock") }),
    call("ExReleasePushLockShared", { PushLock: to("Lock") }),
    call("KeLeaveCriticalRegion"),
  ];
  const one = scenario(
    "process-exit",
    [call("PsCreateSystemThread", { StartRoutine: { routine: "Thread" } }), ...share],
    ["create and exit"],
    {
      objects: [object("Lock", "EX_PUSH_LOCK"), object("Done", "SynchronizationEvent")],
      routines: [
        routine("systemThread", "Thread", [
          call("FltAcquirePushLockShared", { PushLock: to("Lock") }),
          call("KeWaitForSingleObject", { Object: to("Done"), Timeout: after(0) }),
        ]),
      ],
    },
  );
  // Who asks at 3 us holds back the earliest step, whoever gives the lock back at 5 us: 506 us less 6 of skew.
  expect(agreed(one, "operation")[0]).toBe(500);
});

it("a wait that outlasts all is as long as its timeout, and what others do meanwhile adds nothing (section 15)", () => {
  const one = scenario(
    "process-create",
    [call("KeWaitForSingleObject", { Object: to("Done"), Timeout: after(300_000) })],
    ["create"],
    { objects: [object("Done", "NotificationEvent")] },
  );
  expect(agreed(one, "callback")).toEqual([300_001]);
});

it("a reply that comes before its sender waits for it is no earlier than it was made (section 15)", () => {
  const one = scenario(
    "image-exe",
    [call("ZwAlpcSendWaitReceivePort", { Port: to("Port") })],
    ["create"],
    {
      objects: [object("Port", "FLT_PORT")],
      services: service.services,
      routines: [
        routine(
          "userThread",
          "First",
          [
            call("ReadFile", { Pipe: to("Port"), Message: to("Message") }),
            call("WriteFile", { Message: to("Message") }),
          ],
          { locals: [object("Message", "pointer")] },
        ),
      ],
    },
  );
  expect(agreed(one, "callback").at(-1)).toBe(7);
});
