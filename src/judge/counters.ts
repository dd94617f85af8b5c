/**
 * Variables that count who is still at work: a wait for one to come down, or for an event that is
 * set by who counts it down.
 */
import { compare } from "../machine/compare.ts";
import { Mode } from "../machine/layout.ts";
import type { Machine } from "../machine/machine.ts";
import { Op, stride } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";
import type { Until } from "./comes-to.ts";
import { numberOf } from "./loops.ts";
import { objectAt } from "./objects.ts";
import { operandKey, routineAt, successors } from "./reach.ts";

export interface Counter {
  readonly address: number;
  /** A lower count would do. */
  readonly isTooHigh: boolean;
  /** Where it is not what is waited for itself. */
  readonly name?: string;
}

/**
 * The variable that a wait is for, or whose count is too high for some code to end it; undefined where
 * there is none.
 */
export function counterOf(m: Machine, address: number, until?: Until): Counter | undefined {
  const { kind, key } = objectAt(m, address);
  if (kind === "variable")
    return until && { address, isTooHigh: isTooHigh(m.words[address], until) };
  for (const counter of countersOf(m.program, key)) {
    if (!isTooHigh(m.words[counter.address], counter.until)) continue;
    return { address: counter.address, isTooHigh: true, name: objectAt(m, counter.address).name };
  }
  return undefined;
}

/** Whether it does not hold now, and would of some lower value. */
function isTooHigh(value: number, { op, value: limit, isMet }: Until): boolean {
  const holds = (of: number): boolean => compare(of, op, limit) === isMet;
  return !holds(value) && value > limit - 1 && (holds(limit) || holds(limit - 1)) && value > 0;
}

/** Variables of the driver's by whose count some code decides whether it sets the object. */
function countersOf(
  program: Program,
  key: string,
): { readonly address: number; readonly until: Until }[] {
  const { code } = program;
  const found: { readonly address: number; readonly until: Until }[] = [];
  for (let at = 0; at < code.length; at += stride) {
    if (code[at] !== Op.set) continue;
    const routine = routineAt(program, at);
    if (operandKey(program, routine, code[at + 2]) !== key) continue;
    for (const pc of [...instructionsOf(program, routine)]) {
      const isCount = code[pc] === Op.add && code[pc + 2] >>> 24 === Mode.global;
      const word = isCount && code[pc + 3] < 0 ? numberOf(program, pc) : undefined;
      if (word === undefined) continue;
      const until = testAhead(program, routine, word, at);
      if (until !== undefined) found.push({ address: code[pc + 2] & 0xffffff, until });
    }
  }
  return found;
}

/** What a test of this word has to say for control to come to a place in the same routine. */
function testAhead(
  program: Program,
  routine: number,
  word: number,
  place: number,
): Until | undefined {
  const { code } = program;
  for (const pc of instructionsOf(program, routine)) {
    if (code[pc] !== Op.branchLocal || code[pc + 2] !== word) continue;
    const [isMet, isElse] = [pc + stride, code[pc + 5]].map((to) => comesFrom(program, to, place));
    if (isMet !== isElse) return { op: code[pc + 3], value: code[pc + 4], isMet };
  }
  return undefined;
}

function comesFrom(program: Program, from: number, place: number): boolean {
  return flow(program, from).has(place);
}

const instructionsOf = (program: Program, routine: number): ReadonlySet<number> =>
  flow(program, program.routines[routine].pc);

/** What control can come to from here without leaving the routine. */
function flow(program: Program, from: number): ReadonlySet<number> {
  const seen = new Set<number>();
  const pending = [from];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (at <= 0 || at >= program.code.length || seen.has(at)) continue;
    seen.add(at);
    pending.push(...successors(program, at, () => {}));
  }
  return seen;
}
