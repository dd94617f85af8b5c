import { describe, expect, test } from "vitest";
import { refusedBody, untyped } from "./support/bodies.ts";
import { placesIn } from "./support/refused.ts";
import type { KernelActivation } from "./support/tables.ts";

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
    ["a call as JSON", (a) => JSON.stringify(a.ZwReadFile()), "a statement"],
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

  test("a body that catches the error does not get away with it", () => {
    const error = refusedBody((a) => {
      try {
        untyped(a).KeSetEvnt(); // <caught>
      } catch {}
    });
    expect(error.place).toBe(placeOf("caught"));
  });
});
