/** Families that an author adds: how their callbacks are called, and in whose thread a path runs. */
import { defineApi, defineDriverWith, defineFamily } from "../../../src/windows/define-driver.ts";
import { surveyed } from "../adapter.ts";
import { drafted } from "../draw/draft.ts";
import { labelled } from "../scenario.ts";

const callback = { name: "Routine", kind: { type: "routine", role: "callback" } } as const;
const registering = <const N extends string>(name: N, remove: "TRUE" | "FALSE") =>
  defineApi({
    name,
    params: [callback],
    does: [{ op: "register", routine: { param: "Routine" }, remove }],
    summary: "Registers, or removes.",
  });
const paths = [
  { action: "sleeps", routine: "NtSleep", raises: "sleep" },
  { action: "wakes", routine: "PopWake", raises: "wake" },
] as const;
const family = {
  name: "power",
  events: ["sleep", "wake"],
  context: "the thread that asks",
  registers: "ExRegister",
  removes: "ExUnregister",
  paths,
} as const;
const apis = [registering("ExRegister", "FALSE"), registering("ExUnregister", "TRUE")] as const;
const define = (more: object = {}) =>
  defineDriverWith({ apis, families: [defineFamily({ ...family, ...more })] });
type Recorder = Parameters<ReturnType<typeof define>>[1];

type Said = ReturnType<typeof surveyed>;

function answer(action: string, more: object, record: Recorder): Said {
  const { world } = drafted(1, {}, [[action]]);
  return surveyed(labelled({ drivers: [define(more)("own", record)], world }), 20_000);
}

/** A callback that asks whether APCs are disabled, and one that reads a file. */
const apcs: Recorder = (d) => {
  d.onPowerSleep("OnSleep", (a) => a.when(a.apcsDisabled(), () => a.DbgPrint()));
};
const reads: Recorder = (d) => {
  d.onPowerSleep("OnSleep", (a) => a.ZwReadFile());
};
const waiting =
  (on: "sleep" | "wake", initial: 0 | 1): Recorder =>
  (d) => {
    const event = d.event("Event", "NotificationEvent", { signalled: initial === 1 });
    if (on === "sleep") d.onPowerSleep("OnEvent", (a) => a.KeWaitForSingleObject(event));
    else d.onPowerWake("OnEvent", (a) => a.KeWaitForSingleObject(event));
  };
const isHung = ({ hangs, complete }: Said): boolean => complete && hangs.length > 0;
const isQuiet = ({ hangs, crashes, rules, complete }: Said): boolean =>
  complete && hangs.length + crashes.length + rules.length === 0;
const misses = ({ unreached }: Said, routine: string): number =>
  [...unreached].filter((one) => one.startsWith(`${routine}/`)).length;
const pool = (awaited: boolean) => ({
  paths: [paths[0], { ...paths[1], thread: "DelayedWorkQueue", awaited }],
});

const cases: readonly (readonly [name: string, isRight: () => boolean])[] = [
  ["APCs enabled", () => misses(answer("sleeps", {}, apcs), "OnSleep") === 1],
  [
    "all APCs disabled",
    () => misses(answer("sleeps", { specialApcs: "off" }, apcs), "OnSleep") === 0,
  ],
  ["PASSIVE_LEVEL", () => isQuiet(answer("sleeps", {}, reads))],
  ["APC_LEVEL", () => answer("sleeps", { irql: "APC_LEVEL" }, reads).rules.length > 0],
  ["DISPATCH_LEVEL", () => answer("sleeps", { irql: "DISPATCH_LEVEL" }, reads).crashes.length > 0],
  ["a wait that nobody ends", () => isHung(answer("sleeps", {}, waiting("sleep", 0)))],
  ["a wait that is over", () => isQuiet(answer("sleeps", {}, waiting("sleep", 1)))],
  ["an event that is not raised", () => isQuiet(answer("wakes", {}, waiting("sleep", 0)))],
  ["the other event", () => isHung(answer("wakes", {}, waiting("wake", 0)))],
  ["an item that is awaited", () => isHung(answer("wakes", pool(true), waiting("wake", 0)))],
  ["an awaited item that ends", () => isQuiet(answer("wakes", pool(true), waiting("wake", 1)))],
  ["an item that is not awaited", () => isQuiet(answer("wakes", pool(false), waiting("wake", 1)))],
];

export const familyDifferences = (): string[] =>
  cases.filter(([, isRight]) => !isRight()).map(([name]) => `not as it should be: ${name}`);
