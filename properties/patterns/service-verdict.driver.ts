/** The callback asks a service, on create and on exit, and waits for its reply. Bad. */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("service-verdict", (d) => {
  const port = d.port("AgentPort");

  d.onProcess("OnProcess", (a) => {
    a.FltSendMessage(port, "reply");
  });

  d.service("Agent", (s) => {
    s.thread("Answer", (t) => {
      const message = t.pointer("Message");
      t.forever(() => {
        t.FilterGetMessage(port, message);
        t.Compute("10ms");
        t.FilterReplyMessage(message);
      });
    });
  });
});

/**
 * Deadlocks. A service that hangs: the callback waits for the reply of a thread that never comes
 * back (P12). The service's own exit: exit callbacks run before the port closes, so the last thread
 * of the service waits for a reply that only the service could send.
 *
 * Latency: a slow service, and with it R1. Rules: R2, R4, R5, R6b.
 */
export const expected: Expectation = {
  deadlock: [
    "callback waits for a reply (circle)",
    "callback waits for a reply > service waits for nothing: it is hung",
  ],
  latency: ["service: work"],
  rule: ["R2", "R4", "R5", "R6b"],
};
