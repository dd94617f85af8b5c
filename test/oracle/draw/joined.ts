/** Threads of the driver's own that are kept, told to end, and waited for (W25). */
import type { Statement } from "../../../src/language/model.ts";
import type { Scenario } from "../scenario.ts";
import { after, call, drafted, object, of, type Roll, routine, some, to, when } from "./draft.ts";

const first = "First";
const second = "Second";
const stop = call("KeSetEvent", { Event: to("Stop") });
const say = call("KeSetEvent", { Event: to("Done") });

const starts = (handle: string | undefined, result?: string): Statement =>
  call(
    "PsCreateSystemThread",
    {
      StartRoutine: { routine: "Pump" },
      ...(handle === undefined ? {} : { ThreadHandle: to(handle) }),
    },
    result,
  );

function waits(roll: Roll): Statement {
  const timeout = roll(3) === 0 ? { Timeout: after(of(roll, [0, 1000])) } : {};
  return of(roll, [
    () => call("KeWaitForSingleObject", { Object: to(of(roll, [first, second])), ...timeout }),
    () => call("KeWaitForSingleObject", { Object: to(first), ...timeout }, "joined"),
    () => call("ZwWaitForSingleObject", { Handle: to(first), ...timeout }),
    () =>
      call("KeWaitForMultipleObjects", {
        Objects: { objects: [to(first), to(of(roll, ["Done", "Stop"]))] },
        WaitType: of(roll, ["WaitAny", "WaitAll"]),
        ...timeout,
      }),
    () => call("KeWaitForSingleObject", { Object: to("Done"), ...timeout }),
  ])();
}

function pump(roll: Roll): Statement[] {
  const ends = call("PsTerminateSystemThread");
  const waitsFor = call("KeWaitForSingleObject", { Object: to("Stop") });
  return [
    ...(roll(2) === 0 ? [waitsFor] : []),
    ...(roll(3) === 0
      ? [
          call("KeWaitForSingleObject", { Object: to("Lock") }),
          call("KeReleaseMutex", { Mutex: to("Lock") }),
        ]
      : []),
    ...(roll(2) === 0 ? [say] : []),
    ...(roll(2) === 0 ? [ends] : []),
    ...(roll(4) === 0 ? [call("DbgPrint")] : []),
  ];
}

const others = (roll: Roll): Statement =>
  of(roll, [
    () => stop,
    () => say,
    () => starts(of(roll, [first, second, undefined])),
    () => waits(roll),
    () => waits(roll),
    () => call("ObDereferenceObject", { Entry: to(first) }),
    () => call("ObDereferenceObject", { Entry: { process: "current" } }),
    () => call("ObReferenceObject", { Entry: { thread: "current" } }),
    () => when({ kind: "opaque", name: "Some" }, [waits(roll)]),
  ])();

export function joined(roll: Roll, seed: number): Scenario {
  const isLocal = roll(3) === 0;
  const callback = [
    ...(roll(2) === 0 ? [starts(first)] : []),
    ...some(roll, [0, 1, 2], 3).map(() => others(roll)),
  ];
  const told = of(roll, ["process", "process-create", "thread-create"]);
  const routines = [
    routine(
      "callback",
      "OnEvent",
      callback,
      isLocal ? { locals: [object(second, "PETHREAD")] } : {},
    ),
    routine("systemThread", "Pump", pump(roll)),
    ...(roll(2) === 0
      ? [
          routine("entry", "DriverEntry", [
            starts(first, "made"),
            ...(roll(2) === 0
              ? [when({ kind: "result", of: "made", is: "failure" }, [{ kind: "return" }])]
              : []),
          ]),
        ]
      : []),
    ...(roll(2) === 0
      ? [
          routine(
            "unload",
            "DriverUnload",
            some(roll, [0, 1], 2)
              .map(() => others(roll))
              .filter(isPlain),
          ),
        ]
      : []),
  ];
  const hasUnload = routines.some(({ role }) => role === "unload");
  return drafted(
    seed,
    {
      objects: [
        object("Stop", "NotificationEvent"),
        object("Done", of(roll, ["NotificationEvent", "SynchronizationEvent"])),
        object("Lock", "KMUTEX"),
        object(first, "PETHREAD"),
        ...(isLocal ? [] : [object(second, "PETHREAD")]),
      ],
      conditions: [{ name: "Some", scope: "driver" }],
      routines: isLocal
        ? routines.map((one) => (one.role === "callback" ? one : withoutSecond(one)))
        : routines,
      registrations: [{ family: told, routine: "OnEvent" }],
    },
    [["create"]],
    {
      removal: hasUnload || roll(3) === 0 ? "racing" : "none",
      startup: of(roll, ["before", "before", "failing", "racing"]),
    },
  );
}

const isPlain = (one: Statement): boolean => one.kind === "call";

/** What stands in the callback's frame is out of reach of the rest. */
const withoutSecond = <T>(one: T): T =>
  JSON.parse(JSON.stringify(one).replaceAll(`"${second}"`, `"${first}"`)) as T;
