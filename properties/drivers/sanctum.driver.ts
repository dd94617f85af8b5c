/**
 * Sanctum: when kernel32.dll is mapped, the image callback queues APCs that load its own DLL into the
 * process; when kernelbase.dll is mapped, it waits, a second at a time, until that DLL has reported.
 *
 * Source: 0xflux/Sanctum, commit b219cd74, no licence stated; modelled by reading; no code copied.
 * Read, in driver/src/core: process_callbacks.rs:40-115 (processes), 261-360 (images), threads.rs:
 * 35-70, injection.rs:32-260 (the DLL), process_monitor.rs:355-471 and 566-587 (the fast mutex).
 * Nothing was run. The two APCs (injection.rs:99 and 106), which run once the callback has returned,
 * are left out; the registry and object callbacks and the system-call handler are not modelled.
 *
 * The model follows the comment of lines 321 to 328. The code of this commit does not: line 308
 * returns for every name with ".dll" in it, kernelbase.dll too, so that line 329 is never reached and
 * nothing waits. So it was from the commit on that brought the wait (8348962).
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("sanctum", (d) => {
  d.origin(
    "https://github.com/0xflux/Sanctum",
    "b219cd746b25e591757d029d93835047532f3286",
    "Modelled by reading; no code copied.",
  );
  const monitor = d.fastMutex("ProcessMonitor");
  const isMonitored = d.opaque("IsNotepadOrMalware", "process");
  const reports = d.opaque("DllReports", "process");
  // Each of the two is mapped once a process.
  const kernel32Mapped = d.perProcess.variable("Kernel32Mapped");
  const kernelbaseMapped = d.perProcess.variable("KernelbaseMapped");

  const withMonitor = d
    .routine("get_mtx_inner", (r) => {
      r.ExAcquireFastMutex(monitor).at("process_monitor.rs:570");
      r.ExReleaseFastMutex(monitor).at("process_monitor.rs:586");
    })
    .at("process_monitor.rs:566");

  const onProcess = d
    .onProcess("process_create_callback", (a) => {
      a.when(a.isCreate(), () => {
        a.ObOpenObjectByPointer().at("process_callbacks.rs:74");
        a.other("ZwSetInformationProcess", { cost: "2us" }).at("process_callbacks.rs:88");
      }).at("process_callbacks.rs:52");
      a.call(withMonitor).at("process_callbacks.rs:104");
    })
    .at("process_callbacks.rs:40");

  const onThread = d
    .onThread("thread_callback", (a) => {
      a.PsLookupThreadByThreadId().at("threads.rs:48");
      a.PsGetProcessImageFileName().at("threads.rs:55");
    })
    .at("threads.rs:35");

  const onImage = d
    .onImage("image_load_callback", (a) => {
      a.when(a.isImage("driver"), () => a.return()).at("process_callbacks.rs:274");
      a.when(isMonitored.not(), () => a.return()).at("process_callbacks.rs:299");
      a.when(a.isImage("exe"), () => a.return()).at("process_callbacks.rs:308");
      const dll = a.isImage("dll");
      a.when(dll.and(kernel32Mapped.equals(0)).and(a.opaque("IsKernel32")), () => {
        a.WriteNoFence(kernel32Mapped, 1);
        a.ZwAllocateVirtualMemory().label("code").at("injection.rs:186");
        a.ZwAllocateVirtualMemory().label("name").at("injection.rs:201");
      }).at("process_callbacks.rs:303");
      a.call(withMonitor).at("process_callbacks.rs:316");
      a.when(dll.and(kernelbaseMapped.equals(0)).and(a.opaque("IsKernelbase")), () => {
        a.WriteNoFence(kernelbaseMapped, 1);
        a.KeDelayExecutionThread("1s").at("process_callbacks.rs:339");
        a.call(withMonitor).at("process_callbacks.rs:342");
        a.poll({ until: reports, limit: 4 }, () => {
          a.KeDelayExecutionThread("1s").label("again").at("process_callbacks.rs:339");
          a.call(withMonitor).at("process_callbacks.rs:342");
        }).at("process_callbacks.rs:337");
      }).at("process_callbacks.rs:333");
    })
    .at("process_callbacks.rs:261");

  d.driverUnload((a) => {
    a.PsSetCreateProcessNotifyRoutineEx(onProcess, "TRUE").at("lib.rs:307");
    a.PsRemoveLoadImageNotifyRoutine(onImage).at("process_callbacks.rs:239");
    a.PsRemoveCreateThreadNotifyRoutine(onThread).at("lib.rs:318");
  });
});

/**
 * Latency: one second, even where the DLL has reported by then, and five where it does not, of the
 * 500 ms of a callback; and with it R1. The DLL imports from kernelbase.dll itself, so that its report
 * may stand behind this very callback: then it is always five. Nothing hangs, since the loop ends.
 *
 * Rule: B3, memory of the process is allocated in the image callback.
 */
export const expected: Expectation = {
  latency: ["callback: delay"],
  rule: ["B3"],
};
