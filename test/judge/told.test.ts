/** What findings say of like objects, polls, signals and locks, so that a story can tell it. */
import { expect, test } from "vitest";
import {
  driver as exhausted,
  worlds as exhaustedWorlds,
} from "../../properties/drivers/article-exhausted-pool.driver.ts";
import { driver as idlePool } from "../../properties/drivers/article-idle-pool.driver.ts";
import {
  driver as reentrant,
  worlds as reentrantWorlds,
} from "../../properties/drivers/article-reentrant.driver.ts";
import { driver as nidhogg } from "../../properties/drivers/nidhogg.driver.ts";
import { driver as processManager } from "../../properties/drivers/process-manager.driver.ts";
import { driver as fastMutex } from "../../properties/patterns/fast-mutex-over-wait.driver.ts";
import { driver as lockOrder } from "../../properties/patterns/lock-order.driver.ts";
import { driver as spawns } from "../../properties/patterns/service-spawns.driver.ts";
import { driver as verdict } from "../../properties/patterns/service-verdict.driver.ts";
import { driver as guarded } from "../../properties/patterns/service-verdict-guarded.driver.ts";
import { driver as spinLock } from "../../properties/patterns/spin-lock-over-wait.driver.ts";
import { driver as counted } from "../../properties/patterns/timeout-on-counted-event.driver.ts";
import { driver as stackEvent } from "../../properties/patterns/timeout-on-stack-event.driver.ts";
import { check } from "../../src/campaign/check.ts";
import type { Finding, Outcome } from "../../src/judge/finding.ts";
import { numbered } from "../../src/judge/instances.ts";
import type { DriverModel } from "../../src/language/model.ts";
import { tellFinding } from "../../src/report/story.ts";
import { outcomeWords } from "../../src/report/story-outcomes.ts";
import { actorName, becauseWords } from "../../src/report/story-words.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";

const ownWorlds = new Map([
  [reentrant, reentrantWorlds],
  [exhausted, exhaustedWorlds],
]);
const reports = new Map<DriverModel, readonly Finding[]>();

function findingsOf(driver: DriverModel): readonly Finding[] {
  const known = reports.get(driver);
  if (known !== undefined) return known;
  const worlds = ownWorlds.get(driver);
  const subject = { drivers: [driver], ...(worlds === undefined ? {} : { worlds }) };
  // Locks in two orders take two events at a time.
  const scope = driver === lockOrder ? "default" : "small";
  const { findings } = check(subject, { scope, budget: 40_000, seed: "told" });
  const found = findings.map(({ finding }) => finding);
  reports.set(driver, found);
  return found;
}

function find(driver: DriverModel, outcome: Outcome, mechanism = ""): Finding {
  const found = findingsOf(driver).find(
    (one) => one.outcome === outcome && one.mechanism.includes(mechanism),
  );
  if (found === undefined) throw new Error(`no ${outcome} was found`);
  return found;
}

const operations = ({ steps }: Finding): string[] => steps.map(({ operation }) => operation);
const outcomes = (finding: Finding, call: string): string[] =>
  finding.steps
    .filter((s) => s.operation.startsWith(call))
    .map((step) => outcomeWords(step).replaceAll("\u00a0", " "));

test("objects of several activations have the activation's number, in steps and chain alike", () => {
  const found = find(reentrant, "rule");
  expect(operations(found)).toEqual(
    expect.arrayContaining([
      "IoQueueWorkItem(Scan (1), DelayedWorkQueue)",
      "KeWaitForSingleObject(ScanDone (1), no timeout)",
      "IoQueueWorkItem(Scan (2), DelayedWorkQueue)",
      "KeSetEvent(ScanDone (2))",
    ]),
  );
  expect(found.steps.find(({ routine }) => routine === "Scan")?.call).toBe(1);
});

test("in a chain the item, its event and who waits for it have one number", () => {
  const found = find(reentrant, "deadlock");
  const [waits, item] = found.chain;
  const number = /\((\d+)\)$/.exec(waits.wait.objects[0].name)?.[1];
  expect(Number(number)).toBeGreaterThan(0);
  expect(waits.enders[waits.follows ?? -1].who).toMatchObject({ name: `Scan (${number})` });
  expect(item.who).toMatchObject({ kind: "workItem", name: `Scan (${number})` });
  expect(found.mechanism).not.toMatch(/\(\d/);
});

test("of two items in one queue, each is named where it is the one that would end a wait", () => {
  const found = find(exhausted, "deadlock");
  const [first, item, second] = found.chain;
  expect([first.wait.objects[0].name, actorName(item.who), second.wait.objects[0].name]).toEqual([
    "ScanDone (1)",
    "work item Scan (1)",
    "ScanDone (2)",
  ]);
  expect(becauseWords(second, item)).toBe(
    "work item Scan (2) would set it, in the same queue as work item Scan (1)",
  );
});

test("where there is one of a name, it has no number", () => {
  const found = find(idlePool, "rule");
  expect(operations(found).join()).toContain("ScanDone");
  expect(operations(found).join()).not.toMatch(/\(\d+\)/);
});

test("a record is another one each time that it is allocated, even in the same place", () => {
  const found = find(counted, "latency");
  const waits = operations(found).filter((one) => one.startsWith("KeWaitForSingleObject"));
  expect(new Set(waits).size).toBe(3);
  expect(waits[0]).toBe("KeWaitForSingleObject(Mine (1)->ScanDone, timeout 200 ms)");
});

test("numbers go by first mention, within objects that share holders", () => {
  const of = numbered([
    { word: "A", name: "A", holder: "first" },
    { word: "B", name: "B", holder: "second" },
    { word: "A", name: "A", holder: "second" },
    { word: "B", name: "B", holder: "first" },
    { word: "C", name: "C", holder: "elsewhere" },
  ]);
  expect(of.of({ word: "B", name: "B", holder: "second" })).toBe(2);
  expect(of.of({ word: "B", name: "B", holder: "first" })).toBe(1);
  expect(of.of({ word: "C", name: "C", holder: "elsewhere" })).toBeUndefined();
  expect(of.ofHolder("second")).toBe(2);
  expect(of.ofHolder("elsewhere")).toBeUndefined();
});

test("a poll says its period once, in the steps and in the chain", () => {
  const found = find(processManager, "deadlock", "polls");
  expect(outcomes(found, "WaitForSingleObject(EventArray0")[0]).toBe(
    "waits, looks again every second",
  );
  expect(found.chain.at(-1)?.polls).toEqual({ everyUs: 1_000_000 });
  const delays = outcomes(find(nidhogg, "latency"), "KeDelayExecutionThread");
  expect(delays.slice(0, 3)).toEqual(["waits, looks again every 100 ms", "goes on", "waits"]);
});

test("a wait that only has a timeout is no poll", () => {
  const found = find(guarded, "latency");
  const told = found.steps.map((step) => outcomeWords(step)).join();
  expect(told).toContain("waits");
  expect(told).not.toContain("looks again");
});

test("a set that reaches nobody and is taken back says so, at both steps", () => {
  const found = find(processManager, "deadlock", "polls");
  expect(outcomes(found, "KeSetEvent(EventArray0")).toEqual(["nobody waits"]);
  expect(outcomes(found, "KeResetEvent(EventArray0")).toEqual(["takes the signal back"]);
});

test("a set that releases somebody is no lost signal, and its reset takes nothing back", () => {
  const found = find(processManager, "latency", "service: delay");
  expect(outcomes(found, "KeSetEvent(EventArray0")[0]).toMatch(/^releases /);
  expect(outcomes(found, "KeResetEvent(EventArray0")[0]).toBe("");
});

test("a link that waits for a lock knows since which step its holder has it", () => {
  const found = find(lockOrder, "deadlock");
  for (const { wait, enders, follows } of found.chain) {
    const { relation, since, who } = enders[follows ?? -1];
    expect(relation).toBe("holds");
    const step = found.steps[since ?? -1];
    expect(step.operation).toBe(`KeWaitForSingleObject(${wait.objects[0].name}, no timeout)`);
    expect(actorName(who)).toBe(step.thread);
  }
});

test("one call is one step, however many instructions it has", () => {
  const found = find(spawns, "deadlock");
  expect(outcomes(found, "FltSendMessage")).toEqual(["waits", "waits"]);
});

test("who stands at a lock of the chain is told to wait there", () => {
  const found = find(fastMutex, "deadlock", "FAST_MUTEX");
  const asks = found.chain.find(({ wait }) => wait.objects[0]?.kind === "FAST_MUTEX");
  const step = found.steps.findLast(({ opId }) => opId === asks?.opId);
  expect(step?.thread).toBe(asks === undefined ? "" : actorName(asks.who));
  expect(step?.came).toEqual([{ kind: "waits" }]);
});

test("a crash is told at the call that crashes, and a time-out as one, whatever comes right behind", () => {
  const crash = find(spinLock, "crash");
  expect(operations(crash).at(-1)).toBe("KeWaitForSingleObject(Ready, no timeout)");
  expect(outcomes(crash, "KeAcquireSpinLock")).toEqual([""]);
  expect(outcomes(crash, "KeWaitForSingleObject")).toEqual(["crashes"]);
  expect(outcomes(find(stackEvent, "crash"), "KeWaitForSingleObject")).toEqual([
    "waits",
    "times out",
  ]);
});

test("a service that hangs is told by the operation ahead of which it stopped, which it does not wait at", () => {
  const found = find(verdict, "deadlock", "it is hung");
  expect(outcomes(found, "FilterGetMessage")).toEqual(["hangs ahead of it"]);
  const last = found.chain.at(-1);
  expect(last).toMatchObject({
    opId: "Answer/FilterGetMessage(Message, AgentPort)",
    isAhead: true,
  });
  expect(last?.wait.kind).toBe("forever");
  expect(found.needs).toBe("hung service");
});

test("what a process has of its own is told with its name, and whose it is", () => {
  const driver = defineDriver("per-process", (d) => {
    const lock = d.perProcess.fastMutex("Lock");
    d.onProcessCreate("OnCreate", (a) => {
      a.ExAcquireFastMutex(lock);
      a.ExAcquireFastMutex(lock);
    });
  });
  expect(find(driver, "deadlock").chain[0].wait).toEqual({
    kind: "lock",
    mode: "exclusive",
    objects: [{ kind: "FAST_MUTEX", name: "Lock", owner: "per-process", process: "child 1" }],
  });
});

test("a lock that a hung thread keeps is named, with the step that took it, unless the chain says it", () => {
  const driver = defineDriver("keeps", (d) => {
    const lock = d.fastMutex("Lock");
    const never = d.event("Never", "NotificationEvent");
    d.onProcessCreate("OnCreate", (a) => {
      a.ExAcquireFastMutex(lock);
      a.KeWaitForSingleObject(never);
      a.ExReleaseFastMutex(lock);
    });
  });
  const found = find(driver, "deadlock", "callback waits for an event");
  const taken = found.steps.findIndex(({ operation }) => operation.startsWith("ExAcquire"));
  const what = { kind: "FAST_MUTEX", name: "Lock", owner: "keeps" };
  expect(found.keeps).toEqual([{ who: "user1", what, since: taken }]);
  const told = tellFinding(found, { colours: false });
  expect(told).toMatch(
    /user1 keeps FAST_MUTEX Lock \(since step.\d+\): whoever\s+asks for it stops/,
  );
  // Here the chain itself is about the lock.
  expect(find(lockOrder, "deadlock").keeps).toEqual([]);
});

test("threads off the chain that wait for it are named", () => {
  const found = find(reentrant, "deadlock");
  const onChain = found.chain.map(({ who }) => actorName(who));
  expect(found.behind?.length).toBeGreaterThan(0);
  for (const name of found.behind ?? []) expect(onChain).not.toContain(name);
});
