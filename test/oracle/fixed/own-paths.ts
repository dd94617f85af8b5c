/** Kernel paths that an author adds: what somebody owes who has one run, in whose thread, and how long it takes. */
import { defineApi, defineDriverWith, defineFamily } from "../../../src/windows/define-driver.ts";
import { idlePlaces, sharedPlaces } from "../adapter-promises.ts";
import { drafted } from "../draw/draft.ts";
import type { Scenario } from "../scenario.ts";
import { timedSearch } from "../timed/adapter.ts";

const callback = { name: "Routine", kind: { type: "routine", role: "callback" } } as const;
const registering = <const N extends string>(name: N, remove: "TRUE" | "FALSE") =>
  defineApi({
    name,
    params: [callback],
    does: [{ op: "register", routine: { param: "Routine" }, remove }],
    summary: "Registers, or removes.",
  });
const apis = [
  registering("ExRegister", "FALSE"),
  registering("ExUnregister", "TRUE"),
  defineApi({
    name: "ExWakeUp",
    does: [{ op: "act", action: "wakes" }],
    results: ["success", "failure"],
    summary: "Has it woken.",
  }),
  defineApi({
    name: "ExTellAll",
    does: [{ op: "raise", family: "power-wake" }],
    results: ["success", "failure"],
    summary: "Tells all.",
  }),
] as const;
const worker = "DelayedWorkQueue" as const;
const where = {
  own: {},
  item: { thread: worker },
  awaited: { thread: worker, awaited: true },
} as const;

const define = (thread: keyof typeof where, more: object) =>
  defineDriverWith({
    apis,
    families: [
      defineFamily({
        name: "power",
        events: ["sleep", "wake"],
        context: "the thread that asks",
        registers: "ExRegister",
        removes: "ExUnregister",
        paths: [
          { action: "sleeps", routine: "NtSleep", raises: "sleep" },
          { action: "wakes", routine: "PopWake", raises: "wake", ...where[thread] },
        ],
        ...more,
      }),
    ],
  });
type Recorder = Parameters<ReturnType<typeof define>>[1];

const reads: Recorder = (d) => {
  d.onPowerWake("OnWake", (a) => a.ZwReadFile());
};
/** A callback of processes that has the path run, and asks what came of it. */
const calling =
  (api: "ExWakeUp" | "ExTellAll"): Recorder =>
  (d) => {
    d.onPowerWake("OnWake", (a) => a.ZwReadFile());
    d.onProcessCreate("OnCreate", (a) => {
      const came = a[api]();
      a.when(came.failed(), () => a.ZwReadFile());
    });
  };
const vetoing: Recorder = (d) => {
  d.onPowerWake("OnWake", (a) => a.veto());
  d.onProcessCreate("OnCreate", (a) => {
    const came = a.ExTellAll();
    a.when(came.failed(), () => a.ZwReadFile());
  });
};

function tookIn(
  action: string,
  thread: keyof typeof where,
  record: Recorder,
  more: object = {},
): string {
  const { world } = drafted(1, {}, [[action]]);
  const drivers = [define(thread, more)("own", record)];
  const { m, took, graph } = timedSearch({ drivers, world } as unknown as Scenario, 20_000);
  const shared = [...sharedPlaces(m.program), ...idlePlaces(m.program)];
  if (shared.length > 0) return shared.join("; ");
  const kinds = ["callback", "event", "operation", "item"];
  const told = kinds.map((kind) => `${kind} ${[...(took.get(kind) ?? [])].sort((a, b) => a - b)}`);
  return graph.complete ? told.join("; ") : "not searched to its end";
}

/** A path takes 1 us itself, a read 5 000, and a call 1 (section 15). */
const casesNow = (): readonly (readonly [name: string, is: string, should: string])[] => [
  [
    "in his own thread",
    tookIn("wakes", "own", reads),
    "callback 5000; event 5000; operation 5001; item ",
  ],
  [
    "by an item",
    tookIn("wakes", "item", reads),
    "callback 5000; event 5000; operation 0; item 5001",
  ],
  [
    "by an item that he waits for",
    tookIn("wakes", "awaited", reads),
    "callback 5000; event 5000; operation 5001; item 5001",
  ],
  ["another path", tookIn("sleeps", "awaited", reads), "callback ; event ; operation 1; item "],
  [
    "from a callback, in its thread",
    tookIn("create", "own", calling("ExWakeUp")),
    "callback 5000,5002; event 5000,5002; operation 5001,6002; item ",
  ],
  [
    "from a callback, by an item",
    tookIn("create", "item", calling("ExWakeUp")),
    "callback 1,5000; event 1,5000; operation 0,1001; item 5001",
  ],
  [
    "from a callback that waits",
    tookIn("create", "awaited", calling("ExWakeUp")),
    "callback 5000,5002; event 5000,5002; operation 5001,6002; item 5001",
  ],
  [
    "an event of its own",
    tookIn("create", "own", calling("ExTellAll")),
    "callback 5000,5001; event 5000,5001; operation 6001; item ",
  ],
  [
    "an event that is vetoed",
    tookIn("create", "own", vetoing, { veto: true }),
    "callback 0,5001; event 0,5001; operation 6001; item ",
  ],
];

export const ownPathDifferences = (): string[] =>
  casesNow()
    .filter(([, is, should]) => is !== should)
    .map(([name, is, should]) => `${name}: ${is}, not ${should}`);
