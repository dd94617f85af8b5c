/** Bodies that the builder refuses. */
import type { InputError } from "../../../src/base/input-error.ts";
import { refused } from "./refused.ts";
import { defineDriver, type KernelActivation } from "./tables.ts";

/** What is wrong with this body of a process callback. */
export const refusedBody = (body: (a: KernelActivation) => void): InputError =>
  refused(() => defineDriver("acme", (d) => d.onProcess("Callback", body)));

/** Drivers in JavaScript know no types. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export const untyped = (value: unknown): any => value;
