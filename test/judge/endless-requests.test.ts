/** A request that waits in kernel mode for what nobody would ever bring about never comes back. */
import { expect, test } from "vitest";
import type { Finding } from "../../src/judge/finding.ts";
import type { DriverModel } from "../../src/language/model.ts";
import { helpOf } from "../../src/report/story-help.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { worldWith } from "../explore/support/worlds.ts";
import { findingsIn, storyOf } from "./support/findings.ts";

const hangs = (driver: DriverModel): Finding[] =>
  findingsIn(driver, worldWith({}), "requests").filter(
    ({ property }) => property === "deadlock-freedom",
  );

type Setter = "nobody" | "callback" | "service" | "handed over";
interface Wait {
  readonly WaitMode?: "UserMode";
  readonly Timeout?: "5s";
}

/** A service asks the driver, whose request waits for an event. */
const asks = (setter: Setter, wait: Wait = {}, isAsked = false): DriverModel =>
  defineDriver("acme", (d) => {
    const ready = d.event("Ready", "NotificationEvent");
    const port = d.port("Port");
    const ask = d.request("Ask", (r) => {
      if (setter === "handed over") {
        const scan = r.workItem("Scan", (w) => {
          w.KeSetEvent(w.context("Done", "NotificationEvent"));
        });
        r.IoQueueWorkItem(scan, "DelayedWorkQueue", { Context: ready });
      }
      r.KeWaitForSingleObject(ready, wait);
    });
    d.onProcessCreate("OnCreate", (a) => {
      if (isAsked) a.FltSendMessage(port, "reply");
      if (setter === "callback") a.KeSetEvent(ready);
    });
    d.service("Agent", (s) => {
      s.thread("Asker", (t) => {
        t.DeviceIoControl(ask);
        const message = t.pointer("Message");
        if (isAsked) {
          t.FilterGetMessage(port, message);
          t.FilterReplyMessage(message);
        }
      });
      if (setter === "service") s.thread("Setter", (t) => t.SetEvent(ready));
    });
  });

test("it hangs who makes it, for good, and is told as that", () => {
  const [found, ...others] = hangs(asks("nobody"));
  expect(others).toEqual([]);
  expect(found.request).toBe("Ask");
  expect(found.chain.map(({ wait, enders }) => [wait.kind, enders])).toEqual([["event", []]]);
  expect(storyOf(found)).toContain("DEADLOCK: request Ask of acme can hang who makes it, for good");
  expect(storyOf(found)).toContain("so that the process cannot be ended, either");
  expect(helpOf(found)).toContain("Let somebody set event Ready, or bound the wait");
});

test("an inverted call, which somebody may end, is at rest, whether he ever comes or not", () => {
  expect(hangs(asks("callback"))).toEqual([]);
  expect(hangs(asks("service"))).toEqual([]);
  expect(hangs(asks("handed over"))).toEqual([]);
});

test("a wait that ends with its process, or by its time, keeps nobody", () => {
  expect(hangs(asks("nobody", { WaitMode: "UserMode" }))).toEqual([]);
  expect(hangs(asks("nobody", { Timeout: "5s" }))).toEqual([]);
});

test("where a callback waits for who made the request, that is told, and only that", () => {
  const found = hangs(asks("nobody", {}, true));
  expect(found.map(({ callback, request }) => [callback, request])).toEqual([
    ["OnCreate", undefined],
  ]);
  expect(found[0].chain.map(({ wait }) => wait.kind)).toEqual(["reply", "event"]);
});

test("an item that never ends is told beside it", () => {
  const both = defineDriver("acme", (d) => {
    const never = d.event("Never", "NotificationEvent");
    const ask = d.request("Ask", (r) => r.KeWaitForSingleObject(never));
    const scan = d.workItem("Scan", (w) => w.KeWaitForSingleObject(never));
    d.onProcessCreate("OnCreate", (a) => a.IoQueueWorkItem(scan, "DelayedWorkQueue"));
    d.service("Agent", (s) => s.thread("Asker", (t) => t.DeviceIoControl(ask)));
  });
  const found = findingsIn(both, worldWith({}), "requests");
  expect(found.map(({ outcome, identity }) => `${outcome} ${identity}`).sort()).toEqual([
    "deadlock Ask/KeWaitForSingleObject(Never)",
    "rule Scan/KeWaitForSingleObject(Never)",
  ]);
});
