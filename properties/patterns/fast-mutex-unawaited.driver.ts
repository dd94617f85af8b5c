/** One FAST_MUTEX, shared with a work item that nobody waits for. Good. */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("fast-mutex-unawaited", (d) => {
  const lock = d.fastMutex("Lock");
  const count = d.variable("Count");

  d.onProcess("OnProcess", (a) => {
    const note = a.workItem("Note", (w) => {
      w.ZwWriteFile();
      w.ExAcquireFastMutex(lock);
      w.InterlockedDecrement(count);
      w.ExReleaseFastMutex(lock);
    });
    a.ExAcquireFastMutex(lock);
    a.InterlockedIncrement(count);
    a.ExReleaseFastMutex(lock);
    a.IoQueueWorkItem(note, "DelayedWorkQueue");
  });
});

/** Clean: the callback waits only for the mutex, which is held over no wait. */
export const expected: Expectation = {};
