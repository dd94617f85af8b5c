/** Callbacks of create and of exit take two locks in opposite orders. Bad. */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("lock-order", (d) => {
  const processes = d.mutex("ProcessList");
  const log = d.mutex("Log");

  d.onProcessCreate("OnProcessCreate", (a) => {
    a.KeWaitForSingleObject(processes);
    a.KeWaitForSingleObject(log);
    a.KeReleaseMutex(log);
    a.KeReleaseMutex(processes);
  });

  d.onProcessExit("OnProcessExit", (a) => {
    a.KeWaitForSingleObject(log);
    a.KeWaitForSingleObject(processes);
    a.KeReleaseMutex(processes);
    a.KeReleaseMutex(log);
  });
});

/** Deadlock, with a create beside an exit: each callback holds the mutex that the other wants. */
export const expected: Expectation = {
  deadlock: ["callback waits for a KMUTEX (circle)"],
};
