/** DriverUnload does not remove the callback that DriverEntry registered. Bad. */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("unload-forgets", (d) => {
  const count = d.variable("Count");

  const onProcess = d.onProcess("OnProcess", (a) => {
    a.InterlockedIncrement(count);
  });

  d.driverEntry((a) => {
    a.PsSetCreateProcessNotifyRoutineEx(onProcess, "FALSE");
  });

  d.driverUnload((a) => {
    a.InterlockedExchange(count, 0);
  });
});

/** Rule B2, with a removal: the next event calls into memory that is gone, and so does one in flight. */
export const expected: Expectation = {
  crash: ["the driver is unloaded while its code still runs or is queued"],
  rule: ["B2"],
};
