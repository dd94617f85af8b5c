/** What holds of every finding's facts, and that each law sees a fault that is put in. */
import { describe, expect, test } from "vitest";
import { check } from "../../src/campaign/check.ts";
import type { Finding } from "../../src/judge/finding.ts";
import { actorName } from "../../src/report/story-words.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { patterns } from "../explore/support/models.ts";
import { worldWith } from "../explore/support/worlds.ts";

/** The model's default. */
const skewUs = 100;

/** What is wrong with a finding; empty where the laws hold. */
function breachesOf(finding: Finding): string[] {
  const { chain, closesAt, steps, path, latencyUs } = finding;
  const found: string[] = [];
  const hangs = finding.outcome === "deadlock" || finding.outcome === "livelock";
  const isRound = finding.mechanism.startsWith("unbounded recursion");
  if (hangs && !isRound && chain.length === 0) found.push("a hang has no chain");
  chain.forEach(({ enders, follows, who, opId, wait }, i) => {
    for (const { since, who: holder } of enders) {
      if (since === undefined) continue;
      const step = steps[since];
      if (step?.thread !== actorName(holder)) found.push("since is no step of the holder");
      if (step?.came.some((came) => came.kind === "waits" && came.inLine))
        found.push("since is a request");
    }
    const next = chain[i + 1] ?? (closesAt === undefined ? undefined : chain[closesAt]);
    if (next !== undefined && enders[follows ?? -1] === undefined)
      found.push("a link leads nowhere");
    const isCall = who.kind === "thread" && !["ended", "start", "nothing"].includes(wait.kind);
    const known = steps.some((s) => s.opId === opId && s.thread === actorName(who));
    if (hangs && i === 0 && isCall && !known) found.push("the operation that hangs is no step");
  });
  const last = new Map<string, number>();
  let latest = 0;
  for (const { thread, timeUs } of steps) {
    if (timeUs === undefined) continue;
    if (timeUs < (last.get(thread) ?? 0)) found.push("steps of a thread are out of order");
    if (timeUs < latest - skewUs) found.push("steps are out of order of time");
    last.set(thread, timeUs);
    latest = Math.max(latest, timeUs);
  }
  const told = steps.map(({ operation }) => operation).join();
  for (const name of numberedIn(chain))
    if (!told.includes(name)) found.push("what has a number is in no step");
  const sum = (path ?? []).reduce((all, { us }) => all + us, 0);
  if (path !== undefined && sum !== latencyUs) found.push("parts do not add up");
  return found;
}

/** Names with a number that a chain speaks of: things that steps have made or used. */
const numberedIn = (chain: Finding["chain"]): string[] =>
  chain
    .flatMap(({ who, wait, enders }) => [
      ...[who, ...enders.map((one) => one.who)].map(actorName),
      ...wait.objects.map(({ name }) => name),
    ])
    .flatMap((name) => /\w+ \(\d+\)/.exec(name)?.[0] ?? []);

const twice = defineDriver("twice", (d) => {
  const lock = d.fastMutex("Lock");
  const routine = d.systemThread("Thread", (t) => {
    t.ExAcquireFastMutex(lock);
    t.ExAcquireFastMutex(lock);
  });
  d.driverEntry((a) => {
    a.PsCreateSystemThread(routine);
  });
});

const toldBy = defineDriver("checks-in", (d) => {
  const done = d.perProcess.event("CheckedIn", "NotificationEvent");
  d.onProcessCreate("OnCreate", (a) => {
    a.KeWaitForSingleObject(done);
  });
  d.onImage("OnImage", (a) => {
    a.when(a.isImage("ntdll"), () => {
      a.KeSetEvent(done);
    });
  });
});

const sleeps = defineDriver("sleeps", (d) => {
  d.onProcessCreate("OnCreate", (a) => {
    a.KeDelayExecutionThread("1s");
    a.KeDelayExecutionThread("2s");
  });
});

// The second event sets the timer anew, just ahead of its time: its arrival is put that much later.
const resets = defineDriver("resets", (d) => {
  const timer = d.timer("Timer", "NotificationTimer");
  d.onProcessCreate("OnCreate", (a) => {
    a.KeSetTimer(timer, "3s");
    a.KeWaitForSingleObject(timer);
  });
});

// One goes on by itself, and what it does is told ahead of what others do meanwhile.
const scans = defineDriver("scans", (d) => {
  d.onProcessCreate("OnCreate", (a) => {
    a.other("Scan", { cost: "400ms" });
    a.other("Scan", { cost: "400ms" });
  });
});

// Each item outlives the activation that queued it, whose place on the stack goes to another. Two keep
// both workers from the third one's.
const drains = defineDriver("drains", (d) => {
  const lock = d.resource("Table");
  const idle = d.event("Idle", "NotificationEvent");
  const out = d.variable("Out", 0);
  const onProcess = d.onProcessCreate("OnProcess", (a) => {
    const purge = a.workItem("Purge", (w) => {
      w.ExEnterCriticalRegionAndAcquireResourceExclusive(lock);
      w.ExReleaseResourceAndLeaveCriticalRegion(lock);
      w.when(out.equals(3), () => w.KeSetEvent(idle));
    });
    a.InterlockedIncrement(out);
    a.IoQueueWorkItem(purge, "DelayedWorkQueue");
  });
  d.driverUnload((u) => {
    u.ExEnterCriticalRegionAndAcquireResourceExclusive(lock);
    u.PsSetCreateProcessNotifyRoutineEx(onProcess, "TRUE");
    u.when(out.equals(3), () => u.KeWaitForSingleObject(idle));
    u.ExReleaseResourceAndLeaveCriticalRegion(lock);
  });
});

const names = ["lock-order", "recursive-fast-mutex", "remove-inside", "self-wait-exit"];
const timed = ["service-verdict", "fast-mutex-over-wait", "service-spawns"];
const known = patterns.filter(({ name }) => [...names, ...timed].includes(name));
const options = { scope: "small", budget: 6_000, seed: "laws" } as const;
const alone = [...known.map(({ driver }) => driver), twice, toldBy, sleeps];
const creates = (...names: string[]) => names.map((name) => ({ name, does: ["create"] as const }));
const workload = creates("user1", "user2");
const findings = [
  ...alone.map((driver) => check({ drivers: [driver] }, options)),
  ...[resets, scans].map((driver) =>
    check({ drivers: [driver], worlds: [worldWith({ workload })] }, options),
  ),
  check(
    {
      drivers: [drains],
      worlds: [worldWith({ workload: creates("user1", "user2", "user3"), removal: "racing" })],
    },
    options,
  ),
].flatMap((result) => result.findings.map(({ finding }) => finding));

test("the laws hold of every finding", () => {
  expect(findings.length).toBeGreaterThan(10);
  for (const finding of findings) expect(breachesOf(finding), finding.mechanism).toEqual([]);
});

test("an item whose activation is gone has that one's number still", () => {
  const items = findings
    .filter(({ driver }) => driver === "drains")
    .flatMap(({ chain }) => chain.flatMap(({ who }) => (who.kind === "workItem" ? [who] : [])));
  // Both workers have one of those that came first.
  expect(items.map(({ name }) => name)).toEqual(["Purge (3)"]);
});

test("a thread that waits for what it holds itself is a chain of one, and both requests are steps", () => {
  const found = findings.find(
    ({ driver, outcome }) => driver === "twice" && outcome === "deadlock",
  );
  expect(found?.closesAt).toBe(0);
  expect(found?.chain[0].enders[0]).toMatchObject({ relation: "holds", stands: "behindWaiter" });
  expect(found?.steps.filter(({ operation }) => operation.startsWith("ExAcquire"))).toHaveLength(2);
});

test("who would end a wait and has not started is on the chain, with who has to let him", () => {
  const found = findings.find(
    ({ driver, outcome }) => driver === "checks-in" && outcome === "deadlock",
  );
  expect(found?.chain.map(({ wait }) => wait.kind)).toEqual(["event", "start"]);
  expect(found?.chain[0].enders[0].stands).toBe("notStarted");
  expect(found?.closesAt).toBe(0);
});

describe("a fault that is put in is seen", () => {
  const hang = (): Finding => {
    const found = findings.find(
      ({ outcome, chain }) =>
        outcome === "deadlock" && chain.some(({ enders }) => enders[0]?.since !== undefined),
    );
    if (found === undefined) throw new Error("no hang over a lock");
    return found;
  };
  const late = (): Finding => {
    const found = findings.find(({ outcome }) => outcome === "latency");
    if (found === undefined) throw new Error("no latency");
    return found;
  };

  test("a chain that is left out", () => {
    expect(breachesOf({ ...hang(), chain: [] })).toContain("a hang has no chain");
  });

  test("enders that are left out", () => {
    const chain = hang().chain.map((link) => ({ ...link, enders: [] }));
    expect(breachesOf({ ...hang(), chain })).toContain("a link leads nowhere");
  });

  test("a lock that is held since a step of somebody else", () => {
    const chain = hang().chain.map((link) => ({
      ...link,
      enders: link.enders.map((ender) => ({ ...ender, since: 0 })),
    }));
    expect(breachesOf({ ...hang(), chain })).toContain("since is no step of the holder");
  });

  test("steps that are left out, or told backwards", () => {
    expect(breachesOf({ ...hang(), steps: [] })).toContain("the operation that hangs is no step");
    const steps = [...late().steps].reverse();
    expect(breachesOf({ ...late(), steps })).toContain("steps of a thread are out of order");
  });

  test("a step that is told ahead of another thread's of an earlier time", () => {
    const found = findings.find(
      ({ driver, outcome }) => driver === "resets" && outcome === "latency",
    );
    const steps = found?.steps.map((step, i) =>
      i === 0 ? { ...step, thread: "another", timeUs: found.latencyUs } : step,
    );
    expect(breachesOf({ ...late(), steps: steps ?? [] })).toContain(
      "steps are out of order of time",
    );
  });

  test("a part of a latency that is left out", () => {
    const path = late().path?.slice(1);
    expect(breachesOf({ ...late(), path })).toContain("parts do not add up");
  });
});
