/**
 * UMKCF, "user-mode kernel callback filter": hands every process, thread and image event to the
 * programs that subscribed to it and waits until each has answered.
 *
 * Source: wj32/umkcf, commit f68d7756, GPL-3 (file headers); modelled by reading; no code copied.
 * Read: driver/pscall.c:55-276 (registration and the three callbacks), driver/client.c:110-140
 * (cancelling), 163-216 (callback records), 259-307 (queue and wait), 404-487 and 519-617 (the two
 * requests), driver/main.c:117-230 (unload, connect, close), driver/filter.c:422-554 (who is told),
 * test/main.c (a client). Nothing was run.
 *
 * What the model leaves out: there is one client. It subscribes to everything, or to everything but
 * its own process's doings, as the project's sample does by a filter that nothing in the driver asks
 * for. Filters, verdicts and the list of clients are not modelled. The set of callbacks is a list,
 * whose head is the one in hand: so the client handles one at a time, whatever its threads. It is
 * cancelled when the handle closes, not when the file object goes. That the client, with an event in
 * hand, starts a process or a thread or touches a DLL for the first time is our assumption, and
 * happens once in a run. KcfPerformCallback here also makes the record and drops it, which the three
 * callbacks do in like words. And a model has no object that is not initialised yet: DriverEntry
 * registers the callbacks (main.c:70) before it initialises the list of clients and its lock
 * (main.c:90-94), both of which the callbacks use.
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
    { max: 4 },
  );
  // Of the client's structure; there is one client.
  const connected = d.variable("Connected");
  const cancelled = d.variable("KCF_CLIENT_CANCELLED");
  const queueLock = d.fastMutex("QueueLock");
  const queue = d.queue("Queue");
  const callbackSet = d.list("CallbackHashSet");
  const excludesItself = d.opaque("ClientExcludesItself", "driver");

  /** What the three callbacks share: create a callback record, queue it, wait, and drop it. */
  const perform = d
    .routine("KcfPerformCallback", (r) => {
      const callback = r.pointer("Callback", kcfCallback);
      r.when(connected.equals(0), () => r.return()).at("filter.c:539");
      r.when(r.currentIs("service").and(excludesItself), () => r.return()).at("filter.c:465");
      const made = r.ExAllocateFromLookasideListEx(callback).at("client.c:173");
      r.when(made.failed(), () => r.return()).at("client.c:175");
      r.ExAcquireFastMutex(queueLock).at("client.c:276");
      r.when(cancelled.notEquals(0), () => {
        r.ExReleaseFastMutex(queueLock).at("client.c:280");
        r.ObDereferenceObject(callback).label("drop-cancelled").at("pscall.c:159");
        r.return();
      }).at("client.c:278");
      r.InsertTailList(callbackSet, callback).at("client.c:284");
      r.KeInsertQueue(queue, callback).at("client.c:286");
      r.ExReleaseFastMutex(queueLock).at("client.c:289");
      // The wait mode is the previous mode, that of the thread whose call raised the event.
      r.KeWaitForSingleObject(callback.field("Event"), { WaitMode: "UserMode" }).at("client.c:292");
      r.ObDereferenceObject(callback).at("pscall.c:159");
    })
    .at("client.c:259");

  const notifyProcess = d
    .onProcess("KcfpCreateProcessNotifyRoutineEx", (a) => {
      a.call(perform).at("pscall.c:149");
    })
    .at("pscall.c:102");

  const notifyThread = d
    .onThread("KcfpCreateThreadNotifyRoutine", (a) => {
      a.call(perform).at("pscall.c:204");
    })
    .at("pscall.c:171");

  const notifyImage = d
    .onImage("KcfpLoadImageNotifyRoutine", (a) => {
      a.when(a.isImage("driver"), () => a.return()).at("pscall.c:233");
      a.call(perform).at("pscall.c:265");
    })
    .at("pscall.c:217");

  d.driverUnload((a) => {
    a.PsSetCreateProcessNotifyRoutineEx(notifyProcess, "TRUE").at("pscall.c:93");
    a.PsRemoveCreateThreadNotifyRoutine(notifyThread).at("pscall.c:95");
    a.PsRemoveLoadImageNotifyRoutine(notifyImage).at("pscall.c:97");
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
    const firstNeed = s.event("FirstNeed", "SynchronizationEvent", { signalled: true });
    const another = s.thread(
      "Another",
      (t) => {
        t.Compute("1ms");
      },
      { count: 0 },
    );
    s.thread("ClientLoop", (t) => {
      t.DeviceIoControl(connect).at("test/main.c:25");
      t.forever(() => {
        t.WaitForSingleObject(turn);
        t.DeviceIoControl(remove).at("test/main.c:56");
        t.Compute("1ms").at("test/main.c:64");
        // Once in a run, with the event in hand, it does what raises an event of its own.
        t.when(t.opaque("NeedsSomething"), () => {
          const first = t.WaitForSingleObject(firstNeed, { Timeout: 0 });
          t.when(first.succeeded(), () => {
            t.when(t.opaque("AHelperProcess"), () => {
              t.CreateProcess();
            }).otherwise(() => {
              t.when(t.opaque("AnotherThread"), () => {
                t.CreateThread(another);
              }).otherwise(() => {
                t.LoadLibrary();
              });
            });
          });
        });
        t.DeviceIoControl(giveBack).at("test/main.c:100");
        t.SetEvent(turn);
      });
    });
  });
});

/**
 * Deadlocks. First: the client's thread, with an event in hand, creates a process or a thread, or
 * loads a DLL; that event's callback queues to the client and waits; the client's thread stands in
 * that very callback. Second: the client's own exit: the exit callbacks run before the handle closes,
 * so its thread waits in them for an answer of its own process, and nothing cancels. Both need a
 * client that does not exclude itself. Third: a client that hangs. All are one finding, because all
 * wait in the helper that the three callbacks share. In each the wait is in a critical region: though
 * UserMode, it is not broken when its process is ended (SY-20, APC-5).
 *
 * Crash: cancelling sets a record's event and then goes on to the next from that record, while the
 * thread that it woke drops the last reference (client.c:128-135 against pscall.c:159).
 *
 * Latency: a slow client, and with it R1. Rules: R2, R4, R5, R6b.
 */
export const expected: Expectation = {
  deadlock: [
    "callback waits for an event (circle)",
    "callback waits for an event > service waits for nothing: it is hung",
  ],
  latency: ["service: work"],
  crash: ["use after free: the record was freed"],
  rule: ["R2", "R4", "R5", "R6b"],
};
