/** What to write for calls of the WDK that the table lacks, because the language says them otherwise. */

interface Otherwise {
  readonly calls: RegExp;
  readonly write: string;
}

const leaveOut = "leave it out";

/** The first that fits counts. */
const otherwise: readonly Otherwise[] = [
  {
    calls: /^(?:Initialize[A-Z]|(?:[A-Z][a-z]+)(?:Rtl)?Initialize[A-Z])/,
    write: `what is declared is initialised: ${leaveOut}`,
  },
  { calls: /^Ex(?:Delete|Rundown)(?:Resource|Lookaside|Completed)/, write: leaveOut },
  {
    calls: /^Ex(?:Allocate|Set)Timer$/,
    write:
      'declare d.timer("Name", …) and d.dpc("Name", …), and a.KeSetTimerEx(timer, due, period, { Dpc: dpc })',
  },
  {
    calls: /^Ex(?:Cancel|Delete)Timer$/,
    write: "a.KeCancelTimer(timer), and where it waits, a.KeFlushQueuedDpcs() behind it",
  },
  {
    calls: /^(?:Cm(?:Un)?RegisterCallback|Ob(?:Un)?RegisterCallbacks)/,
    write:
      'registry and object callbacks are modelled once a family of theirs is added: the README, "Add a callback family", says how',
  },
  {
    calls: /^Io(?:Acquire|Release)CancelSpinLock$/,
    write:
      'declare d.spinLock("CancelSpinLock"), and a.KeAcquireSpinLock and a.KeReleaseSpinLock on it',
  },
  {
    calls: /^IoCancelIrp$/,
    write:
      "take the IRP off its queue with a.IoCsqRemoveNextIrp(csq, irp) and complete it with a.IoCompleteRequest(irp)",
  },
  {
    calls:
      /^(?:PsGet|IoGet|KeGet|KeQuery|FltGetRequestor|PsIs|Rtl(?:Init|Compare|Equal|Copy|Free|Zero))/,
    write:
      'it waits for nobody and lets nobody go on: leave it out. Who runs is a.currentIs("service"), what the model cannot know is a.opaque("Name")',
  },
  {
    calls:
      /^(?:ExInterlocked)?Insert(?:Head|Tail)List$|^(?:PushEntryList|ExInterlockedPushEntryList)$/,
    write: "a.InsertTailList(list, p): entries come off in another order, and that is all",
  },
  {
    calls: /^(?:ExInterlocked)?PopEntryList$|^RemoveTailList$/,
    write: "a.RemoveHeadList(list, p)",
  },
  {
    calls: /^IsListEmpty$/,
    write: "a.drain(list, p, () => { … }), or the result of a.RemoveHeadList(list, p)",
  },
  { calls: /^KeInsertHeadQueue$/, write: "a.KeInsertQueue(queue, p)" },
  {
    calls: /^ExFreeToLookasideList/,
    write: "a.ObDereferenceObject(p), which frees the record with the last reference",
  },
  { calls: /^ExFree(?:Timer|Pool2)$/, write: leaveOut },
  {
    calls: /^(?:KeStallExecutionProcessor)$/,
    write: 'a.other("KeStallExecutionProcessor", { cost: … })',
  },
  { calls: /^(?:CloseHandle|ObCloseHandle|FltReleaseContext|FltDeleteContext)$/, write: leaveOut },
  {
    calls: /^(?:Acquire|Release)SRWLock|^(?:Try)EnterCriticalSection$/,
    write:
      'declare s.criticalSection("Name"), and t.EnterCriticalSection and t.LeaveCriticalSection on it',
  },
  {
    calls: /^Io(?:f)?CallDriver$/,
    write:
      "a.ZwDeviceIoControlFile() or a.FltPerformSynchronousIo() where its end is waited for; else leave it out",
  },
];

/** What to write in the place of this call; undefined where nothing is known of it. */
export const sayOtherwise = (call: string): string | undefined =>
  otherwise.find(({ calls }) => calls.test(call))?.write;
