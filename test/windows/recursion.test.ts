/** A callback that stands behind itself: when that ends, and when it cannot. */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { look } from "./support/look.ts";

/** A process callback that creates a process while `Depth` is below a limit. */
const nested = (limit: number, after: "comes back" | "stays") =>
  defineDriver("nested", (d) => {
    const depth = d.variable("Depth");
    d.onProcessCreate("OnProcessCreate", (a) => {
      a.when(depth.below(limit), () => {
        a.InterlockedIncrement(depth);
        a.ZwCreateUserProcess();
        if (after === "comes back") a.InterlockedDecrement(depth);
      });
    });
  });

test.each([2, 3, 4])("R8: a recursion that a counter ends after %i rounds is none", (limit) => {
  const seen = look(nested(limit, "stays"));
  expect(seen.outcomes).toEqual([]);
  expect(seen.boundHits).toBe(0);
});

test("R8: a recursion that a counter ends beyond what the model has room for meets a bound", () => {
  const seen = look(nested(1_000, "stays"));
  expect(seen.outcomes).toEqual([]);
  expect(seen.boundHits).toBeGreaterThan(0);
});

test("R8: a recursion that nothing ends crashes, whatever is only counted, locked or entered on the way", () => {
  const drivers = [
    defineDriver("plain", (d) => {
      d.onProcessCreate("OnProcessCreate", (a) => a.ZwCreateUserProcess());
    }),
    defineDriver("counts", (d) => {
      const calls = d.variable("Calls");
      d.onProcessCreate("OnProcessCreate", (a) => {
        a.InterlockedIncrement(calls);
        a.ZwCreateUserProcess();
      });
    }),
    defineDriver("locks", (d) => {
      const lock = d.mutex("Lock");
      d.onProcessCreate("OnProcessCreate", (a) => {
        a.KeWaitForSingleObject(lock);
        a.ZwCreateUserProcess();
        a.KeReleaseMutex(lock);
      });
    }),
  ];
  for (const driver of drivers) {
    const seen = look(driver);
    expect(seen.outcomes).toEqual(["crash"]);
    expect(seen.observations.find(({ target }) => target.outcome === "crash")?.rules).toEqual([
      "R8",
    ]);
  }
});

test("four callbacks of different events on one stack are no recursion", () => {
  const driver = defineDriver("different", (d) => {
    d.onProcessCreate("OnProcess", (a) => a.ZwReadFile());
    d.onThreadCreate("OnThread", (a) => a.ZwReadFile());
    d.onImage("OnImage", (a) => a.ZwReadFile());
  });
  expect(look(driver).outcomes).toEqual([]);
});

test.each([2, 3])(
  "P14: creations nested in a service of %i threads end with its threads: for good without a timeout only",
  (count) => {
    const driver = (timeout: "1s" | undefined) =>
      defineDriver("asks", (d) => {
        const port = d.port("Port");
        d.onProcessCreate("OnProcessCreate", (a) => {
          a.FltSendMessage(port, "reply", timeout === undefined ? {} : { Timeout: timeout });
        });
        d.service("Agent", (s) => {
          s.thread(
            "Answer",
            (t) => {
              const message = t.pointer("Message");
              t.FilterGetMessage(port, message);
              t.CreateProcess();
              t.FilterReplyMessage(message);
            },
            { count },
          );
        });
      });
    expect(look(driver(undefined)).outcomes).toEqual(["deadlock"]);
    expect(look(driver("1s")).outcomes).toEqual([]);
  },
);
