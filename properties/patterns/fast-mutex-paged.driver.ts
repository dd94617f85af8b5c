/** Paged memory under a FAST_MUTEX, at APC_LEVEL: page faults are legal there (SY-8). Good. */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("fast-mutex-paged", (d) => {
  const lock = d.fastMutex("Lock");
  const count = d.variable("Count");

  d.onProcessCreate("OnProcessCreate", (a) => {
    a.ExAcquireFastMutex(lock);
    const buffer = a.ExAllocatePool2();
    a.when(buffer.succeeded(), () => {
      a.InterlockedIncrement(count);
      a.ExFreePool();
    });
    a.ExReleaseFastMutex(lock);
  });
});

/** Nothing: what is held is short, and what is touched needs no APC. */
export const expected: Expectation = {};
