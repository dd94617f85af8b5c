/**
 * Nidhogg: when a process exits, its callback links the modules that the driver had hidden back
 * into the process's module list.
 *
 * Source: Idov31/Nidhogg, commit 6cdca042, GPL-3; modelled by reading; no code copied. Read:
 * Nidhogg/ProcessHandler.cpp:67-74 (callback), MemoryHandler.cpp:632-684 and 698-796 (restoring),
 * ListHelper.hpp:91-137 (list under a push lock), MemoryHelper.h:47 (the constant named ONE_SECOND
 * is 100 ms), Nidhogg.cpp:161-175 (unload). Nothing was run.
 *
 * The model has one hidden module, whose restoring works. For the other case see
 * nidhogg-stale-module.driver.ts.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("nidhogg", (d) => {
  d.origin(
    "https://github.com/Idov31/Nidhogg",
    "6cdca0424bf169f4cf0a15ce1baf3fab40e95c13",
    "Modelled by reading; no code copied.",
  );
  const listLock = d.pushLock("HiddenModulesLock");

  const callback = d
    .onProcess("OnProcessCreationExit", (a) => {
      a.when(a.isCreate().or(a.subjectIs("system")), () => a.return()).at("ProcessHandler.cpp:71");
      a.ExAcquirePushLockExclusive(listLock).at("ListHelper.hpp:97");
      a.ExReleasePushLockExclusive(listLock).at("ListHelper.hpp:110");
      a.when(a.opaque("HasHiddenModule"), () => {
        a.PsLookupProcessByProcessId().at("MemoryHandler.cpp:664");
        a.KeStackAttachProcess().at("MemoryHandler.cpp:730");
        a.poll({ until: a.opaque("LoaderDataIsThere"), limit: 10 }, () => {
          a.KeDelayExecutionThread("100ms").at("MemoryHandler.cpp:741");
        }).at("MemoryHandler.cpp:740");
        a.KeUnstackDetachProcess().at("MemoryHandler.cpp:794");
        a.ExAcquirePushLockExclusive(listLock).at("ListHelper.hpp:130");
        a.ExReleasePushLockExclusive(listLock).at("ListHelper.hpp:136");
        // The search goes on until it finds nothing more.
        a.ExAcquirePushLockExclusive(listLock).at("ListHelper.hpp:97");
        a.ExReleasePushLockExclusive(listLock).at("ListHelper.hpp:110");
      }).at("MemoryHandler.cpp:638");
    })
    .at("ProcessHandler.cpp:67");

  d.driverUnload((a) => {
    a.PsSetCreateProcessNotifyRoutineEx(callback, "TRUE").at("Nidhogg.cpp:170");
  });
});

/**
 * Latency: ten delays of 100 ms in the exit callback, 1 s where 500 ms are allowed, and with it R1.
 * Nobody else waits for it except through the exit itself: the push lock is not held over the delays.
 */
export const expected: Expectation = {
  latency: ["callback: delay"],
};
