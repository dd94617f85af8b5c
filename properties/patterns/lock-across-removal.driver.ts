/** DriverUnload holds, while it removes the callback, a mutex that the callback takes. Bad. */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("lock-across-removal", (d) => {
  const lock = d.mutex("Lock");
  const count = d.variable("Count");

  const onProcess = d.onProcess("OnProcess", (a) => {
    a.KeWaitForSingleObject(lock);
    a.InterlockedIncrement(count);
    a.KeReleaseMutex(lock);
  });

  d.driverUnload((a) => {
    a.KeWaitForSingleObject(lock);
    a.PsSetCreateProcessNotifyRoutineEx(onProcess, "TRUE");
    a.KeReleaseMutex(lock);
  });
});

/**
 * Deadlock, with a removal beside one event. Chain: the callback waits for the mutex, which the
 * unloading thread owns; it waits for the callback to return.
 */
export const expected: Expectation = {
  deadlock: ["DriverUnload waits for rundown > callback waits for a KMUTEX (circle)"],
};
