/** A story says of a call that it came back with failure, and of a message that it is only fetched. */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { worldWith } from "../explore/support/worlds.ts";
import { deadlockIn, findingsIn, storyOf } from "./support/findings.ts";

test("the allocation that fails, the try that gets nothing and the empty list are told as that", () => {
  const driver = defineDriver("fails", (d) => {
    const slots = d.semaphore("Slots", 1, 1);
    const lock = d.fastMutex("Lock");
    const list = d.list("List");
    const record = d.record("REC", (r) => r.variable("Pid"));
    d.onProcessCreate("OnCreate", (a) => {
      const entry = a.pointer("Entry", record);
      a.RemoveHeadList(list, entry);
      a.Flink(list, entry);
      a.ExAcquireFastMutex(lock);
      a.ExTryToAcquireFastMutex(lock);
      a.ExReleaseFastMutex(lock);
      a.ExTryToAcquireFastMutex(lock);
      a.ExReleaseFastMutex(lock);
      a.KeWaitForSingleObject(slots);
      const got = a.ExAllocatePool2();
      a.when(got.failed(), () => a.return());
      a.KeReleaseSemaphore(slots, 1);
    });
    d.onProcessExit("OnExit", (a) => {
      a.KeWaitForSingleObject(slots);
      a.KeReleaseSemaphore(slots, 1);
    });
  });
  const workload = [{ name: "user1", does: ["create and exit" as const] }];
  const found = deadlockIn(driver, worldWith({ workload, startup: "failing" }), "fails");
  const came = (operation: string) =>
    found?.steps
      .filter((step) => step.operation.startsWith(operation))
      .map((step) => step.came.map(({ kind }) => kind).join());
  expect(came("RemoveHeadList")).toEqual(["findsNone"]);
  expect(came("Flink")).toEqual(["findsNone"]);
  expect(came("ExAcquireFastMutex")).toEqual([""]);
  expect(came("ExTryToAcquireFastMutex")).toEqual(["fails", ""]);
  expect(came("ExAllocatePool2")).toEqual(["fails"]);
  expect(storyOf(found)).toContain("ExAllocatePool2() fails");
});

test.each(["no reply", "reply"] as const)("who wants %s waits for just that (SV-8)", (reply) => {
  const driver = defineDriver("sends", (d) => {
    const port = d.port("Port");
    d.onProcessCreate("OnCreate", (a) => {
      a.FltSendMessage(port, reply);
    });
    d.service("Agent", (s) => {
      s.thread("Fetch", (t) => {
        const message = t.pointer("Message");
        t.FilterGetMessage(port, message);
        t.FilterReplyMessage(message);
      });
    });
  });
  const found = deadlockIn(driver, worldWith({ service: { condition: "hung" } }), "sends");
  expect(found?.mechanism).toContain("callback waits for a reply");
  const waits = reply === "reply" ? "the reply to its message" : "the fetching of its message";
  expect(storyOf(found)).toContain(`waits for ${waits}: Agent/Fetch`);
});

test.each(["ExTryToAcquireFastMutex", "ExAcquireFastMutex"] as const)(
  "a loop that sleeps between two calls of %s looks again only if that is a try",
  (call) => {
    const driver = defineDriver("sleeps", (d) => {
      const lock = d.fastMutex("Lock");
      const never = d.event("Never", "NotificationEvent");
      const keeper = d.systemThread("Keeper", (t) => {
        t.forever(() => {
          const got = t[call](lock);
          t.when(got.succeeded(), () => t.ExReleaseFastMutex(lock));
          t.KeDelayExecutionThread("1ms");
        });
      });
      d.driverEntry((a) => {
        a.PsCreateSystemThread(keeper);
      });
      d.onProcessCreate("OnCreate", (a) => {
        a.KeDelayExecutionThread("5ms");
        a.KeWaitForSingleObject(never);
      });
    });
    const told = storyOf(deadlockIn(driver, worldWith({}), "sleeps"));
    const again = "KeDelayExecutionThread(1 ms) waits, looks again every 1 ms";
    expect(told.includes(again)).toBe(call === "ExTryToAcquireFastMutex");
  },
);

test.each(["ZwOpenProcess", "ZwCreateUserProcess"] as const)(
  "%s at an IRQL that is too high is one step, whatever else it could have shown by",
  (call) => {
    const driver = defineDriver("high", (d) => {
      const once = d.variable("Once");
      const lock = d.fastMutex("Lock");
      d.onProcessCreate("OnCreate", (a) => {
        const first = a.InterlockedExchange(once, 1);
        a.when(first.is(1), () => a.return());
        a.ExAcquireFastMutex(lock);
        a[call]();
        a.ExReleaseFastMutex(lock);
      });
    });
    const [found] = findingsIn(driver, worldWith({}), "high");
    const steps = found?.steps.filter(({ operation }) => operation === `${call}()`);
    expect(steps?.map(({ came }) => came.map(({ kind }) => kind))).toEqual([["breaks"]]);
  },
);
