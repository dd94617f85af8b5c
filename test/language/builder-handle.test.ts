import { describe, expect, test } from "vitest";
import { refusedBody, untyped } from "./support/bodies.ts";
import { placesIn, refused } from "./support/refused.ts";
import { defineDriver, type KernelActivation } from "./support/tables.ts";

const placeOf = placesIn(import.meta.url);

describe("what stands for the driver has no value in JavaScript", () => {
  test.each<[string, (a: KernelActivation) => unknown, string]>([
    ["a variable in arithmetic", (a) => untyped(a.variable("Count")) + 1, "variable Count"],
    ["a variable in an order", (a) => untyped(a.variable("Count")) < 1, "variable Count"],
    [
      "an event in a text",
      (a) => `${untyped(a.event("Done", "NotificationEvent"))}`,
      "NotificationEvent Done",
    ],
    ["a call as JSON", (a) => JSON.stringify(a.ZwReadFile()), "the call of ZwReadFile"],
    ["a condition as a text", (a) => String(a.isCreate()), "a condition"],
    ["a recorder as JSON", (a) => JSON.stringify({ a }), "the parameter of the body of Callback"],
  ])("%s", (_, convert, words) => {
    const error = refusedBody((a) => {
      convert(a);
    });
    expect(error.place).toMatch(/^language\/builder-handle\.test\.ts:\d+$/);
    expect(error.reason).toBe(
      `${words} has no value in JavaScript: it stands for something in the driver. Use its methods, or test it with a.when`,
    );
  });

  test("what it is asked, and does not know, is an error with advice, not undefined", () => {
    const asked = (use: (a: KernelActivation, entry: unknown) => unknown): string =>
      refused(() =>
        defineDriver("acme", (d) => {
          const entry = d.record("Entry", (r) => r.event("Done", "NotificationEvent"));
          d.onProcess("OnProcess", (a) => {
            use(a, untyped(a.pointer("Mine", entry)));
          });
        }),
      ).reason;
    const told =
      "Whether it points to anything is told by the call that fills it: const got = …, got.succeeded()";
    expect(asked((a, mine) => a.when(untyped(mine).isNull, () => {}))).toBe(
      `pointer Mine has no isNull: its fields are .field("Done"). ${told}`,
    );
    expect(asked((a, mine) => a.KeSetEvent(untyped(mine).Done))).toBe(
      'pointer Mine has no Done: that field is .field("Done")',
    );
    expect(asked((a, mine) => a.KeSetEvent(untyped(mine).field.Done))).toBe(
      'a field is a call here: .field("Done")',
    );
    expect(asked((a) => untyped(a.pointer("Irp")).isNull())).toBe(
      `pointer Irp has no isNull. ${told}`,
    );
    expect(asked((a) => untyped(a.variable("Count")).equal(1))).toBe(
      'variable Count has no equal; did you mean "equals"?',
    );
    expect(asked((a) => untyped(a.ZwReadFile()).timedout())).toBe(
      'the call of ZwReadFile has no timedout; did you mean "timedOut"?',
    );
    expect(asked((a) => untyped(a.isCreate()).then_())).toBe(
      "a condition has no then_: it has not, and, or",
    );
    expect(asked((a) => untyped(a.event("Done", "NotificationEvent")).state)).toBe(
      "NotificationEvent Done has no state: it has nothing to ask it",
    );
  });

  test("nothing is assigned to it", () => {
    const error = refusedBody((a) => {
      untyped(a.variable("Count")).value = 3; // <assigned>
    });
    expect(error.place).toBe(placeOf("assigned"));
    expect(error.reason).toMatch(/^variable Count has no value to assign to: /);
  });

  test("a body that catches the error does not get away with it", () => {
    const error = refusedBody((a) => {
      try {
        untyped(a).KeSetEvnt(); // <caught>
      } catch {}
    });
    expect(error.place).toBe(placeOf("caught"));
  });
});
