import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../../src/base/input-error.ts";

const textWithBreaks = fc
  .array(fc.oneof(fc.string(), fc.constantFrom("\n", "\r\n", "\r", "\u2028", "\u0085")))
  .map((parts) => parts.join(""));

test("whatever the reason, the message is one line that starts with the place", () => {
  fc.assert(
    fc.property(textWithBreaks, (reason) => {
      const error = new InputError("drivers[0].routines[2]", reason);
      expect(error.message).toBe(`drivers[0].routines[2]: ${error.reason}`);
      expect(error.message).not.toMatch(/[\n\r\v\f\u0085\u2028\u2029]/);
    }),
  );
});

test("a reason of one line is kept as it is", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[!-~]([ -~]*[!-~])?$/), (reason) => {
      expect(new InputError("--seed", reason).reason).toBe(reason);
    }),
  );
});

test("an input error reads like a compiler's", () => {
  const cause = new SyntaxError("Unexpected token");
  const error = new InputError("acme.driver.ts:12", "no routine\n  is named Foo\n", { cause });
  expect(error.message).toBe("acme.driver.ts:12: no routine is named Foo");
  expect(error.place).toBe("acme.driver.ts:12");
  expect(error.name).toBe("InputError");
  expect(error.cause).toBe(cause);
});

test("a place or a reason as long as a file is cut short", () => {
  const { message } = new InputError("x".repeat(100_000), "y".repeat(100_000));
  expect(message.length).toBeLessThan(2_100);
  expect(message).toContain("x…: y");
});
