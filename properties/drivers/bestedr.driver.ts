/**
 * BestEdrOfTheMarket, process, thread and image events: each callback looks at what is new and leaves
 * what is suspicious in a ring under a spin lock, for a program that fetches it by requests.
 *
 * Source: Xacone/BestEdrOfTheMarket, commit cf2fc043, MIT; modelled by reading; no code copied. Read,
 * in BestEdrOfTheMarketDriver/src: Process.cpp:61-141, Threads.cpp:52-158, Images.cpp:6-102 (the
 * callbacks), Globals.h:519-565 (the ring), DriverEntry.cpp:40-57 (unload) and 70-133 (the request),
 * Callbacks.cpp:9-33. Nothing was run. The walks through the process's own tables, which take no
 * lock, are left out, and so are the object and registry callbacks and the system-call handler.
 * Microseconds of spinning at DISPATCH_LEVEL that come of KeAcquireSpinLockAtDpcLevel below that
 * level (Globals.h:561, by another request) need priorities, which the model does not have.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("bestedr", (d) => {
  d.origin(
    "https://github.com/Xacone/BestEdrOfTheMarket",
    "cf2fc043f62620ed0306c399113dbf9a312adf5e",
    "Modelled by reading; no code copied.",
  );
  const requestLock = d.spinLock("g_spinLock");
  const queueLock = d.spinLock("NotifQueueLock");

  const enqueue = d
    .routine("Enqueue", (r) => {
      r.KeAcquireSpinLock(queueLock).at("Globals.h:521");
      r.KeReleaseSpinLock(queueLock).at("Globals.h:532");
    })
    .at("Globals.h:519");

  /** The same lines stand in each callback; what does not fit into the ring is freed. */
  const notify = d.routine("Notify", (r) => {
    const notification = r.ExAllocatePool2().label("notification");
    r.when(notification.failed(), () => r.return());
    const message = r.ExAllocatePool2().label("message");
    r.when(message.failed(), () => {
      r.ExFreePool().label("drop");
      r.return();
    });
    r.call(enqueue);
    r.when(r.opaque("RingIsFull"), () => {
      r.ExFreePool().label("free-message");
      r.ExFreePool().label("free-notification");
    });
  });

  const onThread = d
    .onThread("CreateThreadNotifyRoutine", (a) => {
      a.when(a.isExit(), () => a.return()).at("Threads.cpp:155");
      a.PsLookupProcessByProcessId().at("Threads.cpp:67");
      a.PsLookupThreadByThreadId().at("Threads.cpp:74");
      a.when(a.opaque("ImageIsTampered"), () => {
        a.call(notify).at("Threads.cpp:107");
      }).at("Threads.cpp:85");
      a.when(a.opaque("ThreadIsInjected"), () => {
        a.call(notify).at("Threads.cpp:142");
      }).at("Threads.cpp:118");
    })
    .at("Threads.cpp:52");

  const onProcess = d
    .onProcess("CreateProcessNotifyEx", (a) => {
      a.when(a.isExit(), () => a.return()).at("Process.cpp:69");
      a.when(a.opaque("ParentIsSpoofed"), () => {
        a.call(notify).at("Process.cpp:94");
      }).at("Process.cpp:71");
      a.when(a.opaque("IsGhosted"), () => {
        a.call(notify).at("Process.cpp:128");
      }).at("Process.cpp:106");
    })
    .at("Process.cpp:61");

  const onImage = d
    .onImage("ImageLoadNotifyRoutine", (a) => {
      // The process number of a driver's image is 0, which no process has.
      a.PsLookupProcessByProcessId().at("Images.cpp:26");
      a.when(a.isImage("driver"), () => a.return()).at("Images.cpp:28");
      a.KeStackAttachProcess().at("Images.cpp:31");
      a.call(notify).at("Images.cpp:65");
      a.KeUnstackDetachProcess().at("Images.cpp:91");
    })
    .at("Images.cpp:6");

  d.driverEntry((a) => {
    // What registering comes back with is printed, and no more.
    a.PsSetCreateThreadNotifyRoutine(onThread).at("Threads.cpp:162");
    a.PsSetCreateProcessNotifyRoutineEx(onProcess, "FALSE").at("Process.cpp:145");
    a.PsSetLoadImageNotifyRoutine(onImage).at("Images.cpp:106");
  });

  d.driverUnload((a) => {
    a.PsRemoveCreateThreadNotifyRoutine(onThread).at("Threads.cpp:174");
    a.PsSetCreateProcessNotifyRoutineEx(onProcess, "TRUE").at("Process.cpp:161");
    a.PsRemoveLoadImageNotifyRoutine(onImage).at("Images.cpp:120");
  });

  const retrieve = d
    .request("BEOTM_RETRIEVE_DATA_NOTIF", (r) => {
      r.KeAcquireSpinLock(requestLock).at("DriverEntry.cpp:83");
      r.KeAcquireSpinLock(queueLock).at("Globals.h:538");
      r.KeReleaseSpinLock(queueLock).at("Globals.h:555");
      r.KeReleaseSpinLock(requestLock).at("DriverEntry.cpp:95");
    })
    .at("DriverEntry.cpp:81");

  d.service("BestEdrOfTheMarket", (s) => {
    s.thread("Fetch", (t) => {
      t.forever(() => {
        t.DeviceIoControl(retrieve);
        t.Sleep("100ms");
      });
    });
  });
});

/** Clean: the locks are held for a few lines, in one order, and nobody waits for the program. */
export const expected: Expectation = {};
