import { describe, expect, test } from "vitest";
import { refusedBody, untyped } from "./support/bodies.ts";
import { placesIn, refused } from "./support/refused.ts";
import { defineDriver, type KernelActivation } from "./support/tables.ts";

const placeOf = placesIn(import.meta.url);

describe("a recorder belongs to its own function", () => {
  test("that of an outer body is refused inside", () => {
    const error = refusedBody((a) => {
      const done = a.event("Done", "NotificationEvent");
      const scan = a.workItem("Scan", () => {
        a.KeSetEvent(done); // <outer>
      });
      a.IoQueueWorkItem(scan, "DelayedWorkQueue");
    });
    expect(error.place).toBe(placeOf("outer"));
    expect(error.reason).toBe(
      "this records into the body of Callback, but stands in the body of Scan: use the parameter of that function",
    );
  });

  test("that of the driver is refused in a body", () => {
    const error = refused(() =>
      defineDriver("acme", (d) => {
        d.onProcess("Callback", () => {
          d.fastMutex("Lock"); // <driver>
        });
      }),
    );
    expect(error.place).toBe(placeOf("driver"));
  });

  test("that of a finished body or driver is refused for ever", () => {
    let kept: KernelActivation | undefined;
    const error = refused(() =>
      defineDriver("acme", (d) => {
        d.onProcess("Callback", (a) => {
          kept = a;
        });
        d.onImage("OnImage", () => {
          kept?.ZwReadFile(); // <late>
        });
      }),
    );
    expect(error.place).toBe(placeOf("late"));
    expect(error.reason).toBe(
      "the body of Callback has been recorded: its parameter means nothing any more",
    );
    expect(refused(() => kept?.ZwReadFile()).reason).toBe(error.reason);
  });

  test("a condition holds only where it was made", () => {
    const error = refusedBody((a) => {
      const create = a.isCreate();
      const scan = a.workItem("Scan", (w) => {
        w.when(create, () => w.ZwReadFile()); // <condition>
      });
      a.IoQueueWorkItem(scan, "DelayedWorkQueue");
      a.when(create, () => a.ZwReadFile());
    });
    expect(error.place).toBe(placeOf("condition"));
    expect(error.reason).toContain("this condition was made in the body of Callback");
  });

  test("a frame's objects and items are out of reach elsewhere", () => {
    let done: ReturnType<KernelActivation["event"]> | undefined;
    const error = refused(() =>
      defineDriver("acme", (d) => {
        d.onProcess("Callback", (a) => {
          done = a.event("Done", "NotificationEvent");
        });
        d.onImage("OnImage", (a) => {
          a.KeSetEvent(untyped(done)); // <frame>
        });
      }),
    );
    expect(error.place).toBe(placeOf("frame"));
    expect(error.reason).toBe(
      "NotificationEvent Done belongs to the body of Callback and is out of reach here: declare it with d if several routines share it",
    );
  });

  test("another driver's objects are refused", () => {
    let lock: unknown;
    defineDriver("other", (d) => {
      lock = d.fastMutex("Lock");
    });
    const error = refusedBody((a) => {
      a.ExAcquireFastMutex(untyped(lock)); // <foreign>
    });
    expect(error.place).toBe(placeOf("foreign"));
    expect(error.reason).toBe("FAST_MUTEX Lock belongs to another driver, other");
  });
});

describe("names", () => {
  test("are declared once", () => {
    const error = refused(() =>
      defineDriver("acme", (d) => {
        d.fastMutex("Lock"); // <first>
        d.onProcess("Callback", (a) => {
          a.event("Lock", "NotificationEvent"); // <second>
        });
      }),
    );
    expect(error.place).toBe(placeOf("second"));
    expect(error.reason).toBe(
      `"Lock" is declared twice in this driver, whose names all differ, those in its routines included; the first is at ${placeOf("first")}`,
    );
  });

  test("are identifiers of C", () => {
    const error = refused(() => defineDriver("acme", (d) => d.fastMutex("my lock")));
    expect(error.reason).toBe('a name of a FAST_MUTEX is an identifier of C, not "my lock"');
  });

  test("of fields are those of the record", () => {
    const error = refused(() =>
      defineDriver("acme", (d) => {
        const entry = d.record("Entry", (r) => {
          r.event("Done", "NotificationEvent");
        });
        d.pointer("First", entry).field("Dome"); // <field>
      }),
    );
    expect(error.place).toBe(placeOf("field"));
    expect(error.reason).toBe('record Entry has no field "Dome"; did you mean "Done"?');
  });

  test("of labels are used once in a routine", () => {
    const error = refusedBody((a) => {
      a.ZwReadFile().label("read");
      a.ZwReadFile().label("read"); // <label>
    });
    expect(error.place).toBe(placeOf("label"));
  });
});

describe("what only the whole driver shows", () => {
  test("stands at the line of the part that is wrong", () => {
    const unqueued = refusedBody((a) => {
      a.workItem("Scan", () => {}); // <unqueued>
    });
    expect(unqueued.place).toBe(placeOf("unqueued"));
    expect(unqueued.reason).toBe(
      'nothing starts, queues or calls workItem "Scan" (acme, routine Scan)',
    );
    const unknownService = refusedBody((a) => {
      const test = a.currentIs("service", "Agnt");
      a.when(test, () => {}); // <service>
    });
    expect(unknownService.place).toBe(placeOf("service"));
    const tooOften = refusedBody((a) => {
      a.repeat(0, () => {}); // <repeat>
    });
    expect(tooOften.place).toBe(placeOf("repeat"));
  });
});
