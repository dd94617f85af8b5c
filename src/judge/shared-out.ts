/**
 * Semaphores whose units are shared out: whoever gives one back has had it, so that code which has
 * yet to take one lets nobody go on by giving it back.
 */
import { memo } from "../base/memo.ts";
import { T, Tag, waitFlags } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { Op } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";
import { operandKey, routineAt, successors } from "./reach.ts";
import { waitingOf } from "./wait-for.ts";

/** A semaphore that began with units. */
export const isSharedOut = ({ words, program }: Machine, address: number): boolean =>
  address > 0 &&
  words[address] === Tag.semaphore &&
  address < program.threadFirst &&
  program.initial[address + 1] !== 0;

/** A wait that comes back without what it is for. */
const cutShort = waitFlags.timed | waitFlags.interruptible | waitFlags.alertable;

/** Whether a thread waits for a unit of it, and goes on with nothing less. */
export const asksForUnit = (m: Machine, thread: number, address: number): boolean =>
  waitingOf(m, thread)?.objects.includes(address) === true &&
  (m.words[baseOf(m, thread) + T.wait] & cutShort) === 0;

const known = new WeakMap<Program, Map<string, boolean>>();

/** Whether code from `pc` on can come to give back a unit without having asked for one before. */
export const givesUntaken = (program: Program, pc: number, key: string): boolean =>
  memo(
    memo(known, program, () => new Map<string, boolean>()),
    `${pc} ${key}`,
    () => findsGift(program, pc, key),
  );

function findsGift(program: Program, pc: number, key: string): boolean {
  const { code } = program;
  const names = (at: number, operand: number): boolean =>
    operandKey(program, routineAt(program, at), operand) === key;
  const takes = (at: number): boolean => {
    if (code[at] !== Op.wait) return false;
    const count = code[at + 7] & waitFlags.count;
    const isForAll = count === 1 || (code[at + 7] & waitFlags.all) !== 0;
    const isSure = isForAll && code[at + 6] < 0 && (code[at + 7] & cutShort) === 0;
    const objects = Array.from({ length: count }, (_, i) => code[at + 2 + i]);
    return isSure && objects.some((operand) => names(at, operand));
  };
  const seen = new Set<number>([pc]);
  const pending = [pc];
  const go = (to: number): void => {
    if (to <= 0 || to >= code.length || seen.has(to)) return;
    seen.add(to);
    pending.push(to);
  };
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (code[at] === Op.release && names(at, code[at + 2])) return true;
    if (takes(at)) continue;
    const next = successors(program, at, (routine) => go(program.routines[routine].pc));
    for (const to of next) go(to);
  }
  return false;
}
