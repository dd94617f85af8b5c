/**
 * Two services, each of which calls into the driver to answer, where its request asks the other
 * service. Bad: whichever is asked first waits for itself.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("two-services", (d) => {
  const scannerPort = d.port("ScannerPort");
  const policyPort = d.port("PolicyPort");

  d.onProcessCreate("OnProcessCreate", (a) => {
    a.FltSendMessage(scannerPort, "reply");
  });

  const askPolicy = d.request("AskPolicy", (r) => {
    r.FltSendMessage(policyPort, "reply");
  });
  const askScanner = d.request("AskScanner", (r) => {
    r.FltSendMessage(scannerPort, "reply");
  });

  d.service("Scanner", (s) => {
    s.thread("Scan", (t) => {
      const message = t.pointer("ScanMessage");
      t.forever(() => {
        t.FilterGetMessage(scannerPort, message);
        t.DeviceIoControl(askPolicy);
        t.FilterReplyMessage(message);
      });
    });
  });
  d.service("Policy", (s) => {
    s.thread("Decide", (t) => {
      const message = t.pointer("PolicyMessage");
      t.forever(() => {
        t.FilterGetMessage(policyPort, message);
        t.DeviceIoControl(askScanner);
        t.FilterReplyMessage(message);
      });
    });
  });
});

/**
 * Deadlock with one create. Chain: the callback waits for the scanner's reply; its thread, in the
 * driver's request, waits for the policy's reply; its thread, in a request, waits for a scanner
 * thread to fetch its message (P20). No number of threads helps. Rules, where a service ends and its
 * port closes: R2, R4, R5, R6b.
 */
export const expected: Expectation = {
  deadlock: [
    "callback waits for a reply > request waits for a reply (circle)",
    "callback waits for a reply > request waits for a reply > service waits for nothing: it is hung",
    "callback waits for a reply > service waits for nothing: it is hung",
  ],
  latency: ["service: work"],
  rule: ["R2", "R4", "R5", "R6b"],
};
