/**
 * A quick callback, in worlds where a parent waits for its child as a shell does. Good: the parent
 * is at rest, however long its child lives, and owes nobody anything.
 */
import { defineDriver, type Expectation, type World } from "loophole-fuzz";

export const driver = defineDriver("parent-waits", (d) => {
  const count = d.variable("Processes");

  d.onProcess("OnProcess", (a) => {
    a.when(a.isCreate(), () => a.InterlockedIncrement(count)).otherwise(() =>
      a.InterlockedDecrement(count),
    );
  });
});

const shells = (number: number, ends: boolean): World => ({
  name: `${number} waiting for ${ends ? "a child" : "a daemon that never ends"}`,
  workload: Array.from({ length: number }, (_, i) => ({
    name: `shell ${i + 1}`,
    does: [ends ? "create and wait" : "create a daemon and wait"],
  })),
  pool: { profile: "tiny", load: "idle" },
  service: { condition: "well" },
  startup: "before",
  removal: "none",
});

export const worlds: World[] = [
  shells(1, true),
  shells(2, true),
  shells(1, false),
  shells(2, false),
];

export const expected: Expectation = {};
