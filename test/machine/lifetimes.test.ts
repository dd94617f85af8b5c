import fc from "fast-check";
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { look, users } from "../windows/support/look.ts";

const crashesOf = (seen: ReturnType<typeof look>): readonly string[] =>
  seen.observations
    .filter((one) => one.target.outcome === "crash")
    .map((one) => one.target.mechanism.split(":")[0]);

/** Queues an item that sets an event on the stack, and waits for it as long as `timeout` says. */
const queueAndWait = (timeout: number | "none" | "not at all") =>
  defineDriver("stack", (d) => {
    d.onProcessCreate("OnProcessCreate", (a) => {
      const done = a.event("Done", "NotificationEvent");
      const item = a.workItem("Item", (w) => {
        w.KeSetEvent(done);
      });
      a.IoQueueWorkItem(item, "DelayedWorkQueue");
      if (timeout !== "not at all") a.KeWaitForSingleObject(done, { Timeout: timeout });
    });
  });

test("T3: an event on the stack that is waited for with any finite timeout can be set after its frame is gone", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60_000_000 }), (timeoutUs) => {
      expect(crashesOf(look(queueAndWait(timeoutUs)))).toEqual(["use after return"]);
    }),
    { numRuns: 5 },
  );
  expect(crashesOf(look(queueAndWait("not at all")))).toEqual(["use after return"]);
  expect(crashesOf(look(queueAndWait("none")))).toEqual([]);
});

test("SV-27: an item that touches nothing of a frame that is gone does no harm", () => {
  const driver = defineDriver("apart", (d) => {
    const count = d.variable("Count");
    d.onProcessCreate("OnProcessCreate", (a) => {
      const own = a.variable("Own");
      const item = a.workItem("Item", (w) => {
        w.InterlockedIncrement(count);
      });
      a.IoQueueWorkItem(item, "DelayedWorkQueue");
      a.InterlockedIncrement(own);
    });
  });
  const seen = look(driver, { workload: users(["create"], ["create"]) });
  expect(seen.outcomes).toEqual([]);
  expect(seen.finals("Count")).toEqual([[2]]);
});

/** The same event in a counted record, of which the item has a reference or has not. */
const counted = (itemHasReference: boolean) =>
  defineDriver("counted", (d) => {
    const request = d.record("REQUEST", (r) => r.event("Done", "NotificationEvent"));
    const requests = d.list("Requests");
    d.onProcessCreate("OnProcessCreate", (a) => {
      const mine = a.pointer("Mine", request);
      const item = a.workItem("Item", (w) => {
        const taken = w.pointer("Taken", request);
        const head = w.RemoveHeadList(requests, taken);
        w.when(head.succeeded(), () => {
          w.KeSetEvent(taken.field("Done"));
          if (itemHasReference) w.ObDereferenceObject(taken);
        });
      });
      a.ExAllocateFromLookasideListEx(mine);
      if (itemHasReference) a.ObReferenceObject(mine);
      a.InsertTailList(requests, mine);
      a.IoQueueWorkItem(item, "DelayedWorkQueue");
      a.KeWaitForSingleObject(mine.field("Done"), { Timeout: "200ms" });
      a.ObDereferenceObject(mine);
    });
  });

test("SV-29: a counted record outlives the callback that gave up waiting, if the item has a reference", () => {
  const two = { workload: users(["create"], ["create"]) };
  expect(look(counted(true), two).outcomes).toEqual([]);
  expect(crashesOf(look(counted(false)))).toEqual(["use after free"]);
});

test("SV-29: a reference more than was given back keeps a record, one less frees it too early", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: 1, max: 4 }),
      (taken, dropped) => {
        const driver = defineDriver("references", (d) => {
          const request = d.record("REQUEST", (r) => r.variable("Use"));
          d.onProcessCreate("OnProcessCreate", (a) => {
            const mine = a.pointer("Mine", request);
            a.ExAllocateFromLookasideListEx(mine);
            for (let i = 0; i < taken; i++) a.ObReferenceObject(mine);
            for (let i = 0; i < dropped; i++) a.ObDereferenceObject(mine);
            a.InterlockedIncrement(mine.field("Use"));
          });
        });
        expect(crashesOf(look(driver))).toEqual(dropped > taken ? ["use after free"] : []);
      },
    ),
    { numRuns: 20 },
  );
});

/** Asks the service, which tells how its reply went. */
const asking = (timeout: "none" | "200ms", again = false) =>
  defineDriver("asking", (d) => {
    const port = d.port("Port");
    const answered = d.variable("Answered");
    const late = d.variable("Late");
    const note = d.request("NoteLate", (r) => {
      r.InterlockedIncrement(late);
    });
    d.onProcessCreate("OnProcessCreate", (a) => {
      const first = a.FltSendMessage(port, "reply", { Timeout: timeout });
      a.when(first.succeeded(), () => a.InterlockedIncrement(answered));
      if (!again) return;
      const second = a.FltSendMessage(port, "reply", { Timeout: timeout });
      a.when(second.succeeded(), () => a.InterlockedIncrement(answered));
    });
    d.service("Agent", (s) => {
      s.thread("Answer", (t) => {
        const message = t.pointer("Message");
        t.forever(() => {
          t.FilterGetMessage(port, message);
          const reply = t.FilterReplyMessage(message);
          t.when(reply.failed(), () => {
            t.DeviceIoControl(note);
          });
        });
      });
    });
  });

test("SV-6: a reply to a message whose sender gave up is nothing, and the next message is answered for itself", () => {
  const seen = look(asking("200ms"));
  expect(seen.outcomes).toEqual([]);
  // Answered; given up before it was fetched; given up after that.
  expect(seen.finals("Answered", "Late")).toEqual([
    [0, 0],
    [0, 1],
    [1, 0],
  ]);
  const twice = look(asking("200ms", true)).finals("Answered", "Late");
  for (const [answered, late] of twice) expect(answered + late).toBeLessThanOrEqual(2);
  expect(twice).toContainEqual([1, 1]);
  expect(look(asking("none", true)).finals("Answered", "Late")).toEqual([[2, 0]]);
});

test("SV-8, T17: without a reply buffer a sender goes on once its message is fetched, and not before", () => {
  const telling = (fetches: boolean, reply: "reply" | "no reply") =>
    defineDriver("telling", (d) => {
      const port = d.port("Port");
      d.onProcessCreate("OnProcessCreate", (a) => {
        a.FltSendMessage(port, reply);
      });
      d.service("Agent", (s) => {
        const never = s.event("Never", "NotificationEvent");
        s.thread("Listen", (t) => {
          const message = t.pointer("Message");
          if (fetches) t.FilterGetMessage(port, message);
          else t.FilterGetMessage(port, message, { Timeout: 0 });
          // A thread that returned would end the process, and with it the connection.
          t.WaitForSingleObject(never);
        });
      });
    });
  expect(look(telling(true, "no reply")).outcomes).toEqual([]);
  expect(look(telling(true, "reply")).outcomes).toEqual(["deadlock"]);
  expect(look(telling(false, "no reply")).outcomes).toEqual(["deadlock"]);
});

test("SV-31: a driver that completes a request without having one follows an empty pointer; a service is refused", () => {
  const completes = defineDriver("completes", (d) => {
    const kept = d.pointer("Kept");
    d.onProcessCreate("OnProcessCreate", (a) => {
      a.IoCompleteRequest(kept);
    });
  });
  expect(look(completes).outcomes).toEqual(["crash"]);
  const answers = defineDriver("answers", (d) => {
    d.service("Agent", (s) => {
      s.thread("Answer", (t) => {
        t.FilterReplyMessage(t.pointer("Message"));
      });
    });
  });
  expect(look(answers).outcomes).toEqual([]);
});

test("SV-31: a pended request is at rest until it is completed, and its end withdraws it", () => {
  const driver = defineDriver("pended", (d) => {
    const pended = d.csq("Pended");
    const completed = d.variable("Completed");
    const missed = d.variable("Missed");
    const request = d.request("NextEvent", (r) => {
      r.IoCsqInsertIrp(pended);
    });
    d.onProcessCreate("OnProcessCreate", (a) => {
      const irp = a.pointer("Irp");
      const next = a.IoCsqRemoveNextIrp(pended, irp);
      a.when(next.succeeded(), () => {
        a.IoCompleteRequest(irp);
        a.InterlockedIncrement(completed);
      }).otherwise(() => a.InterlockedIncrement(missed));
    });
    d.service("Agent", (s) => {
      s.thread("Listen", (t) => {
        t.DeviceIoControl(request);
      });
    });
  });
  const seen = look(driver);
  expect(seen.outcomes).toEqual([]);
  expect(seen.finals("Completed", "Missed")).toEqual([
    [0, 1],
    [1, 0],
  ]);
  // Ended beside it, the request is completed, withdrawn, or never made.
  const ended = look(driver, { service: { condition: "target" } });
  expect(ended.outcomes).toEqual([]);
});
