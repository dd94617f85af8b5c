/** Who has a message in hand is who the chain goes on with; who would close the port explains less. */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { worldWith } from "../explore/support/worlds.ts";
import { deadlockIn, storyOf } from "./support/findings.ts";

const asks = (isFetched: boolean) =>
  defineDriver("asks", (d) => {
    const port = d.port("Port");
    d.onProcessCreate("OnCreate", (a) => a.FltSendMessage(port, "reply"));
    d.service("Agent", (s) => {
      const config = s.criticalSection("Config");
      const done = s.event("Done", "NotificationEvent");
      if (isFetched) {
        s.thread("Answer", (t) => {
          const message = t.pointer("Message");
          t.forever(() => {
            t.EnterCriticalSection(config);
            t.FilterGetMessage(port, message);
            t.WaitForSingleObject(done);
            t.FilterReplyMessage(message);
            t.LeaveCriticalSection(config);
          });
        });
      }
      // Its way leads to the end of the process, which closes the port.
      s.thread("Aside", (t) => {
        if (!isFetched) {
          t.WaitForSingleObject(done);
          t.FilterGetMessage(port, t.pointer("Message"));
        }
        t.EnterCriticalSection(config);
        t.LeaveCriticalSection(config);
      });
    });
  });

test("who has fetched a message and not replied is told, whoever else would close its port", () => {
  const found = deadlockIn(asks(true), worldWith({}), "hand");
  expect(found?.mechanism).toBe("callback waits for a reply > service waits for an event");
  const [first] = found?.chain ?? [];
  expect(first.enders[first.follows ?? -1]).toMatchObject({ relation: "hasMessage" });
  expect(storyOf(found)).toContain("Agent/Answer has fetched it and not replied");
});

test("where nobody has it, who would fetch it is told", () => {
  const found = deadlockIn(asks(false), worldWith({}), "hand");
  expect(storyOf(found)).toContain("Agent/Aside would have to fetch it");
});
