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

/** Rule B2, with a removal: the next event calls into memory that is gone. */
export const expected: Expectation = {
  rule: ["B2"],
};
