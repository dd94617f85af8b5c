/** Pointers that a call reads before a step: that is a step of its own where others reach them (section 3). */
import type { Operand } from "../../../src/language/model.ts";
import type { Task } from "../state.ts";

interface Named {
  readonly ref: string;
  readonly of?: string;
  readonly field?: string;
}

/** By kind of step, the argument whose pointer it takes what it needs from. */
const taken: Readonly<Record<string, string>> = {
  enqueue: "from",
  walk: "from",
  unlink: "from",
  copy: "from",
  reply: "object",
  reference: "object",
};

const isNamed = (given: unknown): given is Named =>
  typeof given === "object" && given !== null && "ref" in given;

/** A field is reached through the pointer that leads to it. */
function pointersIn(given: unknown): Named[] {
  if (Array.isArray(given)) return given.flatMap(pointersIn);
  if (typeof given !== "object" || given === null) return [];
  if (isNamed(given) && given.field !== undefined) {
    const { field, ...pointer } = given;
    return [pointer];
  }
  return Object.values(given).flatMap(pointersIn);
}

/** `isKept`: the step goes by what is read here, whatever the pointer holds by then. */
const readOf = (pointer: Named, { op, f }: Task, isKept: boolean): Task => ({
  k: "readPointer",
  object: pointer as Operand,
  isKept,
  op,
  f,
});

/** What comes ahead of a step of a call. */
export function readsBefore(step: Task): Task[] {
  // To hand over where a field is, is to read the pointer to it.
  if (step.k === "handOver") return [];
  const given = step[taken[step.k] ?? ""];
  const own = isNamed(given) && given.field === undefined ? [given] : [];
  return [
    ...pointersIn(step).map((pointer) => readOf(pointer, step, false)),
    ...own.map((pointer) => readOf(pointer, step, true)),
  ];
}

/** The pointer that a test of a field reads first. */
export const pointerOfTest = (variable: unknown): Operand | undefined =>
  pointersIn(variable)[0] as Operand | undefined;
