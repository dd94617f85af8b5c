/**
 * VirtualBox's support driver, process events: which processes are protected is a tree under a spin
 * lock; at an exit, error texts that nobody fetched are freed under a mutex.
 *
 * Source: VirtualBox/virtualbox, commit 165c570c, GPL-3 or CDDL; modelled by reading; no code copied.
 * Read, in src/VBox/HostDrivers/Support/win/SUPDrv-win.cpp: supdrvNtProtectCallback_-
 * ProcessCreateNotifyEx and what it calls (supdrvNtProtectLookup, -IsSpawningProcessChild,
 * -DoProtectNewChild, -VerifyNewChildProtection, -UnprotectDeadProcess), and
 * supdrvNtErrorInfoCleanupProcess. Nothing was run. A failed start of a VM is what else takes the
 * mutex, and a read of the error device; both do so for a few lines. The handle callbacks are not
 * modelled. RTSemMutex is a KMUTEX here, waited for in UserMode, since NoResume is asked for.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("virtualbox", (d) => {
  d.origin(
    "https://github.com/VirtualBox/virtualbox",
    "165c570c26fbf7cb041628dee29598cb1f0fef83",
    "Modelled by reading; no code copied.",
  );
  const protectLock = d.spinLock("g_hNtProtectLock");
  const errorInfoLock = d.mutex("g_hErrorInfoLock");
  const isProtected = d.opaque("IsProtected", "process");

  const notify = d.onProcess("supdrvNtProtectCallback_ProcessCreateNotifyEx", (a) => {
    a.when(a.isCreate(), () => {
      a.KeAcquireSpinLock(protectLock).label("look-up-parent");
      a.KeReleaseSpinLock(protectLock).label("looked-up-parent");
      a.when(a.opaque("ParentIsProtected"), () => {
        a.KeAcquireSpinLock(protectLock).label("look-up-child");
        a.KeReleaseSpinLock(protectLock).label("looked-up-child");
        a.when(a.opaque("HandleCallbackCameFirst"), () => a.return());
        a.PsLookupProcessByProcessId().label("parent");
        a.PsLookupProcessByProcessId().label("child");
        const made = a.ExAllocatePool2();
        a.when(made.failed(), () => a.return());
        a.KeAcquireSpinLock(protectLock).label("link");
        a.KeReleaseSpinLock(protectLock).label("linked");
      });
    }).otherwise(() => {
      a.KeAcquireSpinLock(protectLock).label("look-up-dead");
      a.KeReleaseSpinLock(protectLock).label("looked-up-dead");
      a.when(isProtected, () => {
        a.KeAcquireSpinLock(protectLock).label("unlink");
        a.KeReleaseSpinLock(protectLock).label("unlinked");
      });
      const locked = a.KeWaitForSingleObject(errorInfoLock, { WaitMode: "UserMode" });
      a.when(locked.succeeded(), () => {
        a.ExFreePool();
        a.KeReleaseMutex(errorInfoLock);
      });
    });
  });

  const readErrorInfo = d.request("VBoxDrvNtRead", (r) => {
    const locked = r.KeWaitForSingleObject(errorInfoLock, { WaitMode: "UserMode" });
    r.when(locked.succeeded(), () => {
      r.KeReleaseMutex(errorInfoLock);
    });
  });

  d.driverUnload((a) => {
    a.PsSetCreateProcessNotifyRoutineEx(notify, "TRUE");
  });

  d.service("VirtualBoxVM", (s) => {
    s.thread("ReadErrorInfo", (t) => {
      t.Compute("1ms");
      t.DeviceIoControl(readErrorInfo);
      t.CreateProcess();
    });
  });
});

/** Clean: whoever holds the mutex needs nothing for it, so the wait without timeout is short. */
export const expected: Expectation = {};
