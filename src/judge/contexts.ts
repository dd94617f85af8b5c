/**
 * What a work item was handed as its context (W20), and what follows for who could end a wait: its
 * code reaches the object that the context leads to, and of records no other.
 */
import { memo } from "../base/memo.ts";
import { staleRecord } from "../machine/frames.ts";
import { addressOf, F, refTo } from "../machine/layout.ts";
import type { Machine } from "../machine/machine.ts";
import { Op } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";
import { operandKey, reachable, routineAt } from "./reach.ts";

/** What this frame's routine, or one around it, was handed; 0 where that is nothing. */
export function contextOf({ words, program }: Machine, frame: number): number {
  for (let at = frame; at !== 0; ) {
    const { context } = program.routines[words[at + F.routine] - 1] ?? {};
    if (context !== undefined) return words[at + context];
    const captured = words[at + F.captured];
    at =
      captured > staleRecord && addressOf(captured) >= program.threadFirst
        ? addressOf(captured)
        : 0;
  }
  return 0;
}

/** Whether code in this frame has the object as its context. */
export const isHandedTo = (m: Machine, frame: number, address: number): boolean =>
  contextOf(m, frame) === refTo(address);

/** Whether code from `pc` on hands the object with this key to an item that it queues. */
export const handsOn = (program: Program, pc: number, key: string): boolean =>
  reachable(program, pc).some(
    (at) =>
      program.code[at] === Op.loadPointer &&
      program.code[at + 3] !== 0 &&
      operandKey(program, routineAt(program, at), program.code[at + 2]) === key,
  );

/**
 * Whether a queued item, or code in a frame, has another record in its hands than the one that the
 * address is in: what it was handed leads there, and it has no other pointer.
 */
export const hasAnotherRecord = (
  m: Machine,
  routine: number,
  context: number,
  address: number,
): boolean => {
  const mine = recordAt(m.program, address);
  if (mine === 0 || context <= staleRecord) return false;
  const handed = recordAt(m.program, addressOf(context));
  return handed !== 0 && handed !== mine && usesContextAlone(m.program, routine);
};

/** The record that an address is in, 0 for none. */
function recordAt({ records }: Program, address: number): number {
  for (const { bases, words } of records) {
    for (const base of bases) if (address >= base && address < base + words) return base;
  }
  return 0;
}

/** Instructions behind which the pointer register holds something else. */
const loads: readonly number[] = [
  Op.dequeue,
  Op.pop,
  Op.walk,
  Op.allocate,
  Op.newProcess,
  Op.start,
];

const contextAlone = new WeakMap<Program, Map<number, boolean>>();

const usesContextAlone = (program: Program, routine: number): boolean =>
  memo(
    memo(contextAlone, program, () => new Map<number, boolean>()),
    routine,
    () => {
      const { code, routines } = program;
      const { pc, context } = routines[routine];
      const own = `${routine}:${context}`;
      return reachable(program, pc).every((at) => {
        if (loads.includes(code[at])) return false;
        if (code[at] !== Op.loadPointer && code[at] !== Op.readShared) return true;
        return operandKey(program, routineAt(program, at), code[at + 2]) === own;
      });
    },
  );
