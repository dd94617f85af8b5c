/** The exit callback waits for the process that exits: the running thread's own. Bad. */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("self-wait-exit", (d) => {
  d.onProcessExit("OnProcessExit", (a) => {
    a.KeWaitForSingleObject(a.process("current"));
  });
});

/**
 * Deadlock with one exit: the process object is signalled once the exit callbacks are done (CB-Q5),
 * and this one waits for that. Chain: the callback waits for the process, which waits for its last
 * thread, which is in the callback.
 */
export const expected: Expectation = {
  deadlock: ["callback waits for a process's end (circle)"],
};
