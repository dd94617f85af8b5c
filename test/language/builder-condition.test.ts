import { describe, expect, test } from "vitest";
import { not } from "../../src/language/builder.ts";
import { refusedBody } from "./support/bodies.ts";
import { placesIn, refused } from "./support/refused.ts";
import { defineDriver, type KernelActivation } from "./support/tables.ts";

const placeOf = placesIn(import.meta.url);

describe("a condition that the driver does not test", () => {
  test("is an error at the line that made it", () => {
    const error = refusedBody((a) => {
      a.isCreate(); // <unused>
      a.ZwReadFile();
    });
    expect(error.place).toBe(placeOf("unused"));
    expect(error.reason).toBe(
      "the condition made here is tested nowhere. A JavaScript `if`, `?:`, `&&` or loop runs once, " +
        "while the driver is recorded; in the driver itself write a.when(condition, () => { … })",
    );
  });

  test("is an error though a helper decided on it", () => {
    const isOwn = (a: KernelActivation) => {
      const own = a.currentIs("service"); // <helper>
      return Boolean(own);
    };
    const error = refusedBody((a) => {
      const own = [a].map(isOwn)[0];
      if (own) a.ZwReadFile();
    });
    expect(error.place).toBe(placeOf("helper"));
  });

  test("is an error though a part of it, or its opposite, is tested", () => {
    const error = refusedBody((a) => {
      const create = a.isCreate();
      a.when(create, () => a.ZwReadFile());
      not(create); // <opposite>
    });
    expect(error.place).toBe(placeOf("opposite"));
  });

  test("is an error for a result, and for a condition of the whole driver", () => {
    const result = refusedBody((a) => {
      a.ZwReadFile().failed(); // <result>
    });
    expect(result.place).toBe(placeOf("result"));
    const ofDriver = refused(() =>
      defineDriver("acme", (d) => {
        d.opaque("IsProtected", "process"); // <opaque>
      }),
    );
    expect(ofDriver.place).toBe(placeOf("opaque"));
  });
});
