/** Reads a file while it holds a FAST_MUTEX. Bad: at APC_LEVEL the read's completion cannot come. */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("fast-mutex-over-io", (d) => {
  const lock = d.fastMutex("Lock");

  d.onProcessCreate("OnProcessCreate", (a) => {
    a.ExAcquireFastMutex(lock);
    a.ZwReadFile();
    a.ExReleaseFastMutex(lock);
  });
});

/**
 * Deadlock with one create: the callback waits for a completion that is a special kernel APC, which
 * its own IRQL holds off (P23, APC-4). Every later create waits for the mutex.
 */
export const expected: Expectation = {
  deadlock: ["callback waits for a completion"],
  rule: ["B11", "B9"],
};
