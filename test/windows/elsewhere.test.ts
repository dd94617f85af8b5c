/** Calls of the WDK that the table lacks: one line names the place, and what to write. */
import { expect, test } from "vitest";
import { InputError } from "../../src/base/input-error.ts";
import { sayOtherwise } from "../../src/windows/api/elsewhere.ts";
import { apiTable } from "../../src/windows/api/table.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";

const told = (call: string): InputError => {
  try {
    defineDriver("asks", (d) => {
      d.onProcessCreate("OnCreate", (a) => {
        (a as unknown as Record<string, () => void>)[call]();
      });
    });
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error(`${call} was taken`);
};

const lacking = [
  "KeInitializeEvent",
  "ExInitializeResourceLite",
  "IoInitializeRemoveLock",
  "ExDeleteResourceLite",
  "ExAllocateTimer",
  "ExDeleteTimer",
  "CmRegisterCallbackEx",
  "ObUnRegisterCallbacks",
  "IoReleaseCancelSpinLock",
  "IoCancelIrp",
  "PsGetCurrentProcessId",
  "IoGetCurrentProcess",
  "RtlInitUnicodeString",
  "InsertHeadList",
  "ExInterlockedInsertHeadList",
  "IsListEmpty",
  "KeInsertHeadQueue",
  "KeStallExecutionProcessor",
  "IoCallDriver",
];

test.each(lacking)("%s is told of in one line, with its place and what to write", (call) => {
  const { place, reason } = told(call);
  expect(place).toMatch(/elsewhere\.test\.ts:\d+/);
  expect(reason).toMatch(new RegExp(`^unknown call ${call}; `));
  expect(reason).not.toContain("\n");
});

test("what is to be written instead is there to be written", () => {
  const calls: readonly string[] = apiTable.map(({ name }) => name);
  for (const call of lacking) {
    for (const [, name] of sayOtherwise(call)?.matchAll(/\b[at]\.([A-Z]\w+)/g) ?? [])
      expect(calls, `for ${call}`).toContain(name);
  }
});

test("no call that the table has is told of as another", () => {
  for (const call of lacking) expect(apiTable.some(({ name }) => name === call)).toBe(false);
});

test("a call of which nothing is known names the nearest one, or other(…)", () => {
  expect(told("KeWaitForMutexObjekt").reason).toContain('did you mean "KeWaitForMutexObject"?');
  expect(told("MmFrobnicate").reason).toContain('write other("MmFrobnicate"');
});
