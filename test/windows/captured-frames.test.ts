/** What is declared in an activation captures that activation, whoever hands it on (W4; design, point 5). */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { crashesOf, look } from "./support/look.ts";

/** A callback queues an item, which queues a second one of the same callback; the second sets its event. */
const chained = (waits: boolean) =>
  defineDriver("chained", (d) => {
    d.onProcessCreate("OnCreate", (a) => {
      const done = a.event("Done", "NotificationEvent");
      const second = a.workItem("Second", (w) => {
        w.KeSetEvent(done);
      });
      const first = a.workItem("First", (w) => {
        w.IoQueueWorkItem(second, "DelayedWorkQueue");
      });
      a.IoQueueWorkItem(first, "DelayedWorkQueue");
      if (waits) a.KeWaitForSingleObject(done);
    });
  });

test("an item that queues another of its callback hands on the callback's frame, not its own", () => {
  const seen = look(chained(true));
  expect(crashesOf(seen)).toEqual([]);
  expect(seen.outcomes).toEqual([]);
});

test("an item at the end of a chain uses a frame that is gone once the callback has returned", () => {
  expect(crashesOf(look(chained(false)))).toEqual(["use after return"]);
});

/** An APC of the callback queues an item, which queues the one that sets the callback's event. */
const beside = (waits: boolean) =>
  defineDriver("beside", (d) => {
    d.onProcessCreate("OnCreate", (a) => {
      const done = a.event("Done", "NotificationEvent");
      const item = a.workItem("Item", (w) => {
        w.KeSetEvent(done);
      });
      const again = a.workItem("Again", (w) => {
        w.IoQueueWorkItem(item, "CriticalWorkQueue");
      });
      const apc = a.apc("Apc", (r) => {
        r.IoQueueWorkItem(again, "DelayedWorkQueue");
      });
      a.KeInsertQueueApc(apc, a.thread("current"), "Special");
      if (waits) a.KeWaitForSingleObject(done);
    });
  });

test("an APC that queues an item hands on the frame that it captured itself", () => {
  expect(look(beside(true)).outcomes).toEqual([]);
  expect(crashesOf(look(beside(false)))).toEqual(["use after return"]);
});

test("a system thread that is started by an item of a callback captures the callback", () => {
  const started = (waits: boolean) =>
    defineDriver("started", (d) => {
      d.onProcessCreate("OnCreate", (a) => {
        const done = a.event("Done", "NotificationEvent");
        const pump = a.systemThread("Pump", (t) => {
          t.KeSetEvent(done);
        });
        const item = a.workItem("Item", (w) => {
          w.PsCreateSystemThread(pump);
        });
        a.IoQueueWorkItem(item, "DelayedWorkQueue");
        if (waits) a.KeWaitForSingleObject(done);
      });
    });
  expect(look(started(true)).outcomes).toEqual([]);
  expect(crashesOf(look(started(false)))).toEqual(["use after return"]);
});

test("W4: handing on what is left of a gone frame harms nobody who does not use it", () => {
  const unused = defineDriver("unused", (d) => {
    const count = d.variable("Count");
    d.onProcessCreate("OnCreate", (a) => {
      const second = a.workItem("Second", (w) => {
        w.InterlockedIncrement(count);
      });
      const first = a.workItem("First", (w) => {
        w.IoQueueWorkItem(second, "DelayedWorkQueue");
      });
      a.IoQueueWorkItem(first, "DelayedWorkQueue");
    });
  });
  const seen = look(unused);
  expect(seen.outcomes).toEqual([]);
  expect(seen.finals("Count")).toEqual([[1]]);
});

test("an item whose callback has returned, or a thread of none, was called for no event", () => {
  const asks = (event: "create" | "exit", waits: boolean) =>
    look(
      defineDriver("asks", (d) => {
        const same = d.variable("Same");
        d.onProcess("OnProcess", (a) => {
          const done = a.event("Done", "NotificationEvent");
          const item = a.workItem("Item", (w) => {
            w.when(event === "create" ? w.isCreate() : w.isExit(), () =>
              w.InterlockedIncrement(same),
            );
            if (waits) w.KeSetEvent(done);
          });
          a.IoQueueWorkItem(item, "DelayedWorkQueue");
          if (waits) a.KeWaitForSingleObject(done);
        });
      }),
    ).finals("Same");
  expect(asks("create", false)).toEqual([[0]]);
  expect(asks("create", true)).toEqual([[1]]);
  expect(asks("exit", true)).toEqual([[0]]);
});
