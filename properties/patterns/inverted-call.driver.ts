/**
 * Inverted calls: the service's threads leave requests with the driver; the callback completes one,
 * if there is one, and goes on. Good: the way to tell user mode without asking it.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("inverted-call", (d) => {
  const pended = d.csq("PendedRequests");

  d.onProcess("OnProcess", (a) => {
    const irp = a.pointer("Irp");
    const next = a.IoCsqRemoveNextIrp(pended, irp);
    // With none there the event is lost: that is the price of never waiting.
    a.when(next.succeeded(), () => {
      a.IoCompleteRequest(irp);
    });
  });

  const nextEvent = d.request("NextEvent", (r) => {
    r.IoCsqInsertIrp(pended);
  });

  d.service("Agent", (s) => {
    s.thread("Listen", (t) => {
      t.forever(() => {
        t.DeviceIoControl(nextEvent);
        t.Compute("10ms");
      });
    });
  });
});

/** Clean in every world: a pended call is at rest, and nobody waits for the service. */
export const expected: Expectation = {};
