/** What the compiler refuses. None of these bodies runs: their types are the test. */
import { expect, test } from "vitest";
import { apis, type defineDriver, type KernelActivation } from "./support/tables.ts";

type Define = Parameters<typeof defineDriver>[1];
const compiles = (...bodies: readonly ((a: KernelActivation) => void)[]) => {
  expect(bodies.every((body) => typeof body === "function")).toBe(true);
};
const driverCompiles = (body: Define) => {
  expect(typeof body).toBe("function");
};

test("calls take their required parameters in order, and the others by name", () => {
  compiles((a) => {
    const done = a.event("Done", "NotificationEvent");
    a.KeWaitForSingleObject(done);
    a.KeWaitForSingleObject(done, { Timeout: "2s" });
    a.KeWaitForSingleObject(done, { WaitMode: "UserMode", Timeout: 0 });
    // @ts-expect-error nothing to wait for
    a.KeWaitForSingleObject();
    // @ts-expect-error an option goes by its name
    a.KeWaitForSingleObject(done, "2s");
    // @ts-expect-error no such option
    a.KeWaitForSingleObject(done, { Timout: "2s" });
    // @ts-expect-error no such choice
    a.KeWaitForSingleObject(done, { WaitMode: "Alertable" });
    // @ts-expect-error no such unit
    a.KeWaitForSingleObject(done, { Timeout: "2min" });
    // @ts-expect-error a call without optional parameters takes no options
    a.KeSetEvent(done, {});
  });
});

test("objects are accepted by kind", () => {
  compiles((a) => {
    const lock = a.fastMutex("Lock");
    a.ExAcquireFastMutex(lock);
    a.KeWaitForSingleObject(a.mutex("Mutex"));
    a.KeWaitForSingleObject(a.process("subject"));
    a.KeWaitForMultipleObjects([a.thread("current"), a.mutex("Other")], "WaitAny");
    a.InterlockedExchange(a.variable("Count"), 1);
    // @ts-expect-error a FAST_MUTEX is no event
    a.KeSetEvent(lock);
    // @ts-expect-error a FAST_MUTEX cannot be waited for
    a.KeWaitForSingleObject(lock);
    // @ts-expect-error one object where several belong
    a.KeWaitForMultipleObjects(lock, "WaitAny");
    // @ts-expect-error a name is no handle
    a.KeSetEvent("Done");
    // @ts-expect-error an event says of which kind it is
    a.event("Untold");
  });
});

test("routines are accepted by role", () => {
  driverCompiles((d) => {
    const item = d.workItem("Item", (w) => {
      w.IoQueueWorkItem(w.self, "DelayedWorkQueue");
    });
    const helper = d.routine("Helper", () => {});
    const ask = d.request("Ask", () => {});
    d.onProcess("Callback", (a) => {
      const local = a.workItem("Local", () => {});
      a.IoQueueWorkItem(item, "DelayedWorkQueue");
      a.IoQueueWorkItem(local, "DelayedWorkQueue");
      a.WdfWorkItemFlush(item);
      a.call(helper);
      // @ts-expect-error an item of an activation is no object of the driver
      a.WdfWorkItemFlush(local);
      // @ts-expect-error a function is not queued
      a.IoQueueWorkItem(helper, "DelayedWorkQueue");
      // @ts-expect-error a work item is not called
      a.call(item);
      // @ts-expect-error the kernel does not send requests
      a.DeviceIoControl(ask);
    });
    d.service("Agent", (s) => {
      s.thread("Worker", (t) => {
        t.DeviceIoControl(ask);
        // @ts-expect-error a kernel call
        t.ZwReadFile();
        // @ts-expect-error a question of kernel code
        t.isCreate();
      });
    });
  });
});

test("results can be tested if the call can have them", () => {
  compiles((a) => {
    const wait = a.KeWaitForSingleObject(a.thread("subject"));
    wait.timedOut();
    wait.succeeded();
    wait.is("timeout");
    const any = a.KeWaitForMultipleObjects([a.thread("subject")], "WaitAny");
    any.is("object1");
    // @ts-expect-error such a wait does not fail
    wait.failed();
    // @ts-expect-error nor is it disconnected
    wait.is("disconnected");
    // @ts-expect-error setting an event has no result
    a.KeSetEvent(a.event("Done", "NotificationEvent")).succeeded();
  });
});

test("families make their methods", () => {
  driverCompiles((d) => {
    d.onProcess("A", () => {});
    d.onProcessCreate("B", () => {});
    d.onThreadExit("C", () => {});
    d.onImage("D", () => {});
    d.onObjectOpen("E", () => {});
    // @ts-expect-error the one event of a family is the family
    d.onImageCreate("F", () => {});
    // @ts-expect-error no such family
    d.onRegistry("G", () => {});
  });
});

test("pointers know their record's fields", () => {
  driverCompiles((d) => {
    const entry = d.record("Entry", (r) => r.event("Done", "NotificationEvent").variable("Refs"));
    const loose = d.record("Loose", (r) => {
      r.fastMutex("Lock");
    });
    d.onProcess("Callback", (a) => {
      const first = a.pointer("First", entry);
      a.KeSetEvent(first.field("Done"));
      first.field("Refs").below(3);
      a.ExAcquireFastMutex(a.pointer("Second", loose).field("Lock"));
      a.AllocateRecord(entry, first);
      // @ts-expect-error no such field
      first.field("Dome");
      // @ts-expect-error a variable is no event
      a.KeSetEvent(first.field("Refs"));
      // @ts-expect-error only variables are compared
      first.field("Done").below(3);
      // @ts-expect-error without a record there are no fields
      a.pointer("Irp").field("Done");
    });
  });
});

test("conditions are not host values", () => {
  compiles((a) => {
    // @ts-expect-error a boolean is decided here and now
    a.when(true, () => {});
    // @ts-expect-error a call is not its result
    a.when(a.ZwReadFile(), () => {});
    // @ts-expect-error a subject is always the subject
    a.subjectIs("subject");
    // @ts-expect-error only objects of each process are some process's
    a.event("Done", "NotificationEvent").of("current");
  });
});

test("the tables of tests have literal types, as these tests need", () => {
  const name: "ZwReadFile" = apis[0].name;
  expect(name).toBe("ZwReadFile");
});
