/** Ends of routines whose code can go (section 14): the two interpreters say the same, and what the page says. */
import { expect, test } from "vitest";
import type { DriverModel, Routine, Statement } from "../../src/language/model.ts";
import { agreed, call, driver, scenario } from "./once.ts";

const writes = call("ZwWriteFile");
const says = call("KeSetEvent", { Event: { ref: "Ended" } });
const waits = call("KeWaitForSingleObject", { Object: { ref: "Ended" } });
const removes = call("PsSetCreateProcessNotifyRoutineEx", {
  NotifyRoutine: { routine: "OnEvent" },
  Remove: "TRUE",
});
const end: Statement = { kind: "return" };

interface Case {
  readonly callback: readonly Statement[];
  readonly routine?: Routine;
  readonly unload: readonly Statement[] | undefined;
  readonly removal?: string;
}

function crashesOf({ callback, routine, unload, removal = "racing" }: Case): readonly string[] {
  const one = driver("process-create", [...callback], {
    objects: [{ name: "Ended", kind: "NotificationEvent" }],
  });
  const routines: Routine[] = [
    ...one.routines,
    ...(routine === undefined ? [] : [routine]),
    ...(unload === undefined
      ? []
      : [{ name: "DriverUnload", role: "unload" as const, locals: [], body: unload }]),
  ];
  const whole: DriverModel = { ...one, routines };
  return agreed(scenario(whole, "create", { removal })).crashes;
}

const starts = call("PsCreateSystemThread", { StartRoutine: { routine: "Other" } });
const other = (role: Routine["role"], ...body: readonly Statement[]): Routine => ({
  name: "Other",
  role,
  locals: [],
  body,
});
const thread = (...body: readonly Statement[]): Case => ({
  callback: [starts],
  routine: other("systemThread", ...body),
  unload: [removes],
});

test("a system thread of local steps is inside until it has left, unless the code cannot go", () => {
  expect(crashesOf(thread(writes))).not.toEqual([]);
  expect(crashesOf(thread(writes, end))).not.toEqual([]);
  expect(crashesOf(thread())).toEqual([]);
  expect(crashesOf({ ...thread(writes), unload: undefined })).toEqual([]);
  expect(crashesOf({ ...thread(writes), removal: "none" })).toEqual([]);
});

test("who waits for the last call of a thread waits until it has left", () => {
  // The callback itself waits, so that an unloading that removes it does.
  const waited = (...body: Statement[]): Case => ({
    ...thread(...body),
    callback: [starts, waits],
  });
  expect(crashesOf(waited(writes, says))).toEqual([]);
  expect(crashesOf(waited(says, writes))).not.toEqual([]);
});

test.each(["Normal", "Special"])("a %s APC is inside until it has left", (Kind) => {
  const queues = (...body: Statement[]): Case => ({
    callback: [
      call("KeInsertQueueApc", {
        Apc: { routine: "Other" },
        Thread: { thread: "subject" },
        Kind,
      }),
    ],
    routine: other("apc", ...body),
    unload: [removes, waits],
  });
  expect(crashesOf(queues(says))).toEqual([]);
  expect(crashesOf(queues(says, writes))).not.toEqual([]);
});

test.each([
  ["ExQueueWorkItem", true],
  ["IoQueueWorkItem", false],
])("W4: an item of %s that tells its end too early is inside: %s", (api, isLost) => {
  const queues = (...body: Statement[]): Case => ({
    callback: [call(api, { WorkItem: { routine: "Other" }, QueueType: "DelayedWorkQueue" }), waits],
    routine: other("workItem", ...body),
    unload: [removes],
  });
  expect(crashesOf(queues(writes, says))).toEqual([]);
  expect(crashesOf(queues(says, writes)).length > 0).toBe(isLost);
});

test("a DPC that runs is inside until it has left", () => {
  const inserts = (...body: Statement[]): Case => ({
    callback: [call("KeInsertQueueDpc", { Dpc: { routine: "Other" } }), waits],
    routine: other("dpc", ...body),
    unload: [removes],
  });
  const prints = call("DbgPrint");
  expect(crashesOf(inserts(prints, says))).toEqual([]);
  expect(crashesOf(inserts(says, prints))).not.toEqual([]);
  const flushes = call("KeFlushQueuedDpcs");
  expect(crashesOf({ ...inserts(says, prints), unload: [removes, flushes] })).toEqual([]);
});

test("CB-U1: a callback is inside where nobody waits for its removal", () => {
  expect(crashesOf({ callback: [writes], unload: [removes] })).toEqual([]);
  expect(crashesOf({ callback: [writes], unload: [] })).not.toEqual([]);
  expect(crashesOf({ callback: [], unload: [] })).toEqual([]);
});
