import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../../src/base/input-error.ts";
import { InvariantError, invariant, unreachable } from "../../src/base/invariant.ts";

test("an invariant throws exactly when its condition is falsy, and then says what had to hold", () => {
  fc.assert(
    fc.property(fc.anything(), fc.string(), (condition, what) => {
      let thrown: unknown;
      try {
        invariant(condition, what);
      } catch (error) {
        thrown = error;
      }
      expect(thrown !== undefined).toBe(!condition);
      if (thrown === undefined) return;
      expect(thrown).toBeInstanceOf(InvariantError);
      expect((thrown as Error).message).toContain(what);
    }),
  );
});

test("after an invariant the compiler knows what held", () => {
  const found: string | undefined = ["KeWaitForSingleObject"].find((name) => name.startsWith("Ke"));
  invariant(found !== undefined, "the list has a routine of the kernel's");
  expect(found.length).toBe(21);
});

test("a case that no type allows is a fault of ours, and shows the value", () => {
  expect(() => unreachable({ kind: "semaphore" } as never, "object kind")).toThrow(
    new InvariantError('fault in Loophole: no such object kind: {"kind":"semaphore"}'),
  );
});

test("nobody takes a fault of ours for a fault of the input", () => {
  expect(new InvariantError("x")).not.toBeInstanceOf(InputError);
  expect(new InputError("a.ts", "x")).not.toBeInstanceOf(InvariantError);
});
