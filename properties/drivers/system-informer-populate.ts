/**
 * KSystemInformer's tracking of processes and threads: DriverEntry registers its callbacks, then makes
 * a record of everything that runs already ("populates"); until that is done, callbacks wait. The two
 * drivers that are made of this differ in one thing: where it verifies the files of what runs already.
 *
 * Source: winsiderss/systeminformer, folder KSystemInformer, MIT; modelled by reading; no code copied.
 * Commits fe3c775a (before) and 0ffa37dc (after, "move verify to post populate"); issues 1761 and
 * 1755 tell of the hang and of the second driver, which creates a thread as a file is opened. Read at
 * fe3c775a, whose lines are given: main.c:60-340 (start-up and clean-up), cid_tracking.c:49-96
 * (waiting), 212-372 (a process's record), 575-660 (a thread's), 1055-1110 and 1247-1500 (populating),
 * 1544-1660 (tracking), informer_process.c:88-140 and 561-579, informer_thread.c:36-90 and 253-300
 * (callbacks), verify.c:184-380 (verifying), file.c:335-400. Nothing was run.
 *
 * What the model leaves out: what is sent to the program (by default without waiting for a reply);
 * exits, which wait for populating as well and then only take the record off; the second routine of
 * new threads, which waits for nobody; the lock of a process's list of threads, held only to link and
 * unlink (cid_tracking.c:639-653); APCs to itself, images, handles and the minifilter; of verifying,
 * reading the file itself and all cryptography.
 */
import { type DriverModel, defineDriver } from "loophole-fuzz";

interface Version {
  readonly name: string;
  readonly commit: string;
  /** Whether populating verifies, rather than a second pass once it has ended. */
  readonly verifiesWhilePopulating: boolean;
}

export const systemInformer = (version: Version): DriverModel =>
  defineDriver(version.name, (d) => {
    d.origin(
      "https://github.com/winsiderss/systeminformer",
      version.commit,
      "Modelled by reading; no code copied.",
    );
    const populated = d.event("KphpCidPopulatedEvent", "NotificationEvent");
    const isPopulated = d.variable("KphpCidPopulated", 0);

    const waitForPopulate = d
      .routine("KphpCidWaitForPopulate", (r) => {
        r.when(isPopulated.notEquals(0), () => r.return()).at("cid_tracking.c:82");
        r.KeWaitForSingleObject(populated).at("cid_tracking.c:91");
      })
      .at("cid_tracking.c:76");

    const verifyFile = d
      .routine("KphVerifyFile", (r) => {
        const signature = r.ZwCreateFile().at("verify.c:262");
        r.when(signature.failed(), () => r.return()).at("verify.c:276");
        r.ZwReadFile().at("verify.c:287");
        r.ZwClose().at("verify.c:345");
      })
      .at("verify.c:184");

    const processes = d
      .onProcessCreate("KphpCreateProcessNotifyRoutine", (a) => {
        a.call(waitForPopulate).at("cid_tracking.c:1556");
        a.ObOpenObjectByPointer().at("cid_tracking.c:232");
        a.ZwQueryInformationProcess().at("cid_tracking.c:250");
        a.call(verifyFile).at("cid_tracking.c:338");
      })
      .at("informer_process.c:561");

    const threads = d
      .onThreadCreate("KphpCreateThreadNotifyRoutine", (a) => {
        a.PsLookupThreadByThreadId().at("informer_thread.c:264");
        a.call(waitForPopulate).at("cid_tracking.c:1612");
      })
      .at("informer_thread.c:253");

    d.driverEntry((a) => {
      a.PsSetCreateProcessNotifyRoutineEx(processes, "FALSE").at("main.c:262");
      a.PsSetCreateThreadNotifyRoutineEx(threads).at("main.c:272");
      // One process that runs already stands for all.
      if (version.verifiesWhilePopulating) a.call(verifyFile).at("cid_tracking.c:338");
      a.InterlockedExchange(isPopulated, 1).at("cid_tracking.c:60");
      a.KeSetEvent(populated).at("cid_tracking.c:69");
      if (!version.verifiesWhilePopulating) a.call(verifyFile).at("cid_tracking.c:1220");
    });

    d.driverUnload((a) => {
      a.PsRemoveCreateThreadNotifyRoutine(threads).at("main.c:77");
      a.PsSetCreateProcessNotifyRoutineEx(processes, "TRUE").at("main.c:78");
    });
  });
