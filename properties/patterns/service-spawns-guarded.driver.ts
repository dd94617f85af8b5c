/**
 * As service-spawns, but the callback lets the service's own creations pass unasked. Better: the
 * service can answer. Still bad: it is asked, without timeout.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("service-spawns-guarded", (d) => {
  const port = d.port("AgentPort");

  d.onProcessCreate("OnProcessCreate", (a) => {
    a.when(a.currentIs("service"), () => a.return());
    a.FltSendMessage(port, "reply");
  });

  d.service("Agent", (s) => {
    s.thread("Answer", (t) => {
      const message = t.pointer("Message");
      t.forever(() => {
        t.FilterGetMessage(port, message);
        t.CreateProcess();
        t.Compute("10ms");
        t.FilterReplyMessage(message);
      });
    });
  });
});

/**
 * Deadlock only with a service that hangs (P12), none with one that is well: the difference to
 * service-spawns is the guard. Latency: a slow service, and with it R1. Rules: R2, R4, R5, R6b.
 */
export const expected: Expectation = {
  deadlock: ["callback waits for a reply > service waits for nothing: it is hung"],
  latency: ["service: work"],
  rule: ["R2", "R4", "R5", "R6b"],
};
