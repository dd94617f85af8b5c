/**
 * Creates a helper process, the first time, while it holds a FAST_MUTEX that its callback takes: the
 * nested callback runs on the same stack. Bad.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("recursive-fast-mutex", (d) => {
  const lock = d.fastMutex("Lock");

  d.onProcessCreate("OnProcessCreate", (a) => {
    a.ExAcquireFastMutex(lock);
    a.when(a.causedByOwnWork().not(), () => {
      a.ZwCreateUserProcess();
    });
    a.ExReleaseFastMutex(lock);
  });
});

/**
 * Deadlock with one create: the nested callback waits for a mutex that its own thread holds (P22).
 */
export const expected: Expectation = {
  deadlock: ["callback waits for a FAST_MUTEX (circle)"],
  rule: ["B9"],
};
