/** Waits for several objects, for IRPs and by like names: what the chain says of each. */
import { expect, test } from "vitest";
import { check } from "../../src/campaign/check.ts";
import type { Finding } from "../../src/judge/finding.ts";
import type { DriverModel } from "../../src/language/model.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { World } from "../../src/windows/scenario.ts";
import { worldWith } from "../explore/support/worlds.ts";
import { deadlockIn, storyOf } from "./support/findings.ts";

const hangOf = (driver: DriverModel, where: World): Finding | undefined =>
  deadlockIn(driver, where, "several");

/** A thread sets one event, and the other only under a mutex that the callback holds. */
const verifies = (type: "WaitAll" | "WaitAny", does: "one" | "both" | "neither") =>
  defineDriver("verify", (d) => {
    const state = d.mutex("State");
    const hashed = d.event("Hashed", "NotificationEvent");
    const signed = d.event("Signed", "NotificationEvent");
    const verify = d.systemThread("Verify", (t) => {
      if (type === "WaitAll") t.KeSetEvent(hashed);
      t.KeWaitForMutexObject(state);
      if (does !== "neither") t.KeSetEvent(signed);
      if (does === "both") t.KeSetEvent(hashed);
      t.KeReleaseMutex(state);
    });
    d.driverEntry((a) => a.PsCreateSystemThread(verify));
    d.onProcessCreate("OnCreate", (a) => {
      a.KeWaitForMutexObject(state);
      a.KeWaitForMultipleObjects([hashed, signed], type);
      a.KeReleaseMutex(state);
    });
  });

test("of a wait for all of several, only what is still lacking is told", () => {
  const found = hangOf(verifies("WaitAll", "one"), worldWith({}));
  expect(found?.chain[0].wait.objects.map(({ name }) => name)).toEqual(["Signed"]);
  expect(found?.mechanism).toContain("callback waits for all of several: an event");
  expect(storyOf(found)).toContain("waits for event Signed: Verify would set it");
});

test("of a wait for all of several, what nobody would bring about is the cause", () => {
  const found = hangOf(verifies("WaitAll", "neither"), worldWith({}));
  expect(found?.chain.at(-1)?.wait.objects.map(({ name }) => name)).toEqual(["Signed"]);
  expect(found?.chain).toHaveLength(1);
  expect(storyOf(found)).toContain("waits for event Signed. Nobody is left who would set it");
});

test("of a wait for any of several, who would end it is told with what he would set", () => {
  const one = hangOf(verifies("WaitAny", "one"), worldWith({}));
  expect(one?.chain[0].enders[0].ends).toEqual([1]);
  expect(storyOf(one)).toContain("event Hashed or event Signed: Verify would set event Signed");
  const both = hangOf(verifies("WaitAny", "both"), worldWith({}));
  expect(both?.chain[0].enders.map(({ ends }) => ends)).toEqual([undefined]);
  expect(storyOf(both)).toContain("Verify would set any of them");
});

const inverted = defineDriver("inverted", (d) => {
  const pended = d.csq("Pended");
  const done = d.event("Done", "SynchronizationEvent");
  const next = d.request("GetNext", (r) => r.IoCsqInsertIrp(pended));
  const tell = d.request("Tell", (r) => r.KeSetEvent(done));
  d.onProcessCreate("OnCreate", (a) => {
    const irp = a.pointer("Irp");
    const got = a.IoCsqRemoveNextIrp(pended, irp);
    a.when(got.succeeded(), () => a.IoCompleteRequest(irp));
    a.KeWaitForSingleObject(done);
  });
  d.service("Agent", (s) => {
    s.thread("Loop", (t) => {
      t.forever(() => {
        t.DeviceIoControl(next);
        t.DeviceIoControl(tell);
      });
    });
  });
});

test("who waits for a request that it left with the driver is told to wait for its IRP", () => {
  const found = hangOf(inverted, worldWith({}));
  expect(found?.chain.at(-1)?.wait.kind).toBe("irp");
  expect(storyOf(found)).toMatch(/waits at the end of GetNext \(since step \d+\)/);
  expect(storyOf(found)).toContain("for the completion of its IRP");
  expect(storyOf(found)).not.toContain("reply");
});

const queues = defineDriver("queues", (d) => {
  const done = d.event("Done", "NotificationEvent");
  const item = d.workItem("Scan", (w) => w.KeSetEvent(done));
  d.onProcessCreate("OnCreate", (a) => {
    a.IoQueueWorkItem(item, "DelayedWorkQueue");
    a.KeWaitForSingleObject(done);
  });
});

test("an item of the driver's own is one thing in steps and chain, and has no number", () => {
  const found = hangOf(
    queues,
    worldWith({ workload: [], pool: { profile: "tiny", load: "exhausted" } }),
  );
  expect(storyOf(found)).toContain("work item Scan");
  expect(storyOf(found)).not.toMatch(/Scan \(\d\)/);
});

const drains = (isReleased: boolean) =>
  defineDriver("drains", (d) => {
    const guard = d.rundown("Guard");
    d.onProcessCreate("OnCreate", (a) => {
      a.ExAcquireRundownProtection(guard);
      if (isReleased) a.ExReleaseRundownProtection(guard);
      a.ExWaitForRundownProtectionRelease(guard);
      if (!isReleased) a.ExReleaseRundownProtection(guard);
    });
  });

test("who holds the protection that he waits for the end of is not told to remove a callback", () => {
  const told = storyOf(hangOf(drains(false), worldWith({})));
  expect(told).toContain("Release the protection of Guard before waiting for its rundown.");
  expect(told).not.toContain("DriverUnload");
  // The call is one step, though it is two of the machine's.
  expect(told.match(/● ExWaitForRundownProtectionRelease\(Guard\)/g)).toHaveLength(1);
  expect(hangOf(drains(true), worldWith({}))).toBeUndefined();
});

const shares = (isRecursive: boolean) =>
  defineDriver("shares", (d) => {
    const list = d.pushLock("List");
    d.onProcessCreate("OnCreate", (a) => {
      a.FltAcquirePushLockShared(list);
      if (!isRecursive) a.FltReleasePushLock(list);
      a.FltAcquirePushLockShared(list);
      a.FltReleasePushLock(list);
      if (isRecursive) a.FltReleasePushLock(list);
    });
    d.onProcessExit("OnExit", (a) => {
      a.FltAcquirePushLockExclusive(list);
      a.FltReleasePushLock(list);
    });
  });

test("a lock that is shared once more behind a writer is no matter of order", () => {
  const two = worldWith({
    workload: [
      { name: "user1", does: ["create and exit"] },
      { name: "user2", does: ["create"] },
    ],
  });
  const told = storyOf(hangOf(shares(true), two));
  expect(told).toContain("Do not ask for EX_PUSH_LOCK List again while the thread holds it.");
  expect(told).not.toContain("in one order");
  expect(hangOf(shares(false), two)).toBeUndefined();
});

test("a DPC that queues itself again is why a flush of DPCs never ends", () => {
  const ticks = defineDriver("ticks", (d) => {
    const tick = d.dpc("Tick", (p) => p.KeInsertQueueDpc(p.self));
    const onProcess = d.onProcessCreate("OnCreate", (a) => a.KeInsertQueueDpc(tick));
    d.driverUnload((a) => {
      a.PsSetCreateProcessNotifyRoutineEx(onProcess, "TRUE");
      a.KeFlushQueuedDpcs();
    });
  });
  const found = hangOf(ticks, worldWith({ removal: "racing" }));
  expect(found?.chain.map(({ wait }) => wait.kind)).toEqual(["dpcs", "nothing"]);
  expect(storyOf(found)).toContain("has to finish its DPC");
  expect(storyOf(found)).not.toContain("Nobody is left");
});

test("a dialog that cannot come up is to be left to somebody else, and is no matter of files", () => {
  const asks = (isAwaited: boolean) =>
    defineDriver("asks", (d) => {
      d.onProcessCreate("OnCreate", (a) => {
        if (isAwaited) a.IoRaiseHardError();
        else
          a.IoQueueWorkItem(
            a.workItem("Ask", (w) => w.IoRaiseHardError()),
            "DelayedWorkQueue",
          );
      });
    });
  const found = hangOf(asks(true), worldWith({}));
  expect(found?.mechanism).toBe("callback waits for a completion");
  expect(storyOf(found)).toContain("Leave what can bring up a dialog to a work item");
  expect(storyOf(found)).not.toContain("open files");
  expect(hangOf(asks(false), worldWith({}))).toBeUndefined();
});

test("the end of a service is not told as what the callback's return would bring about", () => {
  const stays = defineDriver("stays", (d) => {
    const never = d.event("News", "NotificationEvent");
    const ask = d.request("Ask", (r) => r.KeWaitForSingleObject(never));
    d.onProcessCreate("OnCreate", (a) => a.KeWaitForSingleObject(a.process("service")));
    d.service("Svc", (s) => s.thread("T", (t) => t.DeviceIoControl(ask)));
  });
  const found = hangOf(stays, worldWith({}));
  expect(found?.chain.map(({ wait }) => wait.kind)).toEqual(["processEnd", "event"]);
  expect(storyOf(found)).not.toContain("before the callback has returned");
  const waitsForNew = defineDriver("new", (d) => {
    d.onProcessCreate("OnCreate", (a) => a.KeWaitForSingleObject(a.process("subject")));
  });
  expect(storyOf(hangOf(waitsForNew, worldWith({})))).toContain("before the callback has returned");
});

test("a callback of a thread that Windows creates for a driver is told by its own event", () => {
  const helps = defineDriver("helps", (d) => {
    const cache = d.fastMutex("Cache");
    const helper = d.systemThread("Helper", (t) => t.DbgPrint());
    d.onProcessCreate("OnCreate", (a) => {
      a.ExAcquireFastMutex(cache);
      a.PsCreateSystemThread(helper);
      a.ExReleaseFastMutex(cache);
    });
    d.onThread("OnThread", (a) => {
      a.ExAcquireFastMutex(cache);
      a.ExReleaseFastMutex(cache);
    });
  });
  const found = hangOf(helps, worldWith({}));
  expect(found?.event).toBe("create");
  expect(storyOf(found)).toContain("one thread creation on an idle, healthy machine");
});

test("who only tries for a lock is one that looks again, wherever in its loop it stands", () => {
  const tries = defineDriver("tries", (d) => {
    const res = d.resource("Res");
    const mx = d.mutex("Mx");
    d.onProcessCreate("OnCreate", (a) => {
      a.KeWaitForMutexObject(mx);
      let got: ReturnType<typeof a.ExAcquireResourceExclusiveLite> | undefined;
      a.poll({ until: () => got?.succeeded() ?? a.isExit(), limit: "forever" }, () => {
        got = a.ExAcquireResourceExclusiveLite(res, { Wait: "FALSE" });
        a.KeDelayExecutionThread("10us");
      });
      a.ExReleaseResourceLite(res);
      a.KeReleaseMutex(mx);
    });
    d.onProcessExit("OnExit", (a) => {
      a.ExAcquireResourceExclusiveLite(res);
      a.KeWaitForMutexObject(mx);
      a.KeReleaseMutex(mx);
      a.ExReleaseResourceLite(res);
    });
  });
  const two = worldWith({
    workload: [
      { name: "user1", does: ["create"] },
      { name: "user2", does: ["create and exit"] },
    ],
  });
  const options = { scope: "small", budget: 40_000, seed: "several" } as const;
  const { findings } = check({ drivers: [tries], worlds: [two] }, options);
  expect(findings.map(({ finding }) => [finding.outcome, finding.chain.length])).toEqual([
    ["livelock", 2],
  ]);
});

test("a user's program that goes on is told to be at its call, and not to wait there", () => {
  const leaves = defineDriver("leaves", (d) => {
    d.onProcessExit("OnExit", (a) => a.KeWaitForSingleObject(a.process("creator")));
  });
  const found = hangOf(
    leaves,
    worldWith({ workload: [{ name: "user1", does: ["create and exit"] }] }),
  );
  expect(storyOf(found)).toContain("user1 is at CreateProcess(), and does not come to what");
  expect(storyOf(found)).not.toContain("waits at CreateProcess()");
});
