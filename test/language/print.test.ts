import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvariantError } from "../../src/base/invariant.ts";
import type {
  Condition,
  DriverModel,
  Operand,
  Routine,
  Statement,
} from "../../src/language/model.ts";
import {
  operationId,
  operationIds,
  printCondition,
  printDecl,
  printDuration,
  printRoutine,
  printStatement,
} from "../../src/language/print.ts";
import { walk } from "../../src/language/validate-statement.ts";
import { windowsTables } from "../../src/windows/language.ts";
import { drivers } from "./support/drivers.ts";
import { apis, defineDriver } from "./support/tables.ts";

const driver = defineDriver("acme", (d) => {
  const patience = d.setting("Patience", "3s");
  const reply = d.event("Reply", "SynchronizationEvent");
  const entry = d.record("Entry", (r) => r.event("Done", "NotificationEvent"));
  const creates = d.perProcess.variable("Creates");
  const helper = d.routine("Helper", (a) => a.ZwReadFile());
  d.onProcess("Callback", (a) => {
    const done = a.event("ScanDone", "NotificationEvent");
    const first = a.pointer("First", entry);
    const scan = a
      .workItem("Scan", (w) => {
        w.KeSetEvent(done);
      })
      .at("acme.c:90");
    a.AllocateRecord(entry, first);
    a.IoQueueWorkItem(scan, "DelayedWorkQueue").at("acme.c:120");
    a.KeWaitForSingleObject(done);
    a.KeWaitForSingleObject(a.process("subject"), { Timeout: "1.5ms", WaitMode: "UserMode" });
    const any = a.KeWaitForMultipleObjects([reply, first.field("Done")], "WaitAny", {
      Timeout: patience,
    });
    a.when(any.is("object1"), () => a.call(helper)).otherwise(() => a.veto());
    a.repeat(3, () => a.InterlockedExchange(creates.of("current"), 7));
    a.poll({ until: a.apcsDisabled(), limit: "forever" }, () => a.KeDelayExecutionThread(0));
    a.other("FltFoo", { cost: "2ms", waitsFor: reply, raises: "thread" });
    a.return();
  });
});
const routine = (name: string): Routine =>
  driver.routines.find((one) => one.name === name) ?? expect.fail(name);

test("a routine reads like the C that it models", () => {
  expect(printRoutine(routine("Callback"), apis)).toBe(
    `Callback: callback
  KEVENT ScanDone (NotificationEvent)
  Entry *First
  AllocateRecord(Entry, First)
  IoQueueWorkItem(Scan, DelayedWorkQueue)  // acme.c:120
  KeWaitForSingleObject(ScanDone, no timeout)
  KeWaitForSingleObject(the subject process, timeout 1.5 ms, UserMode)
  KeWaitForMultipleObjects({Reply, First->Done}, WaitAny, timeout Patience)
  if KeWaitForMultipleObjects#1 was satisfied by the second object
    Helper()
  else
    CreationStatus = an error
  repeat 3 times
    InterlockedExchange(Creates of the current process, 7)
  until all APCs are disabled, without limit
    KeDelayExecutionThread(0)
  FltFoo() [assumed: takes 2 ms, waits for Reply, raises thread callbacks]
  return
`,
  );
  expect(printRoutine(routine("Scan"), apis)).toBe(
    `Scan: work item in the frame of Callback  // acme.c:90
  KeSetEvent(ScanDone)
`,
  );
});

test("a call that the table lacks is printed as it stands", () => {
  const call: Statement = { kind: "call", api: "KeFoo", args: { B: 1, A: { ref: "Reply" } } };
  expect(printStatement(call, apis)).toBe("KeFoo(1, Reply)");
});

test.each<[Condition, string]>([
  [{ kind: "event", is: "create" }, "this is a create"],
  [{ kind: "role", who: "current", is: "service" }, "the current process is the service"],
  [
    { kind: "role", who: "parent", is: "service", service: "Agent" },
    "the parent process is service Agent",
  ],
  [{ kind: "role", who: "subject", is: "system" }, "the subject process is System"],
  [{ kind: "compare", variable: { ref: "Count" }, op: ">=", value: 3 }, "Count >= 3"],
  [{ kind: "result", of: "KeWait#1", is: "timeout" }, "KeWait#1 timed out"],
  [{ kind: "not", test: { kind: "opaque", name: "IsOdd" } }, "not IsOdd"],
  [
    {
      kind: "or",
      tests: [
        { kind: "kernelHandle" },
        { kind: "and", tests: [{ kind: "causedByOwnWork" }, { kind: "opaque", name: "IsOdd" }] },
      ],
    },
    "it is a kernel handle or (the driver itself caused this and IsOdd)",
  ],
])("the condition %j is said in words", (condition, words) => {
  expect(printCondition(condition)).toBe(words);
});

test.each([
  [0, "0 µs"],
  [40, "40 µs"],
  [1_500, "1.5 ms"],
  [250_000, "250 ms"],
  [2_000_000, "2 s"],
  [1_000_001, "1000.001 ms"],
])("%d microseconds are %s", (us, words) => {
  expect(printDuration(us)).toBe(words);
});

test("declarations read like those of C", () => {
  expect(printDecl({ name: "Count", kind: "variable", initial: 3 })).toBe("variable Count = 3");
  expect(printDecl({ name: "Go", kind: "SynchronizationEvent", initial: 1 })).toBe(
    "KEVENT Go (SynchronizationEvent, signalled)",
  );
  expect(printDecl({ name: "Irp", kind: "pointer" })).toBe("pointer Irp");
  expect(printDecl({ name: "Lock", kind: "FAST_MUTEX" })).toBe("FAST_MUTEX Lock");
});

describe("the id of an operation", () => {
  test("is its routine with what is done to what, and its place among equals, or its label", () => {
    const ids = defineDriver("acme", (d) => {
      const helper = d.routine("Helper", (a) => a.ZwReadFile());
      const reply = d.event("Reply", "SynchronizationEvent");
      const stop = d.event("Stop", "NotificationEvent");
      const patience = d.setting("Patience", "3s");
      d.onProcess("Callback", (a) => {
        a.ZwReadFile();
        a.when(a.isCreate(), () => a.ZwReadFile().label("ask-service")).otherwise(() => {
          a.ZwReadFile();
          a.call(helper);
        });
        a.KeSetEvent(reply);
        a.KeSetEvent(stop);
        a.KeSetEvent(reply);
        a.KeWaitForMultipleObjects([reply, stop], "WaitAny");
        a.KeWaitForSingleObject(a.process("subject"));
        a.KeDelayExecutionThread(patience);
        a.other("FltFoo", { cost: 1 });
      });
    });
    expect([...operationIds(ids).values()]).toEqual([
      "Helper/ZwReadFile",
      "Callback/ZwReadFile",
      "Callback/if(this is a create)",
      "Callback/ask-service",
      "Callback/ZwReadFile#3",
      "Callback/Helper()",
      "Callback/KeSetEvent(Reply)",
      "Callback/KeSetEvent(Stop)",
      "Callback/KeSetEvent(Reply)#2",
      "Callback/KeWaitForMultipleObjects(Reply, Stop)",
      "Callback/KeWaitForSingleObject(process subject)",
      "Callback/KeDelayExecutionThread(Patience)",
      "Callback/FltFoo",
    ]);
  });

  test("of what has no object is what it tests, or whose branch it ends", () => {
    const ids = defineDriver("acme", (d) => {
      const reply = d.event("Reply", "SynchronizationEvent");
      const isOdd = d.opaque("IsOdd", "driver");
      const count = d.variable("Count");
      d.onProcess("Callback", (a) => {
        const wait = a.KeWaitForSingleObject(reply, { Timeout: "1s" });
        a.when(wait.timedOut(), () => a.return()).otherwise(() => a.veto());
        a.when(isOdd.not(), () => a.return());
        a.repeat(3, () => a.poll({ until: count.equals(0), limit: 5 }, () => a.ZwReadFile()));
        a.when(isOdd.or(count.equals(1), a.isExit(), a.apcsDisabled()), () => a.return());
        a.return();
      });
    });
    expect([...operationIds(ids).values()]).toEqual(
      [
        "KeWaitForSingleObject(Reply)",
        "if(KeWaitForSingleObject(Reply) timed out)",
        "return(KeWaitForSingleObject(Reply) timed out)",
        "veto(not KeWaitForSingleObject(Reply) timed out)",
        "if(IsOdd)",
        "return(not IsOdd)",
        "repeat(3)",
        "poll(Count == 0)",
        "ZwReadFile",
        "if(IsOdd, Count == 1, …)",
        "return(IsOdd, Count == 1, …)",
        "return",
      ].map((id) => `Callback/${id}`),
    );
  });

  test("is the same asked for one by one", () => {
    for (const one of driver.routines) {
      walk(one.body, [], (statement) => {
        expect(operationId(one, statement)).toBe(operationIds(driver).get(statement));
      });
    }
  });

  test("belongs to one statement, and each statement has one", () => {
    fc.assert(
      fc.property(drivers, (model) => {
        const ids = operationIds(model);
        expect(new Set(ids.values()).size).toBe(ids.size);
        let statements = 0;
        for (const { body } of model.routines) {
          walk(body, [], (statement) => {
            statements++;
            expect(ids.has(statement)).toBe(true);
          });
        }
        expect(ids.size).toBe(statements);
      }),
    );
  });

  test("cannot be given to a statement that stands twice", () => {
    const twice: Statement = { kind: "return" };
    const model: DriverModel = {
      ...driver,
      routines: [{ name: "A", role: "entry", locals: [], body: [twice, twice] }],
    };
    expect(() => operationIds(model)).toThrow(InvariantError);
  });
});

test("every statement has one line, and every branch that is not taken one more", () => {
  fc.assert(
    fc.property(drivers, (model) => {
      for (const one of model.routines) {
        let lines = 1 + one.locals.length;
        walk(one.body, [], (statement) => {
          lines += statement.kind === "if" && statement.else !== undefined ? 2 : 1;
        });
        const text = printRoutine(one, apis);
        expect(text.split("\n").length - 1).toBe(lines);
        expect(text).not.toContain("undefined");
      }
    }),
  );
});

test("a time that a call takes, or a period, does not read as a timeout", () => {
  const print = (api: string, args: Record<string, Operand>): string =>
    printStatement({ kind: "call", api, args }, windowsTables.apis);
  const ms = (timeout: number): Operand => ({ timeout: timeout * 1000 });
  expect(print("Compute", { Time: ms(10) })).toBe("Compute(10 ms)");
  expect(print("KeDelayExecutionThread", { Interval: ms(2000) })).toContain("(2 s");
  const timer = { Timer: { ref: "Beat" }, DueTime: ms(50), Period: ms(100) };
  expect(print("KeSetTimerEx", timer)).toBe("KeSetTimerEx(Beat, 50 ms, 100 ms)");
  const wait = { Object: { ref: "Done" }, Timeout: ms(2000) };
  expect(print("KeWaitForSingleObject", wait)).toContain("(Done, timeout 2 s");
});
