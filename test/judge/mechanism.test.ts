import { expect, test } from "vitest";
import { observe } from "../../src/explore/observe.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { rules } from "../../src/windows/rules.ts";
import type { World } from "../../src/windows/scenario.ts";
import { drivers, patterns } from "../explore/support/models.ts";
import { users, worldWith } from "../explore/support/worlds.ts";

interface Known {
  readonly outcome: string;
  readonly identity: string;
  readonly mechanism: string;
  readonly rules: readonly string[];
}

const known = (
  outcome: string,
  identity: string,
  mechanism: string,
  ...broken: readonly string[]
): Known => ({ outcome, identity, mechanism, rules: broken });

/** A service that is asked and answers: what that breaks where nothing else goes wrong. */
const asks = (identity: string): Known =>
  known(
    "rule",
    identity,
    "callbackAsksUserMode, callbackBlocksOnOtherThread, callbackWaitsForIpc",
    "R2",
    "R4",
    "R5",
    "R6b",
  );
const awaitsWork = (identity: string): Known =>
  known(
    "rule",
    identity,
    "callbackAwaitsQueuedWork, callbackBlocksOnOtherThread",
    "R5",
    "R6b",
    "R7",
  );
const asked = ["R2", "R4", "R5", "R6b"] as const;
const blocked = ["R5", "R6b"] as const;

const well = {};
const twice = { workload: users(2, "create") };
const exits = { workload: users(1, "create and exit") };
const exhausted = { pool: { profile: "tiny", load: "exhausted" } } as const;
const removal = { removal: "racing" } as const;
const hung = { service: { condition: "hung" } } as const;
const slow = { service: { condition: "slow" } } as const;
const target = { service: { condition: "target" } } as const;
const threads = (count: number) => ({ service: { condition: "well", threads: count } }) as const;

/** Each model in worlds that tell it apart, and all that has to be seen there. */
type Row = readonly [string, string, Partial<World>, ...(readonly Known[])];
const table: readonly Row[] = [
  ["empty", "one create", well],
  ["fast-mutex-unawaited", "one create", well],
  ["inverted-call", "one create", well],
  ["parent-waits", "a shell", { workload: users(1, "create and wait") }],
  ["lock-order", "one create", well],
  ["requeues-item", "one create", well],
  ["unload-drains", "removal", removal],
  // The completion is a special kernel APC, which the mutex holds off: nobody is in a circle.
  [
    "fast-mutex-over-io",
    "one create",
    well,
    known("deadlock", "OnProcessCreate/ZwReadFile", "callback waits for a completion", "B9"),
    known(
      "rule",
      "OnProcessCreate/ZwReadFile",
      "apcsDisabled, fileIoHoldingLock, irqlTooHigh",
      "B11",
      "B9",
    ),
  ],
  [
    "fast-mutex-over-wait",
    "one create",
    well,
    known(
      "deadlock",
      "OnProcessCreate/KeWaitForSingleObject(ScanDone) + Scan/ExAcquireFastMutex(Lock)",
      "callback waits for an event > work item waits for a FAST_MUTEX (circle)",
      ...blocked,
      "R7",
    ),
  ],
  // With every worker in the callback itself, the item never gets as far as the mutex.
  [
    "fast-mutex-over-wait",
    "an exhausted pool",
    exhausted,
    known(
      "deadlock",
      "OnProcessCreate/ExAcquireFastMutex(Lock) + OnProcessCreate/KeWaitForSingleObject(ScanDone)",
      "callback waits for a FAST_MUTEX > callback waits for an event > queued work item waits for a free worker (circle)",
      ...blocked,
    ),
    known(
      "deadlock",
      "OnProcessCreate/KeWaitForSingleObject(ScanDone) + Scan/ExAcquireFastMutex(Lock)",
      "callback waits for an event > work item waits for a FAST_MUTEX (circle)",
      ...blocked,
      "R7",
    ),
  ],
  // The unloading thread is no callback: no rule about callbacks is its own.
  [
    "lock-across-removal",
    "removal",
    removal,
    known(
      "deadlock",
      "DriverUnload/PsSetCreateProcessNotifyRoutineEx(OnProcess) + OnProcess/KeWaitForSingleObject(Lock)",
      "DriverUnload waits for rundown > callback waits for a KMUTEX (circle)",
    ),
  ],
  // Two callbacks in the same wait count as one in the mechanism.
  [
    "lock-order",
    "two creates and exits",
    { workload: users(2, "create and exit") },
    known(
      "deadlock",
      "OnProcessCreate/KeWaitForSingleObject(Log) + OnProcessExit/KeWaitForSingleObject(ProcessList)",
      "callback waits for a KMUTEX (circle)",
      ...blocked,
    ),
  ],
  [
    "recursive-fast-mutex",
    "one create",
    well,
    known(
      "deadlock",
      "OnProcessCreate/ExAcquireFastMutex(Lock)",
      "callback waits for a FAST_MUTEX (circle)",
      ...blocked,
    ),
    known("rule", "OnProcessCreate/ZwCreateUserProcess", "irqlTooHigh", "B9"),
  ],
  [
    "remove-inside",
    "one create",
    well,
    known(
      "deadlock",
      "OnProcess/PsSetCreateProcessNotifyRoutineEx(OnProcess)",
      "callback waits for rundown (circle)",
      ...blocked,
    ),
    known(
      "rule",
      "OnProcess/PsSetCreateProcessNotifyRoutineEx(OnProcess)",
      "callbackUnregisters",
      "B1",
    ),
  ],
  [
    "requeues-item",
    "two creates",
    twice,
    known("rule", "OnProcessCreate/IoQueueWorkItem(Scan)", "workItemQueuedTwice", "B7"),
  ],
  // The process ends once its last thread has left it, which stands in the callback.
  [
    "self-wait-exit",
    "one exit",
    exits,
    known(
      "deadlock",
      "OnProcessExit/KeWaitForSingleObject(process current)",
      "callback waits for a process's end (circle)",
      ...blocked,
    ),
  ],
  // The new process ends no sooner than its creator lets it begin.
  [
    "waits-for-new-process",
    "one create",
    well,
    known(
      "deadlock",
      "OnProcessCreate/KeWaitForSingleObject(process subject)",
      "callback waits for a process's end (circle)",
      ...blocked,
    ),
  ],
  [
    "service-spawns",
    "one create",
    well,
    known(
      "deadlock",
      "OnProcessCreate/FltSendMessage(AgentPort)",
      "callback waits for a reply (circle)",
      ...asked,
    ),
  ],
  // A thread more is one level more, however many there are.
  [
    "service-spawns",
    "two threads",
    threads(2),
    known(
      "deadlock",
      "OnProcessCreate/FltSendMessage(AgentPort)",
      "callback waits for a reply (circle)",
      ...asked,
    ),
  ],
  [
    "service-spawns",
    "three threads",
    threads(3),
    known(
      "deadlock",
      "OnProcessCreate/FltSendMessage(AgentPort)",
      "callback waits for a reply (circle)",
      ...asked,
    ),
  ],
  ["service-spawns-guarded", "one create", well, asks("OnProcessCreate/FltSendMessage(AgentPort)")],
  [
    "service-spawns-guarded",
    "a hung service",
    hung,
    known(
      "deadlock",
      "OnProcessCreate/FltSendMessage(AgentPort)",
      "callback waits for a reply > service waits for nothing: it is hung",
      ...asked,
    ),
    asks("OnProcessCreate/FltSendMessage(AgentPort)"),
  ],
  [
    "service-spawns-guarded",
    "a slow service",
    slow,
    asks("OnProcessCreate/FltSendMessage(AgentPort)"),
    known("latency", "OnProcessCreate/FltSendMessage(AgentPort)", "service: work", "R1"),
    known(
      "latency of an event",
      "OnProcessCreate/FltSendMessage(AgentPort)",
      "service: work",
      "R1",
    ),
  ],
  ["service-verdict", "one create", well, asks("OnProcess/FltSendMessage(AgentPort)")],
  // The service's last thread asks, on its way out, its own process.
  [
    "service-verdict",
    "a service that is ended",
    target,
    known(
      "deadlock",
      "OnProcess/FltSendMessage(AgentPort)",
      "callback waits for a reply (circle)",
      ...asked,
    ),
    asks("OnProcess/FltSendMessage(AgentPort)"),
  ],
  [
    "service-verdict-guarded",
    "a service that is ended",
    target,
    asks("OnProcess/FltSendMessage(AgentPort)"),
  ],
  // Until it hangs it answers, and that it is asked is against the rules; from then on nobody does.
  [
    "service-verdict-guarded",
    "a hung service",
    hung,
    asks("OnProcess/FltSendMessage(AgentPort)"),
    known("latency", "OnProcess/FltSendMessage(AgentPort)", "callback: timeout", "R1"),
    known("latency of an event", "OnProcess/FltSendMessage(AgentPort)", "callback: timeout", "R1"),
  ],
  [
    "spin-lock-over-wait",
    "one create",
    well,
    known("crash", "OnProcessCreate/KeWaitForSingleObject(Ready)", "a call at too high an IRQL"),
  ],
  [
    "timeout-on-counted-event",
    "one create",
    well,
    awaitsWork("OnProcessCreate/KeWaitForSingleObject(Mine->ScanDone)"),
  ],
  [
    "timeout-on-stack-event",
    "one create",
    well,
    known(
      "crash",
      "Scan/KeSetEvent(ScanDone)",
      "use after return: the frame that held the object is gone",
    ),
    awaitsWork("OnProcessCreate/KeWaitForSingleObject(ScanDone)"),
  ],
  [
    "two-services",
    "one create",
    well,
    known(
      "deadlock",
      "AskPolicy/FltSendMessage(PolicyPort) + AskScanner/FltSendMessage(ScannerPort) + OnProcessCreate/FltSendMessage(ScannerPort)",
      "callback waits for a reply > request waits for a reply (circle)",
      ...asked,
    ),
  ],
  [
    "unload-forgets",
    "removal",
    removal,
    known("rule", "IopUnloadDriver unload-forgets", "unloadLeavesCallbacks", "B2"),
    known(
      "crash",
      "OnProcess/InterlockedIncrement(Count)",
      "the driver is unloaded while its code still runs or is queued",
    ),
  ],
  [
    "nidhogg",
    "one exit",
    exits,
    known("latency", "OnProcessCreationExit/KeDelayExecutionThread", "callback: delay", "R1"),
  ],
  // No wait at all: it moves, and gets nowhere.
  [
    "nidhogg-stale-module",
    "one exit",
    exits,
    known(
      "livelock",
      "OnProcessCreationExit/poll(EntryIsGone != 0)",
      "callback goes round for ever",
      ...blocked,
    ),
  ],
  [
    "umkcf",
    "one create",
    well,
    known(
      "deadlock",
      "KcfPerformCallback/KeWaitForSingleObject(Callback->Event)",
      "callback waits for an event (circle)",
      ...asked,
    ),
    asks("KcfPerformCallback/KeWaitForSingleObject(Callback->Event)"),
  ],
  // The lost wake-up: the monitor looks again and again for an event that is past.
  [
    "process-manager",
    "one create",
    well,
    known(
      "deadlock",
      "DialogThread/GetMessage(WindowMessages) + MonitorThread/WaitForSingleObject(EventArray0) + ProcessCallBackWin7/KeWaitForMultipleObjects(EventArray1, EventArray2)",
      "callback waits for any of several: an event > service waits for a queue > service polls an event",
      ...asked,
    ),
    asks("ProcessCallBackWin7/KeWaitForMultipleObjects(EventArray1, EventArray2)"),
    // It asks for the path under its mutex.
    known("rule", "ProcessCallBackWin7/IoQueryFileDosDeviceName", "fileIoHoldingLock", "B11"),
    known(
      "latency",
      "ProcessCallBackWin7/KeWaitForMultipleObjects(EventArray1, EventArray2)",
      "service: delay",
      "R1",
    ),
    known(
      "latency of an event",
      "ProcessCallBackWin7/KeWaitForMultipleObjects(EventArray1, EventArray2)",
      "service: delay",
      "R1",
    ),
  ],
];

const inOrder = (list: readonly Known[]): Known[] =>
  [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

test.each(table.map(([name, where, change, ...all]) => ({ name, where, change, all })))(
  "$name with $where shows what it has to show, and nothing else",
  ({ name, change, all }) => {
    const model = [...patterns, ...drivers].find((m) => m.name === name);
    const program = compileScenario({
      drivers: model === undefined ? [] : [model.driver],
      world: worldWith(change),
    });
    const { observations } = observe(program, { budget: 12_000, seed: "mechanisms", rules });
    const seen = observations.map(({ target, rules: broken }) => {
      const { outcome, identity, mechanism, of = "callback" } = target;
      const what = of === "callback" ? outcome : `${outcome} of an ${of}`;
      return known(what, identity, mechanism, ...broken);
    });
    expect(inOrder(seen)).toEqual(inOrder(all));
  },
);
