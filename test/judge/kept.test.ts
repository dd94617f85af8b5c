/** Who took what another waits for and kept it, or took the signal: told by the step that did. */
import { expect, test } from "vitest";
import { type Done, pastOf } from "../../src/explore/signals.ts";
import type { Instances } from "../../src/judge/instances.ts";
import { Tag } from "../../src/machine/layout.ts";
import type { Machine } from "../../src/machine/machine.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { users, worldWith } from "../explore/support/worlds.ts";
import { deadlockIn, findingsIn, storyOf } from "./support/findings.ts";

const protects = (isReleased: boolean) =>
  defineDriver("protects", (d) => {
    const uses = d.rundown("Uses");
    const onCreate = d.onProcessCreate("OnCreate", (a) => {
      const taken = a.ExAcquireRundownProtection(uses);
      a.when(taken.failed(), () => a.return());
      if (!isReleased) a.when(a.opaque("Odd"), () => a.return());
      a.ExReleaseRundownProtection(uses);
    });
    d.driverUnload((a) => {
      a.ExWaitForRundownProtectionRelease(uses);
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
    });
  });

test("who took protection and kept it is named with the step, and told to release it", () => {
  const found = deadlockIn(protects(false), worldWith({ removal: "racing" }), "kept");
  const [{ past }] = found?.chain ?? [{}];
  if (past?.kind !== "taken") throw new Error("nobody took it");
  const { api, thread } = found?.steps[past.step] ?? {};
  expect([api, thread]).toEqual(["ExAcquireRundownProtection", past.by]);
  expect(storyOf(found)).toContain("took protection at step");
  expect(storyOf(found)).toContain("Release the protection of Uses on every way out.");
  expect(deadlockIn(protects(true), worldWith({ removal: "racing" }), "kept")).toBeUndefined();
});

/** Two users wait for one tick, which releases one of them. */
const ticks = (type: "SynchronizationTimer" | "NotificationTimer") =>
  defineDriver("ticks", (d) => {
    const tick = d.timer("Tick", type);
    d.onProcessCreate("OnCreate", (a) => {
      a.KeSetTimer(tick, "100ms");
      a.KeWaitForSingleObject(tick);
    });
  });

test("who was given a signal took it when his wait ended, not when it began", () => {
  const world = worldWith({ workload: users(2, "create") });
  const told = storyOf(deadlockIn(ticks("SynchronizationTimer"), world, "kept"));
  expect(told).toMatch(/the signal went to user\d, who waited since step \d+/u);
  expect(deadlockIn(ticks("NotificationTimer"), world, "kept")).toBeUndefined();
});

/** What became of the signal of one synchronization event, by what was done to it, a step each. */
function pastAfter(...acts: readonly Done["act"][]): ReturnType<typeof pastOf> {
  const address = 1;
  const m = { words: [0, Tag.synchronizationEvent] } as unknown as Machine;
  const instances = { object: () => undefined } as unknown as Instances;
  const steps = acts.map((act, order) => ({
    thread: 0,
    frame: 0,
    step: { thread: "user1", opId: act, came: [], depth: 0 },
    done: [{ act, at: address, holder: "", order }],
  }));
  return pastOf(m, instances, steps, {
    address,
    waiter: "user2",
    opId: "waits",
    endsIt: () => false,
  });
}

test("a signal was set where it came up, not where the event was set already", () => {
  expect(pastAfter("sets", "sets", "takes")).toMatchObject({ kind: "taken", set: 0, step: 2 });
  expect(pastAfter("sets", "takes", "sets", "takes")).toMatchObject({ set: 2, step: 3 });
  expect(pastAfter("sets", "sets", "clears")).toMatchObject({ kind: "cleared", set: 0, step: 2 });
  expect(pastAfter("sets", "clears", "sets", "clears")).toMatchObject({ set: 2, step: 3 });
});

const tells = (reply: "reply" | "no reply") =>
  defineDriver("tells", (d) => {
    const port = d.port("Port");
    d.onProcessCreate("OnCreate", (a) => a.FltSendMessage(port, reply, { Timeout: "100ms" }));
    d.service("Agent", (s) => {
      s.thread("Answer", (t) => {
        const message = t.pointer("Message");
        t.forever(() => {
          t.FilterGetMessage(port, message);
          if (reply === "reply") t.FilterReplyMessage(message);
        });
      });
    });
  });

test("R2: a message that wants no reply asks for no verdict, and blocks on the service all the same", () => {
  const rules = (reply: "reply" | "no reply") =>
    findingsIn(tells(reply), worldWith({}), "kept").flatMap((found) => found.rules);
  expect(rules("reply")).toEqual(["R2", "R4", "R5", "R6b"]);
  expect(rules("no reply")).toEqual(["R4", "R5", "R6b"]);
});

/** A callback keeps a resource while it waits. */
const waitsWith = (mode: "converted" | "exclusive") =>
  defineDriver("waits-with", (d) => {
    const cache = d.resource("Cache");
    const never = d.event("Never", "NotificationEvent");
    d.onProcessCreate("OnCreate", (a) => {
      a.ExEnterCriticalRegionAndAcquireResourceExclusive(cache);
      if (mode === "converted") a.ExConvertExclusiveToSharedLite(cache);
      a.KeWaitForSingleObject(never);
      a.ExReleaseResourceAndLeaveCriticalRegion(cache);
    });
    d.onProcessExit("OnExit", (a) => {
      a.ExEnterCriticalRegionAndAcquireResourceShared(cache);
      a.ExReleaseResourceAndLeaveCriticalRegion(cache);
    });
  });

test("behind what is shared stops only who wants it alone (SY-11)", () => {
  const told = (mode: "converted" | "exclusive"): string =>
    storyOf(deadlockIn(waitsWith(mode), worldWith({}), "kept"));
  const all = "whoever asks for it stops there, too.";
  const alone = "whoever asks for it exclusively stops there, too.";
  expect(told("converted")).toContain(alone);
  expect(told("exclusive")).toContain(all);
});
