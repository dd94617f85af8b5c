/**
 * System Informer, "apply protection on demand": whoever first asks whether a process is protected has
 * one work item of the driver verify its file, and waits.
 *
 * Source: winsiderss/systeminformer, folder KSystemInformer, commit c7e6016c, MIT; modelled by reading;
 * no code copied. Read: protection.c:648-868 (verifying in a worker, asking), 918-1000 (handles),
 * 2122-2150 (images), informer_process.c:440-580 (process callback), informer_image.c:164-195 (image
 * callback). Nothing was run.
 *
 * What the model leaves out: handles, but for those that a scanner opens. Every opening of a process or
 * a thread by a program asks too (protection.c:992), except those by the kernel. The scanner is made up:
 * its filter asks its service, without timeout, about each file that is opened, and the service may open
 * the process that the file is of. Its filter and that request stand in this driver, since a model has no
 * file filters and no handles. Also left out: tracking (see system-informer-populate.ts), the messages,
 * exits, and of verifying all but opening and reading files. The interlocked list is a list and a count of
 * what was pushed since it was last emptied: an item may find it empty, which the source's cannot.
 */
import { type DriverModel, defineDriver } from "loophole-fuzz";

/** With a scanner: another driver's filter, whose service looks at files as they are opened. */
export const systemInformerOnDemand = (name: string, withScanner: boolean): DriverModel =>
  defineDriver(name, (d) => {
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

    // The scanner's.
    const scanner = withScanner
      ? { port: d.port("ScannerPort"), about: d.list("ScannedFor") }
      : undefined;

    const worker = d
      .workItem("KphpVerifyAndProtectWorkItem", (w) => {
        const process = w.pointer("Process", processContext);
        w.InterlockedExchange(pushed, 0).at("protection.c:762");
        w.drain(list, process, () => {
          w.ZwCreateFile().at("protection.c:685");
          if (scanner !== undefined) {
            const scanned = w.pointer("Scanned", processContext);
            w.ObReferenceObject(process).label("scanner-notes");
            w.InsertTailList(scanner.about, process);
            w.FltSendMessage(scanner.port, "reply").label("scanner-asks");
            w.drain(scanner.about, scanned, () => {
              w.ObDereferenceObject(scanned).label("scanner-forgets");
            });
          }
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

    if (scanner === undefined) return;
    const { port, about } = scanner;

    const openProcess = d
      .request("KphApplyObProtections", (r) => {
        const opened = r.pointer("Opened", processContext);
        const found = r.RemoveHeadList(about, opened);
        r.when(found.succeeded(), () => {
          r.when(opened.field("State").below(decided), () => {
            r.KeWaitForSingleObject(opened.field("CompletionEvent")).at("protection.c:827");
          }).at("protection.c:819");
          r.ObDereferenceObject(opened);
        });
      })
      .at("protection.c:918");

    d.service("ScannerService", (s) => {
      s.thread("Scan", (t) => {
        const message = t.pointer("Message");
        t.forever(() => {
          t.FilterGetMessage(port, message);
          t.Compute("20ms");
          t.when(t.opaque("OpensTheProcess"), () => {
            t.DeviceIoControl(openProcess);
          });
          t.FilterReplyMessage(message);
        });
      });
    });
  });
