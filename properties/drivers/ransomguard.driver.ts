/**
 * RansomGuard: keeps a list of processes under a mutex; the entry of a process that had mapped many
 * files is removed by a thread of its own, two minutes after its exit.
 *
 * Source: 0mWindyBug/RansomGuard, commit 86f369b1, MIT; modelled by reading; no code copied. Read, in
 * RansomGuard/RansomGuard: kernelcallbacks.cpp:6-48 (the callback), processes.cpp:13-94 (adding and
 * removing), 255-275 (finding), 295-310 (unload), 365-379 (the thread), Mutex.cpp, main.cpp:40-54
 * (unload), 130-188 (load). Nothing was run. The file filter, which takes the same mutex, is not
 * modelled.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("ransomguard", (d) => {
  d.origin(
    "https://github.com/0mWindyBug/RansomGuard",
    "86f369b10bd81e174b20ce354c1c1a3566a3d36c",
    "Modelled by reading; no code copied.",
  );
  const processesListMutex = d.mutex("ProcessesListMutex");
  const pendingOps = d.rundown("PendingOps");

  const removeProcess = d
    .routine("RemoveProcess", (r) => {
      r.KeWaitForSingleObject(processesListMutex).at("Mutex.cpp:10");
      r.ExFreePool().at("processes.cpp:72");
      r.KeReleaseMutex(processesListMutex).at("Mutex.cpp:14");
    })
    .at("processes.cpp:57");

  const deferredRemover = d
    .systemThread("DeferredRemover", (t) => {
      // What comes back is not looked at, and the protection is given back in any case.
      const protectedNow = t.ExAcquireRundownProtection(pendingOps).at("processes.cpp:367");
      t.KeDelayExecutionThread("120s").at("processes.cpp:373");
      t.call(removeProcess).at("processes.cpp:374");
      t.when(protectedNow.succeeded(), () => {
        t.ExReleaseRundownProtection(pendingOps).at("processes.cpp:377");
      });
    })
    .at("processes.cpp:365");

  const callback = d
    .onProcess("RansomGuardProcessCallback", (a) => {
      a.when(a.isCreate(), () => {
        a.KeWaitForSingleObject(processesListMutex).label("add").at("Mutex.cpp:10");
        const entry = a.ExAllocatePool2().at("processes.cpp:22");
        a.when(entry.succeeded(), () => {
          a.PsLookupProcessByProcessId().at("processes.cpp:34");
          a.SeLocateProcessImageName().at("processes.cpp:37");
        }).at("processes.cpp:23");
        a.KeReleaseMutex(processesListMutex).label("added").at("Mutex.cpp:14");
        a.return();
      }).at("kernelcallbacks.cpp:37");
      a.KeWaitForSingleObject(processesListMutex).label("find").at("Mutex.cpp:10");
      a.KeReleaseMutex(processesListMutex).label("found").at("Mutex.cpp:14");
      a.when(a.opaque("MappedManyFiles"), () => {
        const started = a.PsCreateSystemThread(deferredRemover).at("kernelcallbacks.cpp:25");
        a.when(started.failed(), () => {
          a.call(removeProcess).at("kernelcallbacks.cpp:29");
        }).at("kernelcallbacks.cpp:26");
      })
        .otherwise(() => {
          a.call(removeProcess).at("kernelcallbacks.cpp:34");
        })
        .at("kernelcallbacks.cpp:19");
    })
    .at("kernelcallbacks.cpp:6");

  d.driverUnload((a) => {
    a.PsSetCreateProcessNotifyRoutineEx(callback, "TRUE").at("kernelcallbacks.cpp:60");
    a.ExWaitForRundownProtectionRelease(pendingOps).at("main.cpp:51");
    a.KeWaitForSingleObject(processesListMutex).at("processes.cpp:297");
    a.KeReleaseMutex(processesListMutex).at("processes.cpp:310");
  });
});

/**
 * Crash: the thread takes its rundown protection itself, so between PsCreateSystemThread and that
 * line nothing keeps the driver loaded; and where unloading has begun already, the protection is
 * refused, which nobody looks at, and the thread sleeps for two minutes in code that is gone.
 *
 * No hang: the mutex is held for a few lines, and the thread of two minutes is not awaited, but by
 * the unload. (KMUTEX in a callback is R5 only where its holder needs somebody; no run shows that.)
 */
export const expected: Expectation = {
  crash: ["the driver is unloaded while its code still runs or is queued"],
};
