/** Whose the harm is, and what is broken, where nobody answers and nobody is left behind a wait. */
import { expect, test } from "vitest";
import { driver as unloadForgets } from "../../properties/patterns/unload-forgets.driver.ts";
import type { DriverModel } from "../../src/language/model.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { users, worldWith } from "../explore/support/worlds.ts";
import { deadlockIn, findingsIn, storyOf } from "./support/findings.ts";

const rulesIn = (driver: DriverModel): readonly string[] =>
  findingsIn(driver, worldWith({}), "rules").flatMap(({ outcome, rules }) =>
    outcome === "rule" ? rules : [],
  );

test("who asks a service breaks R2 and R4, even if no answer ever comes (R2, R4)", () => {
  const asks = defineDriver("asks", (d) => {
    const port = d.port("Port");
    const never = d.event("Never", "NotificationEvent");
    d.onProcessCreate("OnCreate", (a) => {
      a.FltSendMessage(port, "reply", { Timeout: "400ms" });
    });
    d.service("Agent", (s) => {
      s.thread("Answer", (t) => {
        const message = t.pointer("Message");
        t.FilterGetMessage(port, message);
        t.WaitForSingleObject(never);
        t.FilterReplyMessage(message);
      });
    });
  });
  expect(rulesIn(asks)).toEqual(["R2", "R4", "R5", "R6b"]);
});

test("who waits for an event that times out has asked no service (R5)", () => {
  const waits = defineDriver("waits", (d) => {
    const never = d.event("Never", "NotificationEvent");
    d.onProcessCreate("OnCreate", (a) => {
      a.KeWaitForSingleObject(never, { Timeout: "400ms" });
    });
  });
  expect(rulesIn(waits)).toEqual(["R5", "R6b"]);
});

/** A callback waits for what its work item does, with a mutex: which the wait takes, or it has already. */
const waitsForBoth = (how: "at once" | "in turn"): DriverModel =>
  defineDriver("both", (d) => {
    const table = d.mutex("Table");
    d.onProcessCreate("OnCreate", (a) => {
      const ready = a.event("Ready", "NotificationEvent");
      const publish = a.workItem("Publish", (w) => {
        w.KeSetEvent(ready);
      });
      a.IoQueueWorkItem(publish, "DelayedWorkQueue");
      if (how === "in turn") a.KeWaitForMutexObject(table);
      a.KeWaitForMultipleObjects([table, ready], "WaitAll");
      a.KeReleaseMutex(table);
      if (how === "in turn") a.KeReleaseMutex(table);
    });
  });

test("a mutex that a wait for all takes as it ends is none that it was made with (B5, SY-19)", () => {
  expect(rulesIn(waitsForBoth("at once"))).toEqual(["R5", "R6b", "R7"]);
  expect(rulesIn(waitsForBoth("in turn"))).toEqual(["B5", "R5", "R6b", "R7"]);
});

test("a callback that is left behind is told of the driver that leaves it (B2)", () => {
  const found = findingsIn(unloadForgets, worldWith({ removal: "racing" }), "left");
  const told = storyOf(found.find(({ outcome }) => outcome === "rule"));
  expect(told).toContain("RULE: driver unload-forgets breaks B2");
  expect(told).toContain("● unload-forgets, your driver");
});

const cancels = defineDriver("cancels", (d) => {
  const ready = d.event("Ready", "NotificationEvent");
  const timer = d.timer("Grace", "NotificationTimer");
  const dpc = d.dpc("OnGrace", (p) => {
    p.KeSetEvent(ready);
  });
  d.onProcessCreate("OnCreate", (a) => {
    a.KeResetEvent(ready);
    a.KeSetTimer(timer, "400ms", { Dpc: dpc });
    a.KeWaitForSingleObject(ready);
  });
  d.onProcessExit("OnExit", (a) => {
    a.KeCancelTimer(timer);
  });
});

test("only who is never let go in a run is said to wait to its end", () => {
  const workload = [...users(1, "create"), { name: "user2", does: ["create and exit" as const] }];
  const found = deadlockIn(cancels, worldWith({ workload }), "cancels");
  const waits = found?.steps.filter(({ came }) => came.some(({ kind }) => kind === "waits")) ?? [];
  expect(waits.map(({ thread }) => thread)).toEqual(["user2", "user1"]);
  expect(storyOf(found).match(/waits to the end of the run/g)).toHaveLength(1);
});

test("who hangs ahead of a release still holds what it took, and since when is told", () => {
  const driver = defineDriver("hangs", (d) => {
    const port = d.port("Port");
    d.onProcessCreate("OnCreate", (a) => {
      a.FltSendMessage(port, "reply");
    });
    d.service("Agent", (s) => {
      const section = s.criticalSection("Section");
      s.thread("Other", (t) => {
        t.forever(() => {
          t.EnterCriticalSection(section);
          t.LeaveCriticalSection(section);
          t.Sleep("10ms");
        });
      });
      s.thread("Answer", (t) => {
        const message = t.pointer("Message");
        t.FilterGetMessage(port, message);
        t.EnterCriticalSection(section);
        t.FilterReplyMessage(message);
      });
    });
  });
  const found = findingsIn(driver, worldWith({ service: { condition: "hung" } }), "holds");
  const holders = found
    .flatMap(({ chain }) => chain.flatMap(({ enders }) => enders))
    .filter(({ relation }) => relation === "holds");
  expect(holders.length).toBeGreaterThan(0);
  for (const { since } of holders) expect(since).toBeDefined();
});

test("behind steps that another thread takes likewise, it is said whose the next one is", () => {
  const slots = defineDriver("slots", (d) => {
    const free = d.semaphore("Free", 2, 2);
    const seen = d.variable("Seen");
    d.onProcessCreate("OnCreate", (a) => {
      a.KeWaitForSingleObject(free);
      for (let i = 0; i < 3; i++) a.InterlockedIncrement(seen);
      a.KeDelayExecutionThread("10ms");
      a.KeWaitForSingleObject(free);
      a.KeReleaseSemaphore(free, 2);
    });
  });
  const found = deadlockIn(slots, worldWith({ workload: users(2, "create") }), "slots");
  const told = storyOf(found);
  const again = told.match(/again, in (user\d) (user\d) in OnCreate: \d+/);
  expect(again?.[2]).toBeDefined();
  expect(again?.[2]).not.toBe(again?.[1]);
});

const keepsMutex = (release: boolean): DriverModel =>
  defineDriver("keeps", (d) => {
    const lock = d.mutex("Lock");
    d.onProcessCreate("OnCreate", (a) => {
      a.KeWaitForMutexObject(lock);
      if (release) a.KeReleaseMutex(lock);
    });
  });

test("a mutex that comes back to user mode is told once, of the driver that took it (SY-5)", () => {
  const workload = [{ name: "user1", does: ["create" as const, "create and wait" as const] }];
  const crashes = (release: boolean) =>
    findingsIn(keepsMutex(release), worldWith({ workload }), "keeps").filter(
      ({ outcome }) => outcome === "crash",
    );
  const found = crashes(false);
  expect(found).toMatchObject([
    { driver: "keeps", callback: "OnCreate", identity: "OnCreate/KeWaitForMutexObject(Lock)" },
  ]);
  const told = storyOf(found[0]);
  expect(told).toMatch(/still owns KMUTEX Lock, since step \d+, on its way back to user mode/);
  expect(told).toContain("● keeps, your driver");
  expect(crashes(true)).toEqual([]);
});

test("of a launch, what passed before its process ran is told of who created it", () => {
  const driver = defineDriver("launch", (d) => {
    d.onProcessCreate("OnCreate", (a) => a.KeDelayExecutionThread("9s"));
    d.onImage("OnImage", (a) => a.KeDelayExecutionThread("1s"));
  });
  const found = findingsIn(driver, worldWith({}), "launch");
  const launch = found.find(({ budget }) => budget?.of === "operation");
  const parts = launch?.path?.filter(({ us }) => us > 900_000) ?? [];
  expect(
    parts.map(({ who, operation, us }) => [who.name, operation, Math.round(us / 1_000)]),
  ).toEqual([
    ["user1", "KeDelayExecutionThread(9 s)", 9_000],
    ["child 1", "KeDelayExecutionThread(1 s)", 1_000],
    ["child 1", "KeDelayExecutionThread(1 s)", 1_000],
  ]);
  expect(launch?.identity).toBe("OnCreate/KeDelayExecutionThread + OnImage/KeDelayExecutionThread");
});

const ofItself = (found: ReturnType<typeof deadlockIn>) => [
  found?.chain.length,
  found?.closesAt,
  found?.chain[0]?.enders[found.chain[0].follows ?? -1]?.stands,
];

test("who waits for the end of its own process waits for itself, whoever else would have to leave", () => {
  const driver = defineDriver("waits", (d) => {
    d.onThreadExit("OnExit", (a) => {
      a.KeWaitForSingleObject(a.process("current"));
    });
  });
  const world = worldWith({ workload: users(1, "create a thread") });
  expect(ofItself(deadlockIn(driver, world, "leave"))).toEqual([1, 0, "behindWaiter"]);
});

/** A process waits in its last thread's exit for that of another, which stays. */
test("who waits for the end of another process waits for whoever would have to leave that", () => {
  const driver = defineDriver("waits", (d) => {
    d.onProcessExit("OnExit", (a) => {
      a.KeWaitForSingleObject(a.process("service"));
    });
    d.service("Agent", (s) => {
      const stop = s.event("Stop", "NotificationEvent");
      s.thread("Main", (t) => t.WaitForSingleObject(stop));
    });
  });
  const world = worldWith({ workload: users(1, "create and exit") });
  const found = deadlockIn(driver, world, "leave");
  expect(found?.chain.map(({ who }) => who.name)).toEqual(["child 1", "Agent/Main"]);
});

test("of a service that is ended while a thread of it asks it, that thread is told, not who has left", () => {
  const driver = defineDriver("asks", (d) => {
    const port = d.port("Port");
    d.onProcessExit("OnExit", (a) => {
      a.FltSendMessage(port, "reply");
    });
    d.service("Agent", (s) => {
      s.thread("Answer", (t) => {
        const message = t.pointer("Message");
        t.forever(() => {
          t.FilterGetMessage(port, message);
          t.FilterReplyMessage(message);
        });
      });
    });
  });
  const service = { condition: "target", threads: 2 } as const;
  const found = deadlockIn(driver, worldWith({ workload: [], service }), "target");
  expect(ofItself(found)).toEqual([1, 0, "behindWaiter"]);
  expect(storyOf(found)).toContain("itself would have to go on: it waits for itself, and for ever");
});

test.each([
  ["one another", true, "Bound the wait, and let the services not wait for one another."],
  ["nobody", false, "Decide without the service, or bound the wait."],
])("where services wait for %s, the help opens what is closed", (_, isCircle, help) => {
  const driver = defineDriver("asks", (d) => {
    const first = d.port("First");
    const second = d.port("Second");
    d.onProcessCreate("OnCreate", (a) => {
      a.FltSendMessage(first, "reply");
    });
    d.service("One", (s) => {
      s.thread("AnswersFirst", (t) => {
        const message = t.pointer("Message");
        t.FilterGetMessage(first, message);
        t.NtRequestWaitReplyPort(second);
        t.FilterReplyMessage(message);
      });
    });
    d.service("Other", (s) => {
      s.thread("AnswersSecond", (t) => {
        const asked = t.pointer("Asked");
        t.FilterGetMessage(second, asked);
        if (isCircle) t.NtRequestWaitReplyPort(first);
        t.FilterReplyMessage(asked);
      });
    });
  });
  const service = { condition: isCircle ? "well" : "hung" } as const;
  const found = deadlockIn(
    driver,
    worldWith({ workload: users(1, "create"), service }),
    "services",
  );
  expect(storyOf(found)).toContain(help);
});

test.each([
  ["disconnected", ["disconnected"]],
  ["succeeded", ["waits"]],
] as const)("of a message that has %s, the step says what came of it", (result, came) => {
  const asks = defineDriver("asks", (d) => {
    const port = d.port("Port");
    const never = d.event("Never", "NotificationEvent");
    d.driverEntry((a) => {
      if (result === "disconnected") a.FltCloseClientPort(port);
    });
    d.onProcessCreate("OnCreate", (a) => {
      const sent = a.FltSendMessage(port, "reply");
      const isSo = result === "succeeded" ? sent.succeeded() : sent.is(result);
      a.when(isSo, () => a.KeWaitForSingleObject(never));
    });
    d.service("Agent", (s) => {
      s.thread("Main", (t) => {
        const message = t.pointer("Message");
        t.FilterGetMessage(port, message);
        t.FilterReplyMessage(message);
      });
    });
  });
  const found = deadlockIn(asks, worldWith({}), "sent");
  const sent = found?.steps.find(({ operation }) => operation.startsWith("FltSendMessage"));
  expect(sent?.came.map(({ kind }) => kind)).toEqual(came);
});
