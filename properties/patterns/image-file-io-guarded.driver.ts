/** The same file I/O, left to another thread where APCs are off. Good. */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("image-file-io-guarded", (d) => {
  d.onImage("OnImage", (a) => {
    const later = a.workItem("Later", (w) => {
      w.ZwReadFile();
    });
    a.when(a.apcsDisabled(), () => a.IoQueueWorkItem(later, "DelayedWorkQueue")).otherwise(() =>
      a.ZwReadFile(),
    );
  });
});

export const expected: Expectation = {};
