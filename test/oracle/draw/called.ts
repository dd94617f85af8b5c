/** Calls one after the other, each with what it needs: every name comes up, in a callback or behind one. */
import type { DriverModel, Statement } from "../../../src/language/model.ts";
import type { Scenario, World } from "../scenario.ts";
import { callsInKernel, kernelObjects, records } from "./called-kernel.ts";
import { callsInUserMode, userObjects } from "./called-user.ts";
import { call, drafted, object, of, type Roll, routine, to } from "./draft.ts";
import { bare } from "./plain.ts";
import { starts } from "./sketch.ts";

const adds = call("InterlockedIncrement", { Target: to("Count") });
const entered: readonly (readonly [Statement[], Statement[]])[] = [
  [[], []],
  [[], []],
  [[], []],
  [[call("FsRtlEnterFileSystem")], [call("FsRtlExitFileSystem")]],
  [[call("KeEnterCriticalRegion")], [call("KeLeaveCriticalRegion")]],
  [[call("KeEnterGuardedRegion")], [call("KeLeaveGuardedRegion")]],
];

/** Some of the calls, now and then in a region, in a loop, beside calls that are one step. */
function someOf(roll: Roll, list: readonly ((roll: Roll, n: string) => Statement[])[]) {
  return Array.from({ length: 3 + roll(2) }, (_, i) => {
    const [before, behind] = of(roll, entered);
    const body = of(roll, list)(roll, String(i));
    const inner: Statement[] = roll(12) === 0 ? [{ kind: "repeat", times: 2, body }] : body;
    return [...before, ...inner, ...behind];
  }).flat();
}

const others = (roll: Roll): Statement[] =>
  of(roll, [
    () => [call(of(roll, bare)), call(of(roll, bare))],
    () => [call(of(roll, bare))],
    () => [
      { kind: "other", name: "Works", costUs: 50, irql: of(roll, ["DISPATCH_LEVEL", "APC_LEVEL"]) },
    ],
  ])() as Statement[];

const families = [
  ...["process-create", "process-exit", "thread-exit", "image-exe", "image-dll", "image-ntdll"],
  ...["image-driver"],
  ...["image-driver", "non-system-thread-create", "non-system-thread-exit", "process-create"],
];

const does: Readonly<Record<string, string>> = {
  "image-dll": "load a DLL",
  "image-driver": "load a driver",
};

const worldOf = (roll: Roll): Partial<World> => ({
  startup: of(roll, ["before", "before", "before", "failing"]),
  removal: roll(6) === 0 ? "racing" : "none",
  ...(roll(5) === 0 ? { neighbour: "creates a thread" } : {}),
  ...(roll(8) === 0 ? { specialApcs: "off" } : {}),
});

/** What each call in kernel mode may name, as far as it is named. */
function declared(driver: Partial<DriverModel>): Partial<DriverModel> {
  const text = JSON.stringify(driver.routines);
  const isNamed = ({ name }: { name: string }): boolean => text.includes(`"${name}"`);
  const items = [routine("workItem", "Item", [adds]), routine("workItem", "Kept", [])];
  const more = [
    ...items,
    routine("dpc", "Dpc", [adds]),
    routine("apc", "Apc", [adds]),
    routine("systemThread", "Ends", [call("PsTerminateSystemThread")]),
  ].filter(isNamed);
  const routines = [...(driver.routines ?? []), ...more];
  const all = JSON.stringify(routines);
  return {
    ...driver,
    objects: kernelObjects.filter(({ name }) => all.includes(`"${name}"`)),
    records,
    routines,
  };
}

/** In a callback, in an item or thread that it starts. */
function inKernel(roll: Roll, seed: number): Scenario {
  const family = of(roll, families);
  const vetoes: Statement[] =
    family === "process-create" && roll(3) === 0 ? [{ kind: "veto" }] : [];
  const body = [...others(roll), ...someOf(roll, callsInKernel)];
  const where = of(roll, ["OnEvent", "OnEvent", "OnEvent", "Thread"]);
  const routines = [
    routine("callback", "OnEvent", where === "OnEvent" ? [...body, ...vetoes] : [starts(where)], {
      locals: [object("Mine", "pointer", { record: "Entry" })],
    }),
    ...(where === "OnEvent"
      ? []
      : [
          routine("systemThread", where, body, {
            locals: [object("Mine", "pointer", { record: "Entry" })],
          }),
        ]),
  ];
  return drafted(
    seed,
    declared({ routines, registrations: [{ family, routine: "OnEvent" }] }),
    [[does[family] ?? of(roll, ["create", "create and exit"])]],
    worldOf(roll),
  );
}

/** In a thread of a service, or in a request that it makes. */
function inUserMode(roll: Roll, seed: number): Scenario {
  const isAsked = roll(3) === 0;
  const body = Array.from({ length: 1 + roll(3) }, (_, i) =>
    of(roll, callsInUserMode)(roll, String(i)),
  ).flat();
  const asks = call(of(roll, ["DeviceIoControl", "FilterSendMessage"]), {
    Request: { routine: "OnControl" },
  });
  const text = JSON.stringify([body, asks]);
  const isNamed = (name: string): boolean => text.includes(`"${name}"`);
  const objects = userObjects.filter(({ name }) => isNamed(name));
  const request = isAsked ? someOf(roll, callsInKernel).slice(0, 5) : [adds];
  return drafted(
    seed,
    {
      ...declared({
        routines: [
          routine("userThread", "Serve", isAsked ? [asks, ...body.slice(0, 2)] : body, {
            locals: [object("Message", "pointer")],
          }),
          routine("userThread", "Extra", [call("CreateFile")]),
          routine("request", "OnControl", request, {
            locals: [object("Mine", "pointer", { record: "Entry" })],
          }),
        ],
      }),
      services: [
        {
          name: "Agent",
          objects,
          threads: [
            { routine: "Serve", count: 1 },
            { routine: "Extra", count: 0 },
          ],
        },
      ],
    },
    [],
    {
      service: { condition: of(roll, ["well", "well", "well", "hung", "target"]) },
      startup: roll(4) === 0 ? "failing" : "before",
      removal: roll(8) === 0 ? "racing" : "none",
    },
  );
}

const process = (name: string) => ["process-create", name, name] as const;
const thread = (family: string, name: string) =>
  [family, name, "PsRemoveCreateThreadNotifyRoutine"] as const;
const image = (name: string) => ["image-exe", name, "PsRemoveLoadImageNotifyRoutine"] as const;
const registering = [
  process("PsSetCreateProcessNotifyRoutine"),
  process("PsSetCreateProcessNotifyRoutineEx"),
  process("PsSetCreateProcessNotifyRoutineEx2"),
  process("PsSetCreateProcessNotifyRoutineEx2"),
  thread("thread-create", "PsSetCreateThreadNotifyRoutine"),
  thread("thread-exit", "PsSetCreateThreadNotifyRoutine"),
  thread("non-system-thread-create", "PsSetCreateThreadNotifyRoutineEx"),
  image("PsSetLoadImageNotifyRoutine"),
  image("PsSetLoadImageNotifyRoutineEx"),
  image("PsSetLoadImageNotifyRoutineEx"),
];

/** In DriverEntry and DriverUnload, which make a callback known and take it back. */
function atTheEnds(roll: Roll, seed: number): Scenario {
  const [family, set, remove] = of(roll, registering);
  const one = { NotifyRoutine: { routine: "OnEvent" } };
  const sets = call(set, set === remove ? { ...one, Remove: "FALSE" } : one, "set");
  const removes = call(remove, set === remove ? { ...one, Remove: "TRUE" } : one, "removed");
  return drafted(
    seed,
    declared({
      routines: [
        routine("entry", "DriverEntry", [
          ...(roll(2) === 0 ? [call(of(roll, bare))] : []),
          sets,
          ...(roll(5) === 0 ? [removes] : []),
        ]),
        routine("callback", "OnEvent", roll(5) === 0 ? [removes] : [adds]),
        routine("unload", "DriverUnload", [
          ...(roll(6) === 0 ? [call("FltUnregisterFilter")] : []),
          ...(roll(6) === 0 ? [] : [removes]),
        ]),
      ],
      registrations: [{ family, routine: "OnEvent" }],
    }),
    [[of(roll, ["create", "create and exit"])]],
    {
      startup: of(roll, ["before", "racing", "failing"]),
      removal: of(roll, ["none", "racing", "racing"]),
    },
  );
}

export const called = (roll: Roll, seed: number): Scenario =>
  of(roll, [inKernel, inKernel, inKernel, inUserMode, inUserMode, atTheEnds, atTheEnds, atTheEnds])(
    roll,
    seed,
  );
