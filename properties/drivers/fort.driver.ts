/**
 * Fort Firewall: a tree of processes under an in-stack queued spin lock; of a new process it asks for
 * the DOS path of its file, with no lock held, and may deny it.
 *
 * Source: tnodir/fort, commit 3c50b7cd, GPL-3; modelled by reading; no code copied. Read, in
 * src/driver: fortps.c:122-146 (the path), 239-262 (opening the process), 505-534 (the
 * configuration), 562-736 (the callback), 738-791 (registering), fortcnf_conf.c:276-294, fortutl.c
 * :494-509 (a larger stack, which leaves the thread as it is). Nothing was run.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("fort", (d) => {
  d.origin(
    "https://github.com/tnodir/fort",
    "3c50b7cdd9db31ccbbd06ce10f0f9d3d9a4c4c2f",
    "Modelled by reading; no code copied.",
  );
  const treeLock = d.spinLock("ps_tree_lock");
  const confLock = d.spinLock("conf_ref_lock");

  const notify = d
    .onProcess("fort_pstree_notify", (a) => {
      a.KeAcquireInStackQueuedSpinLock(treeLock).label("prepare").at("fortps.c:661");
      a.KeReleaseInStackQueuedSpinLock(treeLock).label("prepared").at("fortps.c:680");
      a.when(a.isExit(), () => a.return()).at("fortps.c:710");
      a.when(a.opaque("ParentKillsChildren"), () => {
        a.veto().at("fortps.c:555");
        a.return();
      }).at("fortps.c:675");
      a.PsLookupProcessByProcessId().at("fortps.c:244");
      a.ObOpenObjectByPointer().at("fortps.c:251");
      // Of the mount manager and the file system, in a critical region: special APCs come through.
      a.IoQueryFileDosDeviceName().at("fortps.c:125");
      a.KeAcquireInStackQueuedSpinLock(treeLock).at("fortps.c:598");
      a.KeAcquireInStackQueuedSpinLock(confLock).label("take-conf").at("fortcnf_conf.c:284");
      a.KeReleaseInStackQueuedSpinLock(confLock).label("took-conf").at("fortcnf_conf.c:291");
      a.KeAcquireInStackQueuedSpinLock(confLock).label("put-conf").at("fortps.c:533");
      a.KeReleaseInStackQueuedSpinLock(confLock).label("gave-conf").at("fortps.c:533");
      a.KeReleaseInStackQueuedSpinLock(treeLock).at("fortps.c:602");
      a.ZwClose().at("fortps.c:623");
      a.when(a.opaque("KillsThisOne"), () => {
        a.veto().at("fortps.c:555");
      }).at("fortps.c:642");
    })
    .at("fortps.c:726");

  d.driverUnload((a) => {
    a.PsSetCreateProcessNotifyRoutineEx(notify, "TRUE").at("fortps.c:753");
    a.KeAcquireInStackQueuedSpinLock(treeLock).at("fortps.c:783");
    a.KeReleaseInStackQueuedSpinLock(treeLock).at("fortps.c:790");
  });
});

/** Clean: nobody is waited for but the file system, and the locks are taken in one order. */
export const expected: Expectation = {};
