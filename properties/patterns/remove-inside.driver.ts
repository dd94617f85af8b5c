/** The callback removes itself, the first time that it has seen enough. Bad. */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("remove-inside", (d) => {
  d.onProcess("OnProcess", (a) => {
    a.when(a.opaque("HasSeenEnough"), () => {
      a.PsSetCreateProcessNotifyRoutineEx(a.self, "TRUE");
    });
  });
});

/**
 * Deadlock with one event: the removal waits until no call of the callback is running, and it is
 * called from one (CB-U1, CB-U4). Rule: B1.
 */
export const expected: Expectation = {
  deadlock: ["callback waits for rundown (circle)"],
  rule: ["B1"],
};
