/** Waits for an event while it holds a spin lock. Bad: a crash, not a hang. */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("spin-lock-over-wait", (d) => {
  const lock = d.spinLock("Lock");
  const ready = d.event("Ready", "NotificationEvent", { signalled: true });

  d.onProcessCreate("OnProcessCreate", (a) => {
    a.KeAcquireSpinLock(lock);
    a.KeWaitForSingleObject(ready);
    a.KeReleaseSpinLock(lock);
  });
});

/** Crash with one create: a wait at DISPATCH_LEVEL (P36, SY-18), even where it would not block. */
export const expected: Expectation = {
  crash: ["a call at too high an IRQL"],
};
