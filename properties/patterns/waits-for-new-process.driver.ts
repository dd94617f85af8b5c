/** The create callback waits for the end of the process that is being created. Bad. */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("waits-for-new-process", (d) => {
  d.onProcessCreate("OnProcessCreate", (a) => {
    a.KeWaitForSingleObject(a.process("subject"));
  });
});

/**
 * Deadlock with one create: the new process's thread is readied after the callbacks (CB-Q2). Chain:
 * the callback waits for the process, whose creator is in the callback.
 */
export const expected: Expectation = {
  deadlock: ["callback waits for a process's end (circle)"],
};
