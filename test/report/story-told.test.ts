/** How a story tells what the judge knows: polls, locks, like objects, calls, what would help. */
import { describe, expect, test } from "vitest";
import type { Finding, Link, Step } from "../../src/judge/finding.ts";
import { tellFinding } from "../../src/report/story.ts";
import { helpOf } from "../../src/report/story-help.ts";
import { countRounds } from "../../src/report/story-plain.ts";
import { tellSummary } from "../../src/report/summary.ts";
import { idlePoolRule, slowScan, useAfterReturn } from "./support/findings.ts";
import { exhaustedPool, lostWakeUp, serviceCreatesProcess } from "./support/hangs.ts";
import { partOf } from "./support/steps.ts";

/** Without what wrapping and drawing add. */
const running = (finding: Finding): string =>
  tellFinding(finding, { colours: false, width: 100 }).replace(/[\s│]+/g, " ");

const withLast = (finding: Finding, change: Partial<Link>): Finding => ({
  ...finding,
  chain: finding.chain.map((link, i) =>
    i === finding.chain.length - 1 ? { ...link, ...change } : link,
  ),
});

const aWait: Link = {
  who: { kind: "thread", name: "user1", callback: "OnCreate" },
  operation: "KeWaitForSingleObject(Lock, no timeout)",
  api: "KeWaitForSingleObject",
  opId: "OnCreate/KeWaitForSingleObject#1",
  wait: { kind: "lock", objects: [{ kind: "KMUTEX", name: "Lock", owner: "acme" }] },
  enders: [{ who: { kind: "thread", name: "user2" }, relation: "holds", stands: "waits" }],
  follows: 0,
};

describe("who looks again and again", () => {
  const polls = withLast(lostWakeUp, { polls: { everyUs: 1_000_000 } });

  test("is told with the period, from the first look on", () => {
    expect(running(polls)).toContain(
      "looks again every second at WaitForSingleObject(Changed, timeout 1 s) (tray.cpp:210, since step 9)",
    );
    expect(running(polls)).toContain(
      "which looks again every second, in turn waits for event Changed",
    );
  });

  test("has a last time-out that is not the end of it", () => {
    expect(running(polls)).toContain("times out, and looks again");
    expect(running(lostWakeUp)).not.toContain("looks again");
  });

  test("is told without a period where none is known", () => {
    expect(running(withLast(lostWakeUp, { polls: {} }))).toContain("looks again and again at");
  });

  test("is shown for a few rounds, and the others are counted", () => {
    const [first] = idlePoolRule.steps;
    const round = (kind: "waits" | "goesOn"): Step => ({
      ...first,
      owner: idlePoolRule.driver,
      operation: "KeDelayExecutionThread(100 ms)",
      api: "KeDelayExecutionThread",
      opId: "OnCreate/KeDelayExecutionThread#1",
      came: [{ kind }],
    });
    const steps = Array.from({ length: 20 }, (_, i) => round(i % 2 === 0 ? "waits" : "goesOn"));
    expect(running({ ...idlePoolRule, steps: [...steps, first] })).toContain(
      "… steps 1 to 2 again, 9 times",
    );
  });
});

test("a lock is told with its holder, and since which step it has it", () => {
  const chain = [{ ...aWait, enders: aWait.enders.map((ender) => ({ ...ender, since: 6 })) }];
  const text = running({ ...exhaustedPool, chain, closesAt: undefined, mechanism: "waits" });
  expect(text).toContain("for KMUTEX Lock: user2 owns it, since step 7");
});

test("others who wait for somebody in the circle are named", () => {
  const text = running({ ...exhaustedPool, behind: ["creator 1", "creator 2"] });
  expect(text).toContain("creator 1 and creator 2 also wait for one of these.");
  expect(running({ ...exhaustedPool, behind: ["user3"] })).toContain("user3 also waits");
  expect(running(exhaustedPool)).not.toContain("also wait");
});

test("a service that has ended is not told as one that runs", () => {
  const ended = withLast(lostWakeUp, { wait: { kind: "ended", objects: [] }, enders: [] });
  expect(running(ended)).toContain("▼ and what has ended does not come back.");
  expect(running(ended)).not.toContain("it runs");
});

test("a broken rule in a run that crashes is not told as one in which all goes on", () => {
  const last = idlePoolRule.steps.at(-1);
  if (last === undefined) throw new Error("a step");
  const crashes = { ...last, came: [...last.came, { kind: "crashes" as const }] };
  const crashed = { ...idlePoolRule, steps: [...idlePoolRule.steps.slice(0, -1), crashes] };
  expect(running(crashed)).toContain("This run ends in a crash; besides,");
  expect(running(crashed)).not.toContain("Nothing hangs in this run");
  expect(running(idlePoolRule)).toContain("Nothing hangs in this run");
});

test("what would have kept the code is said by what runs it", () => {
  const gone: Finding = { ...useAfterReturn, crash: "codeIsGone" };
  expect(helpOf({ ...gone, inside: "apc" })).toContain("wait for that rundown in DriverUnload");
  expect(helpOf({ ...gone, inside: "callback" })).toContain("Remove the callback in DriverUnload");
  expect(helpOf({ ...gone, inside: "other" })).toContain("everything that still runs");
});

test("where Windows waits for items ahead of DriverUnload, the help is not to wait elsewhere", () => {
  const item: Link["who"] = { kind: "thread", name: "worker 1", item: "Loop" };
  const { api: _, ...unloads } = aWait;
  const drain: Link = {
    ...unloads,
    who: { kind: "thread", name: "sc stop" },
    operation: "unloads the driver",
    wait: {
      kind: "rundown",
      objects: [{ kind: "rundown", name: "the driver's work items", owner: "acme" }],
    },
    enders: [{ who: item, relation: "holdsProtection", stands: "runs" }],
  };
  const chain = [drain, { ...aWait, who: item }];
  const ofWindows: Finding = { ...exhaustedPool, rules: [], chain, closesAt: 0 };
  expect(helpOf(ofWindows)).toContain("Let no work item wait for what DriverUnload does");
  const own = [{ ...drain, api: "IoReleaseRemoveLockAndWait" }, ...chain.slice(1)];
  expect(helpOf({ ...ofWindows, chain: own })).toContain("Wait for the rundown of");
});

test("what hangs by itself is not told as one that waits", () => {
  const hung = withLast(lostWakeUp, {
    operation: "Compute(20 ms)",
    api: "Compute",
    wait: { kind: "forever", objects: [] },
  });
  expect(running(hung)).toContain("hangs at Compute(20 ms)");
  expect(running(hung)).not.toContain("nothing that would");
});

test("a loop that never ends is told as going round, not as asking for nothing", () => {
  const chain: Link[] = [{ ...aWait, wait: { kind: "nothing", objects: [] }, enders: [] }];
  const text = running({ ...lostWakeUp, outcome: "livelock", chain });
  expect(text).toContain("goes round at KeWaitForSingleObject(Lock, no timeout), for ever");
  expect(text).not.toContain("asking for nothing");
});

test("numbers that tell like objects apart are explained, and stand in the chain as in the steps", () => {
  const numbered = (text: string): string => text.replaceAll("ScanDone", "ScanDone (2)");
  const steps = exhaustedPool.steps.map((s) => ({ ...s, operation: numbered(s.operation) }));
  const text = running({ ...exhaustedPool, steps });
  expect(text).toContain("Numbers in brackets tell objects of the same name apart");
  expect(text).toContain("waits at KeWaitForSingleObject(ScanDone (2), no timeout)");
  expect(running(exhaustedPool)).not.toContain("Numbers in brackets");
});

test("a routine that runs for one of several activations says for which", () => {
  const steps = slowScan.steps.map((s) => (s.routine === "Scan" ? { ...s, call: 2 } : s));
  expect(running({ ...slowScan, steps })).toContain("in Scan (2):");
});

test("ids of facts stay out of stories, and what else stands in brackets does not", () => {
  const text = running({ ...exhaustedPool, assumptions: ["a veto is read last (T16)", "x (why)"] });
  expect(text).toContain("A veto is read last.");
  expect(text).toContain("X (why).");
});

test("what it takes names the family's event", () => {
  const simple: Finding = { ...lostWakeUp, needs: "nothing wrong" };
  expect(running(simple)).toContain("one process creation on an idle, healthy machine");
  const steps = simple.steps.map((s) =>
    s.operation === "creates a process" ? { ...s, opId: "PspExitThread" } : s,
  );
  expect(running({ ...simple, steps })).toContain("one process exit on an idle, healthy machine");
  expect(running({ ...simple, steps: [] })).toContain("one process event on");
  const summary = tellSummary(
    {
      verdict: "findings",
      findings: [{ finding: simple }],
      results: [],
      worlds: [],
      unreached: [],
      spent: 1,
      repeats: 1,
      stopped: false,
    },
    { colours: false, subject: "guard" },
  );
  expect(summary).toContain("one process creation");
});

test("a broken rule's cost is not told as a time of these steps", () => {
  const text = running({ ...idlePoolRule, latencyUs: 2_000 });
  expect(text).toContain("by the model's costs the callback takes 2 ms where nothing else");
});

test("what takes hardly longer than it may is told as a little over that", () => {
  const just: Finding = {
    ...slowScan,
    latencyUs: 10_000_005,
    budget: { of: "request", us: 10_000_000 },
  };
  expect(running(just)).toContain("for a little over 10 s, where one may take 10 s");
  expect(running({ ...just, latencyUs: 11_000_000 })).toContain("waiting for 11 s, where one");
  const asked = running({ ...just, needs: "nothing wrong" });
  expect(asked).toContain("one request of a service on an idle, healthy machine");
});

describe("a latency's parts", () => {
  const wait = "KeWaitForSingleObject(Done, timeout 1 s)";
  const user1 = { kind: "thread", name: "user1" } as const;
  const late = (path: Finding["path"]): Finding => ({ ...slowScan, path, who: user1 });

  test("that are waits to their own end are not told as the thread's own work", () => {
    const part = partOf(`user1 | acme | AcmeCreateProcess | ${wait}`, 1_000_000);
    const text = running(late([{ ...part, waits: true }]));
    expect(text).toContain(`passes while user1 waits at “${wait}”`);
    expect(text).toContain(
      "For 1 s user1 only waits, and nobody ends that before its time is over",
    );
    expect(text).not.toContain("time of user1's own");
  });

  test("that pass before somebody comes along say so, and whom that ends", () => {
    const [first] = slowScan.steps;
    const steps = [
      { ...first, thread: "sc stop", owner: "Windows", operation: "stops the driver" },
      { ...first, thread: "Svc/Answer", owner: "Svc", came: [{ kind: "toldToEnd" as const }] },
    ];
    const part = partOf("sc stop | Windows | NtUnloadDriver | stops the driver", 3_000_000);
    const path = [{ ...part, waits: true }];
    expect(running({ ...late(path), steps })).toContain(
      "passes before sc stop comes to “stops the driver”, which ends Svc. For 3 s user1 does nothing but wait",
    );
  });

  test("that come round and round are counted, and add up", () => {
    const round = [
      partOf("user1 | acme | Notify | KeDelayExecutionThread(100 ms)", 100),
      partOf("user1 | acme | Notify | until X", 1),
    ];
    expect(countRounds([...round, ...round, ...round, round[0]])).toEqual([
      { ...round[0], us: 300, times: 3 },
      { ...round[1], us: 3, times: 3 },
      round[0],
    ]);
    expect(countRounds([...round, ...round])).toHaveLength(4);
    const long = ["maps", "asks", "sleeps", "gives", "goes"].map((does) =>
      partOf(`user1 | acme | Notify | ${does}`, 10),
    );
    const counted = countRounds([...long, ...long, ...long, ...long]);
    expect(counted.map(({ times }) => times)).toEqual([4, 4, 4, 4, 4]);
    expect(counted.reduce((sum, { us }) => sum + us, 0)).toBe(200);
  });
});

describe("what would help", () => {
  test("with a work item is not to wait for it", () => {
    expect(helpOf(exhaustedPool)).toMatch(/^Do not wait for the work item/);
    expect(helpOf(idlePoolRule)).toMatch(/^Do not wait for the work item/);
  });

  test("with a service that needs what it is asked about is to let it pass", () => {
    expect(helpOf(serviceCreatesProcess)).toMatch(/return at once for the service and its desc/);
  });

  test("with a lost signal is not to take it back", () => {
    expect(helpOf(lostWakeUp)).toMatch(/^Let the one who waits for event Changed reset it/);
  });

  test("with locks follows from who holds which", () => {
    const other: Link = {
      ...aWait,
      who: { kind: "thread", name: "user2" },
      wait: { kind: "lock", objects: [{ kind: "KMUTEX", name: "Log", owner: "acme" }] },
    };
    const circle = (chain: readonly Link[]): Finding => ({
      ...exhaustedPool,
      rules: ["R5"],
      mechanism: "callback waits for a KMUTEX (circle)",
      chain,
      closesAt: 0,
    });
    expect(helpOf(circle([aWait, other]))).toBe(
      "Take KMUTEX Lock and KMUTEX Log in one order everywhere.",
    );
    expect(helpOf(circle([aWait]))).toBe(
      "Do not ask for KMUTEX Lock again while the thread holds it.",
    );
    const event: Link = {
      ...other,
      wait: {
        kind: "event",
        objects: [{ kind: "NotificationEvent", name: "Done", owner: "acme" }],
      },
    };
    expect(helpOf(circle([aWait, event]))).toBe("Give back KMUTEX Lock before waiting.");
  });

  test("with a lock that is kept for good is to give it back, and with another's lock is none of it", () => {
    const [ender] = aWait.enders;
    const kept: Link = { ...aWait, enders: [{ ...ender, stands: "pastRelease" }] };
    const plain: Finding = { ...exhaustedPool, rules: ["R5"], chain: [kept], closesAt: undefined };
    expect(helpOf(plain)).toBe("Give back KMUTEX Lock on every way out.");
    expect(running(plain)).toContain("user2 owns it, and is past every release of it");
    const wait: Link["wait"] = {
      kind: "lock",
      objects: [{ kind: "CRITICAL_SECTION", name: "the loader lock", owner: "Windows" }],
    };
    const chain: Link[] = [aWait, { ...aWait, who: { kind: "thread", name: "user2" }, wait }];
    expect(helpOf({ ...plain, chain, closesAt: 0 })).toBe("Give back KMUTEX Lock before waiting.");
  });

  test("with a crash follows from its kind, from who freed what and from what is kept", () => {
    expect(helpOf(useAfterReturn)).toMatch(/^Let what other threads touch outlive the call/);
    const freed: Finding = { ...useAfterReturn, crash: "useAfterFree", inside: "callback" };
    expect(helpOf({ ...freed, freed: { step: 0, unloading: false } })).toMatch(/a reference of/);
    expect(helpOf({ ...freed, freed: { step: 0, unloading: true } })).toMatch(
      /^Remove the callback first/,
    );
    const what = { kind: "FAST_MUTEX", name: "Rules", owner: "acme" };
    const raised: Finding = { ...useAfterReturn, crash: "returnsRaised" };
    expect(helpOf({ ...raised, keeps: [{ who: "sc stop", what }] })).toBe(
      "Give back FAST_MUTEX Rules on every way out.",
    );
    expect(helpOf(raised)).not.toContain("spin lock");
  });

  test("whoever comes next and stands behind a hang is told with the lock and the place", () => {
    const what = { kind: "KMUTEX", name: "Lock", owner: "acme" };
    const stops = [{ routine: "OnExit", role: "callback", at: "acme.c:9", what }] as const;
    expect(running({ ...exhaustedPool, stops })).toContain(
      "OnExit asks for KMUTEX Lock (acme.c:9): each event that comes to that stands behind this.",
    );
  });

  test("is no more than to end the wait where nothing else follows", () => {
    const wait: Link["wait"] = {
      kind: "event",
      objects: [{ kind: "NotificationEvent", name: "Done", owner: "acme" }],
    };
    const chain: Link[] = [{ ...aWait, wait, enders: [] }];
    const plain: Finding = { ...exhaustedPool, rules: [], chain, closesAt: undefined };
    expect(helpOf(plain)).toBe("Let somebody set event Done, or bound the wait.");
    expect(helpOf({ ...plain, chain: [] })).toBeUndefined();
    expect(running({ ...plain, chain: [] })).not.toContain("What would help");
  });
});

test("a crash in a routine with whose name the call begins is still told with that routine", () => {
  const last = useAfterReturn.steps.at(-1);
  if (last === undefined) throw new Error("a step");
  const named = (change: Partial<Step>): string =>
    running({
      ...useAfterReturn,
      steps: [...useAfterReturn.steps.slice(0, -1), { ...last, ...change }],
    });
  const call = { operation: "KeSetEvent(Done)", opId: "Ke/KeSetEvent#1" };
  expect(named({ ...call, routine: "Ke" })).toContain("comes to KeSetEvent(Done) in Ke");
  const entry = { operation: "Ke", opId: "Ke", routine: "Ke" };
  expect(named(entry)).not.toContain("in Ke");
});

test("a crash that is told without times says that its costs were not asked, and one with times does not", () => {
  const said = "whether the model's costs leave room for this order was not asked";
  const untimed = useAfterReturn.steps.map(({ timeUs: _, ...step }) => step);
  expect(running({ ...useAfterReturn, steps: untimed })).toContain(said);
  const timed = untimed.map((step, i) => ({ ...step, timeUs: i }));
  expect(running({ ...useAfterReturn, steps: timed })).not.toContain(said);
  expect(running({ ...exhaustedPool, steps: untimed })).not.toContain(said);
});
