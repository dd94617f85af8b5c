/**
 * Who keeps rundown protection: a count has no owner (SY-17), so that it is asked of code whether it
 * gives back what it has not taken itself. Code that takes protection first is none of those: once the
 * rundown has begun it gets none.
 */
import { memo } from "../base/memo.ts";
import { addressOf, F, isRef, refTo, T } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { Op } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";
import { startedAt } from "./comes-to.ts";
import { framesOf } from "./objects.ts";
import { operandKey, type Runner, routineAt, successors } from "./reach.ts";

/** More than code takes at once: what takes it in a loop need not be followed for ever. */
const deepest = 3;

const known = new WeakMap<Program, Map<string, boolean>>();

/**
 * Whether code from `pc` on can come to give protection back without having taken it before: itself,
 * or by starting somebody who does, to whom it is handed on.
 */
export function givesBack(program: Program, pc: number, key: string, runner?: Runner): boolean {
  const answers = memo(known, program, () => new Map<string, boolean>());
  const name = `${pc} ${key} ${runner}`;
  const answer = answers.get(name);
  if (answer !== undefined) return answer;
  // Who comes back to the same code gives nothing by that alone.
  answers.set(name, false);
  const found = findGift(program, pc, key, runner);
  answers.set(name, found);
  return found;
}

function findGift(program: Program, start: number, key: string, runner: Runner): boolean {
  const seen = new Set<number>();
  const pending: { readonly pc: number; readonly depth: number }[] = [];
  const go = (pc: number, depth: number): void => {
    const state = pc * (deepest + 1) + depth;
    if (pc <= 0 || pc >= program.code.length || seen.has(state)) return;
    seen.add(state);
    pending.push({ pc, depth });
  };
  go(start, 0);
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const change = changeAt(program, at.pc, key, runner);
    if (change < 0 && at.depth === 0) return true;
    const depth = Math.min(at.depth + change, deepest);
    const next = successors(program, at.pc, () => {}, runner);
    next.forEach((pc, i) => {
      // Behind a call that came back without it.
      const isRefused = i > 0 && change > 0;
      go(pc, isRefused ? at.depth : depth);
    });
  }
  return false;
}

/** What an instruction does to the count that the code has: one more, one less, or nothing. */
function changeAt(program: Program, pc: number, key: string, runner: Runner): -1 | 0 | 1 {
  const { code, routines } = program;
  if (code[pc] === Op.protect) return isOn(program, pc, key) ? 1 : 0;
  if (code[pc] === Op.unprotect) return isOn(program, pc, key) ? -1 : 0;
  const starts = startedAt(program, pc);
  // What is started runs in a thread of somebody's.
  if (starts >= 0) return givesBack(program, routines[starts].pc, key) ? -1 : 0;
  let change: -1 | 0 | 1 = 0;
  successors(program, pc, (routine) => {
    const callee = routines[routine].pc;
    if (givesBack(program, callee, key, runner)) change = -1;
    else if (keepsIt(program, callee, key)) change = 1;
  });
  return change;
}

function isOn(program: Program, pc: number, key: string): boolean {
  const named = operandKey(program, routineAt(program, pc), program.code[pc + 2]);
  // A field of a record is only ever reached through a pointer.
  return named === key || (named === "*" && program.recordKeys.has(key));
}

/** Whether a helper takes protection and leaves it to its caller: it has nothing that gives it back. */
function keepsIt(program: Program, start: number, key: string): boolean {
  const seen = new Set<number>([start]);
  const pending = [start];
  let takes = false;
  for (let pc = pending.pop(); pc !== undefined; pc = pending.pop()) {
    if (program.code[pc] === Op.unprotect && isOn(program, pc, key)) return false;
    if (program.code[pc] === Op.protect && isOn(program, pc, key)) takes = true;
    for (const to of successors(program, pc, () => {})) {
      if (to <= 0 || to >= program.code.length || seen.has(to)) continue;
      seen.add(to);
      pending.push(to);
    }
  }
  return takes;
}

/** Whether a work item's reference drops this rundown's count: itself, or through its item. */
export const countsOn = (m: Machine, reference: number, address: number): boolean =>
  isRef(reference) &&
  (reference === refTo(address) || m.words[addressOf(reference) + 2] === refTo(address));

/** Whether a worker runs an item that gives the count back when it has returned. */
export function carries(m: Machine, thread: number, address: number): boolean {
  if (m.words[baseOf(m, thread) + T.items] === 0) return false;
  const outermost = framesOf(m, thread).at(-1) ?? 0;
  return countsOn(m, m.words[outermost + F.size], address);
}
