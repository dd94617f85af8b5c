/** The callback asks a service, whose only thread creates a process to answer. Bad. */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("service-spawns", (d) => {
  const port = d.port("AgentPort");

  d.onProcessCreate("OnProcessCreate", (a) => {
    a.FltSendMessage(port, "reply");
  });

  d.service("Agent", (s) => {
    s.thread("Answer", (t) => {
      const message = t.pointer("Message");
      t.forever(() => {
        t.FilterGetMessage(port, message);
        t.CreateProcess();
        t.FilterReplyMessage(message);
      });
    });
  });
});

/**
 * Deadlock with one create (P14). Chain: the callback waits for the reply; the service's thread has
 * the message and stands in the callback of its own creation, which waits for a reply; nobody is left
 * to fetch that message.
 *
 * Rules, where the service ends and its port closes: R2, R4, R5, R6b.
 */
export const expected: Expectation = {
  deadlock: [
    "callback waits for a reply (circle)",
    "callback waits for a reply > service waits for nothing: it is hung",
  ],
  latency: ["service: work"],
  rule: ["R2", "R4", "R5", "R6b"],
};
