/**
 * StartSuspended: suspends each new process whose command line names the target, and returns. A
 * person resumes it. Nothing of that is in the callback: that the process does not run is the
 * driver's purpose, and whoever waits for it waits for a process, not for the driver.
 *
 * Source: IcarusResearch/StartSuspended, commit ccda45e5, no licence stated; modelled by reading; no
 * code copied. Read: StartSuspended/Core.cpp:14-81 (load and unload), 83-90 (the callback). Nothing
 * was run.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("start-suspended", (d) => {
  d.origin(
    "https://github.com/IcarusResearch/StartSuspended",
    "ccda45e51762d5b1235fda3bf8fd2310c9af4fba",
    "Modelled by reading; no code copied.",
  );

  const created = d
    .onProcess("cbProcessCreated", (a) => {
      a.when(a.isCreate().and(a.opaque("CommandLineNamesTarget")), () => {
        // A new process has one thread, which has not run yet.
        a.PsSuspendProcess(a.process("subject")).at("Core.cpp:88");
      }).at("Core.cpp:86");
    })
    .at("Core.cpp:83");

  d.driverEntry((a) => {
    a.ZwOpenKey().at("Core.cpp:34");
    a.ZwQueryValueKey().label("size").at("Core.cpp:40");
    const information = a.ExAllocatePool2().at("Core.cpp:46");
    a.when(information.failed(), () => {
      a.ZwClose().label("close-after-failure").at("Core.cpp:49");
      a.return();
    });
    a.ZwQueryValueKey().label("value").at("Core.cpp:52");
    a.ExFreePool().at("Core.cpp:72");
    a.ZwClose().at("Core.cpp:73");
    a.PsSetCreateProcessNotifyRoutineEx(created, "FALSE").at("Core.cpp:74");
  });

  d.driverUnload((a) => {
    a.PsSetCreateProcessNotifyRoutineEx(created, "TRUE").at("Core.cpp:17");
  });
});

/**
 * Clean: the callback waits for nobody. R3 is a rule for callbacks; the registry is read in
 * DriverEntry.
 */
export const expected: Expectation = {};
