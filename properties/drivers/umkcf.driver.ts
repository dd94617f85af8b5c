/**
 * UMKCF, "user-mode kernel callback filter": hands every process event to the programs that
 * subscribed to it and waits until each has answered.
 *
 * Source: wj32/umkcf, commit f68d7756, GPL-3 (file headers); modelled by reading; no code copied.
 * Read: driver/pscall.c:102-169 (the process callback), driver/client.c:110-140 (cancelling),
 * 163-216 (callback records), 259-307 (queue and wait), 404-487 and 519-617 (the two requests),
 * driver/main.c:117-230 (unload, connect, close), driver/filter.c:422-554 (who is told), test/main.c
 * (a client). Nothing was run. The thread and image callbacks, which share all this, are not modelled.
 *
 * What the model leaves out: there is one client. It subscribes to everything, or to everything but
 * its own process's doings, as the project's sample does by a filter that nothing in the driver asks
 * for. Filters, verdicts and the list of clients are not modelled. The set of callbacks is a list,
 * whose head is the one in hand: so the client handles one at a time, whatever its threads. It is
 * cancelled when the handle closes, not when the file object goes. And a model has no object that is
 * not initialised yet: DriverEntry registers the callback (main.c:70) before it initialises the list
 * of clients and its lock (main.c:90-94), both of which the callback uses.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("umkcf", (d) => {
  d.origin(
    "https://github.com/wj32/umkcf",
    "f68d7756faf1b90e4a557b9ae631233d2752f091",
    "Modelled by reading; no code copied.",
  );
  const kcfCallback = d.record(
    "KCF_CALLBACK",
    (r) => r.event("Event", "NotificationEvent").variable("HashEntryNext"),
    { max: 6 },
  );
  // Of the client's structure; there is one client.
  const connected = d.variable("Connected");
  const cancelled = d.variable("KCF_CLIENT_CANCELLED");
  const queueLock = d.fastMutex("QueueLock");
  const queue = d.queue("Queue");
  const callbackSet = d.list("CallbackHashSet");
  const excludesItself = d.opaque("ClientExcludesItself", "driver");

  const notify = d
    .onProcess("KcfpCreateProcessNotifyRoutineEx", (a) => {
      const callback = a.pointer("Callback", kcfCallback);
      a.when(connected.equals(0), () => a.return()).at("pscall.c:135");
      a.when(a.currentIs("service").and(excludesItself), () => a.return()).at("filter.c:465");
      const made = a.ExAllocateFromLookasideListEx(callback).at("client.c:173");
      a.when(made.failed(), () => a.return()).at("pscall.c:147");
      a.ExAcquireFastMutex(queueLock).at("client.c:276");
      a.when(cancelled.notEquals(0), () => {
        a.ExReleaseFastMutex(queueLock).at("client.c:280");
        a.ObDereferenceObject(callback).label("drop-cancelled").at("pscall.c:159");
        a.return();
      }).at("client.c:278");
      a.InsertTailList(callbackSet, callback).at("client.c:284");
      a.KeInsertQueue(queue, callback).at("client.c:286");
      a.ExReleaseFastMutex(queueLock).at("client.c:289");
      // The wait mode is the previous mode, that of the thread which creates or exits.
      a.KeWaitForSingleObject(callback.field("Event"), { WaitMode: "UserMode" }).at("client.c:292");
      a.ObDereferenceObject(callback).at("pscall.c:159");
    })
    .at("pscall.c:102");

  d.driverUnload((a) => {
    a.PsSetCreateProcessNotifyRoutineEx(notify, "TRUE").at("pscall.c:93");
  });

  const connect = d
    .request("KcfDispatchCreate", (r) => {
      r.InterlockedExchange(cancelled, 0).at("client.c:94");
      r.InterlockedExchange(connected, 1).at("main.c:179");
    })
    .at("main.c:130");

  const remove = d
    .request("KcfiRemoveCallback", (r) => {
      const removed = r.pointer("Removed", kcfCallback);
      r.KeRemoveQueue(queue, removed, { WaitMode: "UserMode" }).at("client.c:453");
    })
    .at("client.c:404");

  const giveBack = d
    .request("KcfiReturnCallback", (r) => {
      const returned = r.pointer("Returned", kcfCallback);
      r.ExAcquireFastMutex(queueLock).at("client.c:228");
      r.RemoveHeadList(callbackSet, returned).at("client.c:599");
      r.ObReferenceObject(returned).at("client.c:248");
      r.ExReleaseFastMutex(queueLock).at("client.c:249");
      r.KeSetEvent(returned.field("Event")).at("client.c:603");
      r.ObDereferenceObject(returned).at("client.c:614");
    })
    .at("client.c:519");

  d.onCleanup("KcfDispatchClose", (c) => {
    const callback = c.pointer("CancelledCallback", kcfCallback);
    c.InterlockedExchange(connected, 0).at("main.c:218");
    c.InterlockedExchange(cancelled, 1).at("client.c:120");
    c.ExAcquireFastMutex(queueLock).at("client.c:123");
    let head!: ReturnType<typeof c.RemoveHeadList>;
    c.poll({ until: () => head.is("empty"), limit: "forever" }, () => {
      head = c.RemoveHeadList(callbackSet, callback).at("client.c:128");
      c.when(head.succeeded(), () => {
        c.KeSetEvent(callback.field("Event")).at("client.c:135");
        // Reads entry->Next, of a record that its waiter may have freed (a store stands for it).
        c.WriteNoFence(callback.field("HashEntryNext"), 0).at("client.c:128");
      });
    });
    c.ExReleaseFastMutex(queueLock).at("client.c:139");
  }).at("main.c:197");

  d.service("Client", (s) => {
    const turn = s.event("OneAtATime", "SynchronizationEvent", { signalled: true });
    const helperIsMissing = s.event("HelperIsMissing", "SynchronizationEvent", { signalled: true });
    s.thread("ClientLoop", (t) => {
      t.DeviceIoControl(connect).at("test/main.c:25");
      t.forever(() => {
        t.WaitForSingleObject(turn);
        t.DeviceIoControl(remove).at("test/main.c:56");
        t.Compute("1ms").at("test/main.c:64");
        t.when(t.opaque("NeedsAHelper"), () => {
          const missing = t.WaitForSingleObject(helperIsMissing, { Timeout: 0 });
          t.when(missing.succeeded(), () => {
            t.CreateProcess();
          });
        });
        t.DeviceIoControl(giveBack).at("test/main.c:100");
        t.SetEvent(turn);
      });
    });
  });
});

/**
 * Deadlocks. First: the client's thread, with an event in hand, creates a process; that creation's
 * callback queues to the client and waits; the client's thread stands in that very callback. Second:
 * the client's own exit: the exit callback runs before the handle closes, so the last thread waits in
 * it for an answer of its own process, and nothing cancels. Both need a client that does not exclude
 * itself. Third: a client that hangs. In each the creator waits in a critical region: the UserMode
 * wait is not broken when its process is ended (SY-20, APC-5).
 *
 * Crash: cancelling sets a record's event and then goes on to the next from that record, while the
 * thread that it woke drops the last reference (client.c:128-135 against pscall.c:159).
 *
 * Latency: a slow client, and with it R1. Rules: R2, R4, R5, R6b.
 */
export const expected: Expectation = {
  deadlock: ["callback waits for an event (circle)"],
  latency: ["service: work"],
  crash: ["use after free: the record was freed"],
  rule: ["R2", "R4", "R5", "R6b"],
};
