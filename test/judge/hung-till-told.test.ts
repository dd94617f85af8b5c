/** A service that hangs, until an arrival that is put later ends it: that time is its own, and named. */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { World } from "../../src/windows/scenario.ts";
import { worldWith } from "../explore/support/worlds.ts";
import { findingsIn } from "./support/findings.ts";

const asks = (timeout: "30s" | "400ms") =>
  defineDriver("asks", (d) => {
    const port = d.port("Port");
    d.onProcessCreate("OnCreate", (a) => a.FltSendMessage(port, "reply", { Timeout: timeout }));
    d.service("Agent", (s) => {
      s.thread("Answer", (t) => {
        const message = t.pointer("Message");
        t.forever(() => {
          t.FilterGetMessage(port, message);
          t.when(t.opaque("NeedsHelper"), () => t.CreateProcess());
          t.FilterReplyMessage(message);
        });
      });
    });
  });

const latenciesIn = (timeout: "30s" | "400ms", part: Partial<World>) =>
  findingsIn(asks(timeout), worldWith(part), "1").filter(({ outcome }) => outcome === "latency");

test.each(["racing", "none"] as const)(
  "removal %s: no time is without its operation",
  (removal) => {
    const found = latenciesIn("30s", { service: { condition: "hung" }, removal });
    // It is one: whoever ends the service just ahead of the timeout makes no other.
    expect(found.map(({ mechanism }) => mechanism)).toEqual(["callback: timeout"]);
    for (const { path = [] } of found) {
      expect(path.filter(({ operation }) => operation === undefined)).toEqual([]);
    }
  },
);

test("what waits for less is not late", () => {
  expect(latenciesIn("400ms", { service: { condition: "hung" }, removal: "racing" })).toEqual([]);
});
