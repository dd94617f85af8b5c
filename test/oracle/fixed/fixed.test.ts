import { expect, it } from "vitest";
import { boundDifferences } from "./bounds.ts";
import { capacityDifferences } from "./capacities.ts";
import { drawnStepDifferences } from "./drawn-steps.ts";
import { endDifferences } from "./ends.ts";
import { familyDifferences } from "./families.ts";
import { hopDifferences } from "./hops.ts";
import { ownPathDifferences } from "./own-paths.ts";
import { questionDifferences } from "./questions.ts";
import { recursionDifferences } from "./recursion.ts";
import { refusalDifferences } from "./refusals.ts";
import { tableDifferences } from "./tables.ts";

it("R8: a recursion on one stack is claimed where nothing ends it, and nowhere else", () => {
  expect(recursionDifferences()).toEqual([]);
});

it("what is no scenario is refused with what is wrong, and what is next to it is not", () => {
  expect(refusalDifferences()).toEqual([]);
});

it("what is left out of an added entry is what the page says, and tables that mean nothing are refused at their place", () => {
  expect(tableDifferences()).toEqual([]);
});

it("callbacks of an added family are called for its events, at its level and in its thread", () => {
  expect(familyDifferences()).toEqual([]);
});

it("which parts of a world concern a driver is what its calls do", () => {
  expect(questionDifferences()).toEqual([]);
});

it("an added path is owed to whoever has it run, in the thread that its entry says", () => {
  expect(ownPathDifferences()).toEqual([]);
});

it("code that only takes and gives back locks is gone through from lock to lock", () => {
  expect(hopDifferences()).toEqual([]);
});

it("whose code an unloading can take away, and where a request is at rest, is read from the driver's text", () => {
  expect(endDifferences()).toEqual([]);
});

it("a run comes to a bound where the page has it, and stops short of none", () => {
  expect(boundDifferences()).toEqual([]);
});

it("hops draw each transition that can go and no other, and so does what is kept from step to step", () => {
  expect(drawnStepDifferences()).toEqual([]);
});

it("how much a driver lets in at once, and what it keeps and compares, is read from its text", () => {
  expect(capacityDifferences()).toEqual([]);
});
