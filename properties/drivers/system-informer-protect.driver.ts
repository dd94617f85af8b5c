/**
 * System Informer, "apply protection on demand": whoever first asks whether a process is protected has
 * one work item of the driver verify its file, and waits.
 *
 * Source: winsiderss/systeminformer, folder KSystemInformer, commit c7e6016c, MIT; modelled by reading;
 * no code copied. Read: protection.c:648-868 (verifying in a worker, asking), 918-1000 (handles),
 * 2122-2150 (images), informer_process.c:440-580 (process callback), informer_image.c:164-195 (image
 * callback). Nothing was run.
 *
 * What the model leaves out: handles. Every opening of a process or a thread by a program asks too
 * (protection.c:992), except those by the kernel; so a scanner that holds up the reading of the file,
 * and whose service opens the new process before it lets go, makes a circle that is not in here. Also
 * left out: tracking (see system-informer-populate.ts), the messages, exits, and of verifying all but
 * opening and reading files. The interlocked list is a list and a count of what was pushed since it was
 * last emptied: an item may find it empty, which the source's cannot.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("system-informer-protect", (d) => {
  d.origin(
    "https://github.com/winsiderss/systeminformer",
    "c7e6016c331f637d339b7e796caf83b7e1d09a4b",
    "Modelled by reading; no code copied.",
  );
  const none = 0;
  const pending = 1;
  const decided = 2;
  const processContext = d.record(
    "KPH_PROCESS_CONTEXT",
    (r) => r.variable("State", none).event("CompletionEvent", "NotificationEvent"),
    { max: 8 },
  );
  const context = d.perProcess.pointer("Context", processContext);
  const isTracked = d.perProcess.variable("IsTracked");
  const list = d.list("KphpVerifyAndProtectList");
  const pushed = d.variable("PushedSinceFlush", 0);

  const worker = d
    .workItem("KphpVerifyAndProtectWorkItem", (w) => {
      const process = w.pointer("Process", processContext);
      w.InterlockedExchange(pushed, 0).at("protection.c:762");
      w.drain(list, process, () => {
        w.ZwCreateFile().at("protection.c:685");
        w.ZwReadFile().at("protection.c:685");
        w.ZwClose().at("protection.c:685");
        w.InterlockedExchange(process.field("State"), decided).at("protection.c:740");
        w.KeSetEvent(process.field("CompletionEvent")).at("protection.c:742");
        w.ObDereferenceObject(process).at("protection.c:775");
      }).at("protection.c:764");
    })
    .at("protection.c:752");

  /** Whoever asks first pushes; everybody waits. */
  const isProtected = d
    .routine("KphGetProtectionState", (r) => {
      // Populating has made records of the processes that run already.
      r.when(isTracked.equals(0), () => {
        const made = r.ExAllocateFromLookasideListEx(context).at("cid_tracking.c:1055");
        r.when(made.failed(), () => r.return());
        r.WriteNoFence(isTracked, 1);
      });
      const was = r
        .InterlockedCompareExchange(context.field("State"), pending, none)
        .at("protection.c:797");
      r.when(was.is(none), () => {
        r.ObReferenceObject(context).at("protection.c:808");
        r.InsertTailList(list, context).at("protection.c:810");
        const first = r.InterlockedIncrement(pushed).at("protection.c:810");
        r.when(first.is(1), () => {
          r.IoQueueWorkItem(worker, "CriticalWorkQueue").at("protection.c:813");
        });
      }).at("protection.c:800");
      r.when(was.below(decided), () => {
        r.KeWaitForSingleObject(context.field("CompletionEvent")).at("protection.c:827");
      }).at("protection.c:819");
    })
    .at("protection.c:789");

  d.onProcessCreate("KphpCreateProcessNotifyRoutine", (a) => {
    a.call(isProtected).at("informer_process.c:489");
  });

  d.onImage("KphpLoadImageNotifyRoutine", (a) => {
    a.when(a.isImage("driver"), () => a.return());
    a.call(isProtected).at("protection.c:2137");
  });
});

/**
 * Deadlock: workers of the Critical queue that start processes stand in the process callback, all of
 * them, and the one item that would let them go stands in that queue. The other plausible one, through
 * a scanner, needs handles (see above).
 *
 * Latency, with R1: the item behind other drivers' work, and each process behind those that were pushed
 * before it. Rules: R5, R6b and R7 for the wait.
 */
export const expected: Expectation = {
  deadlock: ["callback waits for an event > queued work item waits for a free worker (circle)"],
  latency: ["foreign work item: work"],
  rule: ["R5", "R6b", "R7"],
};
