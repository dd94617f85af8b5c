/** Which of the steps that end something late are traced. */
import { expect, test } from "vitest";
import {
  createLateSteps,
  type LateSteps,
  noteLateStep,
  stepsToTrace,
} from "../../src/explore/late-steps.ts";

const noted = (most: number, took: readonly number[], root = 0): LateSteps => {
  const late = createLateSteps(most);
  for (const [state, us] of took.entries()) noteLateStep(late, root, us, { state, code: 0 });
  return late;
};

test("as many as there is room for are all traced, and nothing is said to be left out", () => {
  const late = noted(3, [5, 5, 7]);
  expect(stepsToTrace(late).map(({ state }) => state)).toEqual(expect.arrayContaining([0, 1, 2]));
  expect(late.isCut).toBe(false);
});

test("with one more than there is room for, that something was left out is said", () => {
  const late = noted(3, [5, 5, 7, 7]);
  stepsToTrace(late);
  expect(late.isCut).toBe(true);
});

test("the longest is traced, however late it comes", () => {
  const late = noted(2, [1, 2, 3, 4, 9]);
  expect(stepsToTrace(late)[0].state).toBe(4);
});

test("a step that ends two things late is traced once", () => {
  const late = noted(4, [5]);
  noteLateStep(late, 1, 6, { state: 0, code: 0 });
  expect(stepsToTrace(late)).toHaveLength(1);
});
