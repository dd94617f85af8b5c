/**
 * ProcessManager: a Windows 7 driver whose process callback asks a person, through a dialog of the
 * program that loaded it, whether a process may start.
 *
 * Source: ciyze0101/Windows-Rootkits, folder ProcessManager, commit c7ed346f. No licence stated;
 * modelled by reading; no code copied. Read: ProcessManagerDrv/MonitorWin7.c:87-165 (callback and
 * its lock helpers), EnumProcess.c:484-540 (the path), ProcessManagerDrv.c:140-165 and 303-377
 * (unload, the requests), ProcessManager/Monitor.cpp:60-151 and MonitorProcess.cpp:43-134 (user
 * side). Nothing was run.
 *
 * What the model leaves out: monitoring is on from the start (the driver registers when the program
 * asks for it), one dialog stands at a time, and a person who clicks either denies after a second or
 * leaves it to the dialog's timer.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("process-manager", (d) => {
  d.origin(
    "https://github.com/ciyze0101/Windows-Rootkits",
    "c7ed346f100119a86731e54fe66bead840087938",
    "Modelled by reading; no code copied.",
  );
  const mutex = d.mutex("Mutex");
  const resource = d.resource("Resource");
  // The program makes all three with CreateEvent(NULL, TRUE, FALSE, NULL): manual reset.
  const arrived = d.event("EventArray0", "NotificationEvent");
  const accepted = d.event("EventArray1", "NotificationEvent");
  const denied = d.event("EventArray2", "NotificationEvent");

  const callback = d
    .onProcess("ProcessCallBackWin7", (a) => {
      a.when(a.isCreate(), () => {
        a.KeWaitForSingleObject(mutex).at("MonitorWin7.c:96");
        a.IoQueryFileDosDeviceName().at("EnumProcess.c:492");
        a.KeEnterCriticalRegion().at("MonitorWin7.c:150");
        a.ExAcquireResourceExclusiveLite(resource).at("MonitorWin7.c:151");
        a.KeSetEvent(arrived).at("MonitorWin7.c:108");
        a.KeResetEvent(arrived).at("MonitorWin7.c:109");
        const verdict = a
          .KeWaitForMultipleObjects([accepted, denied], "WaitAny")
          .at("MonitorWin7.c:110");
        a.when(verdict.is("object1"), () => {
          a.veto().at("MonitorWin7.c:127");
        });
        a.ExReleaseResourceLite(resource).at("MonitorWin7.c:163");
        a.KeLeaveCriticalRegion().at("MonitorWin7.c:164");
        a.KeReleaseMutex(mutex).at("MonitorWin7.c:133");
      });
    })
    .at("MonitorWin7.c:87");

  d.driverUnload((a) => {
    a.PsSetCreateProcessNotifyRoutineEx(callback, "TRUE").at("MonitorWin7.c:189");
  });

  const getMessage = d.request("CTL_GETRPROCESSINFOR", (r) => {
    r.DbgPrint().at("ProcessManagerDrv.c:358");
  });

  d.service("ProcessManager", (s) => {
    const messages = s.queue("WindowMessages");
    const handled = s.event("MessageIsHandled", "SynchronizationEvent");
    s.thread("MonitorThread", (t) => {
      t.forever(() => {
        const seen = t.WaitForSingleObject(arrived, { Timeout: "1s" }).at("Monitor.cpp:85");
        t.when(seen.succeeded(), () => {
          t.DeviceIoControl(getMessage).at("Monitor.cpp:89");
          // SendMessage: it comes back when the other thread has put the dialog up.
          t.PostThreadMessage(messages).at("Monitor.cpp:104");
          t.WaitForSingleObject(handled).at("Monitor.cpp:104");
          t.Sleep("1ms").at("Monitor.cpp:107");
        });
      });
    });
    s.thread("DialogThread", (t) => {
      t.forever(() => {
        t.GetMessage(messages).at("Monitor.cpp:117");
        t.Compute("10ms").at("Monitor.cpp:120");
        t.SetEvent(handled).at("Monitor.cpp:150");
        t.when(t.opaque("PersonClicksDeny"), () => {
          t.Sleep("1s");
          t.SetEvent(denied).at("MonitorProcess.cpp:48");
          t.ResetEvent(denied).at("MonitorProcess.cpp:50");
        }).otherwise(() => {
          // A person who does nothing: the dialog's timer allows the start at its fourth second.
          t.Sleep("4s").at("MonitorProcess.cpp:97");
          t.SetEvent(accepted).at("MonitorProcess.cpp:120");
          t.ResetEvent(accepted).at("MonitorProcess.cpp:122");
        });
      });
    });
  });
});

/**
 * Deadlock, the lost wake-up: the set and the reset follow at once, so a monitor thread that is not
 * in its wait just then (it reads the last message, or it is between two waits) never hears of this
 * process. Chain: the callback waits for EventArray1 or EventArray2, with the mutex and the resource
 * held; only the dialog thread would set one; it waits for a window message; only the monitor thread
 * would post one; it polls EventArray0, which only a callback would set; every callback waits for
 * the mutex. From then on no process starts on that machine. The same circle without a lost wake-up
 * when the program starts a process from its dialog, or ends while a callback waits.
 *
 * The answers can be lost in the same way (set, reset, nobody waiting yet), in the untimed reading:
 * the person would have to click before the callback comes from line 109 to its wait.
 *
 * Latency: the second of the person or the four of the dialog's timer, on one callback, and with it
 * R1. Rules: R2 and R4 (the answer comes from a service), R5 and R6b (from another thread),
 * B11 (the path is looked up with the mutex held).
 */
export const expected: Expectation = {
  deadlock: [
    "callback waits for any of several: an event > service has ended",
    "callback waits for any of several: an event > service waits for a queue > service polls an event",
    "callback waits for any of several: an event > service waits for nothing: it is hung",
    "callback waits for any of several: an event > service waits for its process to be created (circle)",
  ],
  latency: ["service: delay", "service: work > service: delay"],
  rule: ["B11", "R2", "R4", "R5", "R6b"],
};
