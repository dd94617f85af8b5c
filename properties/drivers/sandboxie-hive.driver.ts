/**
 * Sandboxie, the first image of a boxed process: the box's registry hive is mounted in line. Whoever
 * finds it being mounted asks again and again; the one who mounts may have a system thread do it, and
 * waits.
 *
 * Source: sandboxie-plus/Sandboxie, folder Sandboxie/core/drv, commit 991c700d, GPL-3 with a licence of
 * its own; modelled by reading; no code copied. Read: process.c:1641-1756 (image callback), key.c:
 * 629-826 (mounting), 935-1045 and 1130-1222 (loading, in a system thread for app packages),
 * thread.c:205-272 (thread callback). Nothing was run. For the process callback see
 * sandboxie-start.ts.
 *
 * What the model leaves out: everything else that the image callback sets up, the count of those who
 * use a hive and its unmounting, and the registry callback, which the loading passes through. All
 * processes are in one box. The end of the system thread is an event, since a driver's thread has no
 * handle in the model. Which process is boxed, and that its package needs the thread, are conditions.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("sandboxie-hive", (d) => {
  d.origin(
    "https://github.com/sandboxie-plus/Sandboxie",
    "991c700d845158107daedffd493833e99d733894",
    "Modelled by reading; no code copied.",
  );
  const listLock = d.resource("Process_ListLock");
  const mountsLock = d.resource("Key_MountsLock");
  const busy = d.variable("Busy");
  const mounted = d.variable("Mounted");

  const loadHive = d
    .routine("Key_MountHive2", (r) => {
      r.when(r.opaque("IsAppPackage"), () => {
        const ended = r.event("ThreadEnded", "NotificationEvent");
        const load = r
          .systemThread("LoadHiveSystemThread", (t) => {
            t.ZwLoadKey().at("key.c:1150");
            t.ZwOpenKey().at("key.c:1158");
            t.KeSetEvent(ended);
          })
          .at("key.c:1140");
        const made = r.PsCreateSystemThread(load).at("key.c:1195");
        r.when(made.failed(), () => r.return()).at("key.c:1206");
        r.KeWaitForSingleObject(ended).at("key.c:1219");
      })
        .otherwise(() => {
          r.ZwLoadKey().at("key.c:1007");
        })
        .at("key.c:990");
    })
    .at("key.c:833");

  d.onImage("Process_NotifyImage", (a) => {
    a.when(a.isImage("exe").not(), () => a.return()).at("process.c:1660");
    a.when(a.opaque("IsBoxed").not(), () => a.return()).at("process.c:1668");
    a.KeRaiseIrql("APC_LEVEL").at("key.c:669");
    a.ExAcquireResourceExclusiveLite(mountsLock).at("key.c:670");
    a.poll({ until: busy.equals(0), limit: "forever" }, () => {
      a.ExReleaseResourceLite(mountsLock).label("release-busy").at("key.c:781");
      a.KeLowerIrql("PASSIVE_LEVEL").label("lower-busy").at("key.c:782");
      a.ZwYieldExecution().at("key.c:783");
      a.KeRaiseIrql("APC_LEVEL").label("raise-again").at("key.c:669");
      a.ExAcquireResourceExclusiveLite(mountsLock).label("acquire-again").at("key.c:670");
    }).at("key.c:774");
    a.when(mounted.equals(0), () => {
      a.WriteNoFence(busy, 1).at("key.c:794");
      a.ExReleaseResourceLite(mountsLock).label("release-to-load").at("key.c:795");
      a.KeLowerIrql("PASSIVE_LEVEL").label("lower-to-load").at("key.c:796");
      a.call(loadHive).at("key.c:798");
      a.KeRaiseIrql("APC_LEVEL").label("raise-loaded").at("key.c:801");
      a.ExAcquireResourceExclusiveLite(mountsLock).label("acquire-loaded").at("key.c:802");
      a.WriteNoFence(busy, 0).label("not-busy").at("key.c:803");
      a.WriteNoFence(mounted, 1).at("key.c:807");
    }).at("key.c:792");
    a.ExReleaseResourceLite(mountsLock).at("key.c:818");
    a.KeLowerIrql("PASSIVE_LEVEL").at("key.c:819");
  }).at("process.c:1641");

  d.onThreadCreate("Thread_Notify", (a) => {
    a.KeRaiseIrql("APC_LEVEL").at("thread.c:238");
    a.ExAcquireResourceSharedLite(listLock).at("thread.c:238");
    a.ExReleaseResourceLite(listLock).at("thread.c:267");
    a.KeLowerIrql("PASSIVE_LEVEL").at("thread.c:268");
  }).at("thread.c:211");
});

/**
 * Deadlock: where the system calls image routines with special kernel APCs off, reading the hive's file
 * never completes; nothing in the source asks. The loading that a system thread does completes there,
 * so that way stays free. Livelock, in the same case: the next boxed process finds the mount busy for
 * ever and goes round and round (key.c:774-785). Beside that the rounds end, since whoever mounts waits
 * for nobody who goes round; that those who do may keep him from running is not in the model.
 *
 * Rules: R3 for loading a hive in an image callback, B9 for doing so without asking for APCs, R5 and
 * R6b for the wait for the system thread.
 */
export const expected: Expectation = {
  deadlock: ["callback waits for a completion"],
  livelock: ["callback polls a variable > callback waits for a completion"],
  rule: ["B9", "R3", "R5", "R6b"],
};
