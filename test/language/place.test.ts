import { expect, test } from "vitest";
import { type Origin, origin, sourcePlace } from "../../src/language/place.ts";
import { placesIn } from "./support/refused.ts";

const placeOf = placesIn(import.meta.url);
const stack = (...frames: readonly string[]): Origin => ({
  trace: { stack: ["Error: origin", ...frames.map((frame) => `    at ${frame}`)].join("\n") },
});
const own = new URL("../../src/language/builder-call.ts", import.meta.url);

test("a place is the line that called", () => {
  const here = origin(); // <here>
  expect(sourcePlace(here)).toBe(placeOf("here"));
});

test.each([
  ["body (/home/x/drivers/acme.ts:12:5)", "drivers/acme.ts:12"],
  ["/home/x/drivers/acme.ts:12:5", "drivers/acme.ts:12"],
  ["Object.<anonymous> (file:///home/x/my%20drivers/acme.ts?v=1:12:5)", "my drivers/acme.ts:12"],
  ["new Driver (C:\\work\\drivers\\acme.ts:12:5)", "drivers/acme.ts:12"],
  ["async body (acme.ts:12:5)", "acme.ts:12"],
])("the frame %s is at %s", (frame, place) => {
  expect(sourcePlace(stack(frame))).toBe(place);
});

test("frames of the builder, of Node and of built-in functions are passed over", () => {
  const frames = [
    `callMethod (${own.href}:3:1)`,
    `callMethod (${own.pathname}:3:1)`,
    "Array.forEach (<anonymous>)",
    "node:internal/process/task_queues:95:5",
    "Module.load (node:internal/modules/cjs/loader:1:2)",
    "body (/home/x/drivers/builder-acme.ts:7:5)",
  ];
  expect(sourcePlace(stack(...frames))).toBe("drivers/builder-acme.ts:7");
});

test("without any frame of the user's there is no place", () => {
  expect(sourcePlace(stack("Array.map (<anonymous>)"))).toBeUndefined();
  expect(sourcePlace({ trace: {} })).toBeUndefined();
});

test("looking for a place leaves the depth of stacks as it was", () => {
  const limit = Error.stackTraceLimit;
  origin();
  expect(Error.stackTraceLimit).toBe(limit);
});
