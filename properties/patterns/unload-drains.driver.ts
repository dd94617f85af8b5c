/**
 * Work items that nothing keeps the driver loaded for, under rundown protection that the unload
 * waits for. Good: the items need nothing of the unloading thread.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("unload-drains", (d) => {
  const items = d.rundown("ItemsInFlight");

  const onProcess = d.onProcess("OnProcess", (a) => {
    const scan = a.workItem("Scan", (w) => {
      w.ZwReadFile();
      w.ExReleaseRundownProtection(items);
    });
    const mayQueue = a.ExAcquireRundownProtection(items);
    a.when(mayQueue.succeeded(), () => {
      a.ExQueueWorkItem(scan, "DelayedWorkQueue");
    });
  });

  d.driverUnload((a) => {
    a.PsSetCreateProcessNotifyRoutineEx(onProcess, "TRUE");
    a.ExWaitForRundownProtectionRelease(items);
  });
});

/** Clean: the unload takes as long as the pool needs for the items, and no event waits for it. */
export const expected: Expectation = {};
