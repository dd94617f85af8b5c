/**
 * As service-verdict, with what a careful author adds: a timeout, and no question about or from the
 * service itself. Better, and still bad: the guard and the timeout turn a deadlock into a delay.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("service-verdict-guarded", (d) => {
  const port = d.port("AgentPort");
  const replyTimeout = d.setting("ReplyTimeout", "3s");

  d.onProcess("OnProcess", (a) => {
    a.when(a.subjectIs("service").or(a.currentIs("service")), () => a.return());
    a.FltSendMessage(port, "reply", { Timeout: replyTimeout });
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
 * Latency: the timeout while the service hangs, two seconds while it is slow (P44), and with it R1.
 * Rules: R2, R4, R5, R6b.
 */
export const expected: Expectation = {
  latency: ["callback: timeout", "service: work"],
  rule: ["R2", "R4", "R5", "R6b"],
};
