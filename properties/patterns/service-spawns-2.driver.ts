/**
 * As service-spawns, with two threads in the service. Bad: a thread more is one level more.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("service-spawns-2", (d) => {
  const port = d.port("AgentPort");

  d.onProcessCreate("OnProcessCreate", (a) => {
    a.FltSendMessage(port, "reply");
  });

  d.service("Agent", (s) => {
    s.thread(
      "Answer",
      (t) => {
        const message = t.pointer("Message");
        t.forever(() => {
          t.FilterGetMessage(port, message);
          t.CreateProcess();
          t.FilterReplyMessage(message);
        });
      },
      { count: 2 },
    );
  });
});

/**
 * Each nested creation needs another thread: the user's create takes the first, the first one's create
 * takes the second, the second one's finds none. Deadlock with one create (P14, P18). It is
 * the same with any number of threads: the chain of creations ends with them.
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
