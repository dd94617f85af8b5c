import { describe, expect, test } from "vitest";
import { and, makeDefineDriver } from "../../src/language/builder.ts";
import { refusedBody, untyped } from "./support/bodies.ts";
import { placesIn, refused } from "./support/refused.ts";
import { apis, defineDriver, families, type KernelActivation } from "./support/tables.ts";

const placeOf = placesIn(import.meta.url);

describe("a word that nobody knows", () => {
  test("suggests the call that was meant", () => {
    const error = refusedBody((a) => {
      untyped(a).KeSetEvnt(); // <unknown>
    });
    expect(error.place).toBe(placeOf("unknown"));
    expect(error.reason).toBe(
      'unknown call KeSetEvnt; did you mean "KeSetEvent"? If the table lacks it, write other("KeSetEvnt", { cost: … })',
    );
  });

  test("of control flow names what the language has for it", () => {
    const reason = (word: string) => refusedBody((a) => untyped(a)[word]()).reason;
    for (const word of ["break", "continue", "while", "for"]) {
      expect(reason(word)).toMatch(new RegExp(`^the language has no ${word}: .*a\\.poll\\(`));
    }
    expect(reason("else")).toMatch(/^the language has no else: .*\.otherwise\(/);
  });

  test("says so when a call is of the other mode", () => {
    const inKernel = refusedBody((a) => {
      untyped(a).DeviceIoControl(); // <kernel>
    });
    expect(inKernel.place).toBe(placeOf("kernel"));
    expect(inKernel.reason).toBe("DeviceIoControl is a user-mode call, and this is kernel code");
    const inService = refused(() =>
      defineDriver("acme", (d) => {
        d.service("Agent", (s) => {
          s.thread("Worker", (t) => {
            untyped(t).ZwReadFile();
          });
        });
      }),
    );
    expect(inService.reason).toBe(
      "ZwReadFile is a kernel-mode call, and this is a thread of a service",
    );
  });

  test("is refused of drivers, services and records too", () => {
    const refusedDriver = (body: Parameters<typeof defineDriver>[1]) =>
      refused(() => defineDriver("acme", body)).reason;
    expect(refusedDriver((d) => untyped(d).onProcesCreate())).toBe(
      'd has no onProcesCreate; did you mean "onProcessCreate"?',
    );
    expect(refusedDriver((d) => untyped(d.perProcess).events())).toBe(
      'd.perProcess declares no events; did you mean "event"?',
    );
    expect(refusedDriver((d) => d.record("Entry", (r) => untyped(r).fastMutx()))).toBe(
      'record Entry declares no fastMutx; did you mean "fastMutex"?',
    );
    expect(refusedDriver((d) => d.service("Agent", (s) => untyped(s).tread()))).toBe(
      'service Agent declares no tread; did you mean "thread"?',
    );
  });
});

describe("arguments are checked at their line", () => {
  test.each<[string, (a: KernelActivation) => unknown, string]>([
    [
      "too few",
      (a) => untyped(a).KeSetEvent(),
      "KeSetEvent(Event) is how it is called; here are 0 arguments",
    ],
    [
      "too many",
      (a) => untyped(a).ZwReadFile(1),
      "ZwReadFile() is how it is called; here are 1 arguments",
    ],
    [
      "the wrong kind of object",
      (a) => a.KeSetEvent(untyped(a.fastMutex("Lock"))),
      "KeSetEvent: Event takes NotificationEvent or SynchronizationEvent, not FAST_MUTEX Lock",
    ],
    [
      "no object",
      (a) => a.KeSetEvent(untyped("Done")),
      'KeSetEvent: Event takes NotificationEvent or SynchronizationEvent, not "Done"',
    ],
    [
      "an unknown option",
      (a) => a.KeWaitForSingleObject(a.thread("subject"), untyped({ Timout: "1s" })),
      'KeWaitForSingleObject has no option "Timout"; did you mean "Timeout"?',
    ],
    [
      "a time without a unit",
      (a) => a.KeDelayExecutionThread(untyped("500")),
      'KeDelayExecutionThread: Interval takes a time: whole microseconds, or a text such as "500ms" or "2s", under a week; not "500"',
    ],
    [
      "a week",
      (a) => a.KeDelayExecutionThread("604800s"),
      'KeDelayExecutionThread: Interval takes a time: whole microseconds, or a text such as "500ms" or "2s", under a week; not "604800s"',
    ],
    [
      "an unknown choice",
      (a) =>
        a.IoQueueWorkItem(
          a.workItem("Scan", () => {}),
          untyped("SlowWorkQueue"),
        ),
      'IoQueueWorkItem: QueueType is one of CriticalWorkQueue, DelayedWorkQueue, not "SlowWorkQueue"',
    ],
    [
      "a routine of another role",
      (a) => a.IoQueueWorkItem(untyped(a.systemThread("Pump", () => {})), "DelayedWorkQueue"),
      "IoQueueWorkItem: WorkItem takes a work item, not system thread Pump",
    ],
    [
      "a result that the call never has",
      (a) => untyped(a.KeSetEvent(a.event("Done", "NotificationEvent"))).timedOut(),
      'KeSetEvent comes back with nothing; not with "timeout"',
    ],
    [
      "a host value for a condition",
      (a) => a.when(untyped(true), () => {}),
      "a condition of the driver belongs here, not true; decide host values with a plain if around the statement",
    ],
    [
      "a place that is none",
      (a) => a.ZwReadFile().at("line 12"),
      'a place in the C source is "file.c:123", not "line 12"',
    ],
    [
      "a label that is none",
      (a) => a.ZwReadFile().label("a b"),
      'a label is a short name such as "ask-service", not "a b"',
    ],
    ["a body that is none", (a) => a.forever(untyped(undefined)), "a function is missing here"],
    [
      "an otherwise too late",
      (a) => {
        const branch = a.when(a.isCreate(), () => {});
        a.ZwReadFile();
        branch.otherwise(() => {});
      },
      "otherwise stands right behind its a.when(…), and once",
    ],
    [
      "an asynchronous body",
      (a) => a.forever(async () => {}),
      "this function is asynchronous or a generator; a body is recorded in one go",
    ],
    [
      "a bound function, which has no source",
      (a) => a.forever((() => {}).bind(undefined)),
      "the source of this function cannot be read: write the function in place",
    ],
  ])("%s", (_, call, reason) => {
    const error = refusedBody((a) => {
      call(a);
    });
    expect(error.reason).toBe(reason);
    expect(error.place).toMatch(/^language\/builder-call\.test\.ts:\d+$/);
  });

  test("of and, or, not as well", () => {
    const error = refused(() => and(untyped(true))); // <and>
    expect(error.place).toBe(placeOf("and"));
  });
});

test("tables that give one name to two things are refused", () => {
  expect(refused(() => makeDefineDriver([...apis, apis[0]], families)).reason).toBe(
    "apis give the name ZwReadFile twice",
  );
  const cleanup = { ...families[2], name: "cleanup" };
  expect(refused(() => makeDefineDriver(apis, [cleanup])).reason).toBe(
    "families give the name onCleanup twice",
  );
});
