/**
 * The way back from a callback: the protection of its registration is given back, and what its family
 * adds to the caller's APC state is left. No source says which comes first, so either may (CB-U7): that is
 * felt where a kernel APC waits for the regions to be left. Ahead of the protection it holds up whoever
 * removes the callback; behind it nobody waits for it any more.
 */
import { reaches } from "./apc.ts";
import { leaveLevels } from "./checks.ts";
import { frameOf, resolve } from "./frames.ts";
import { Returning, T } from "./layout.ts";
import { countGivenBack } from "./life.ts";
import { baseOf, type Machine } from "./machine.ts";
import { unprotect } from "./objects/rundown.ts";
import { Op, stride } from "./opcodes.ts";
import type { Program } from "./program.ts";

/** Whether a thread that comes to this is inside of what a callback's family adds, and leaves it here. */
export const leavesRegions = (code: Int32Array, pc: number): boolean => code[pc + 6] !== 0;

/** Whether both orders can be felt in a program: callbacks can be removed, and somebody queues APCs. */
export function isOrderFelt({ code }: Program): boolean {
  let canBeRemoved = false;
  let queues = false;
  for (let pc = 0; pc < code.length; pc += stride) {
    canBeRemoved ||= code[pc] === Op.unprotect && leavesRegions(code, pc);
    queues ||= code[pc] === Op.queueApc || code[pc] === Op.suspend;
  }
  return canBeRemoved && queues;
}

/** Whether a pending APC waits for nothing but that the thread leaves what the family adds. */
export function awaitsReturn(m: Machine, thread: number, pc: number): boolean {
  const { words } = m;
  const { code } = m.program;
  const base = baseOf(m, thread);
  if (!leavesRegions(code, pc) || words[base + T.apcRoutine] === 0) return false;
  const kept = code[pc + 5];
  const irql = words[kept === 0 ? base + T.irql : frameOf(m, thread) + kept];
  const guarded = words[base + T.guarded] - code[pc + 4];
  return reaches(m, base, irql, guarded, words[base + T.critical] - code[pc + 3]);
}

/** Protection is given back: of a registration, of a rundown reference, or of what a queue entry counts on. */
export function giveBack(
  m: Machine,
  thread: number,
  base: number,
  pc: number,
  alternative: number,
): void {
  const { words, program } = m;
  const leaves = leavesRegions(program.code, pc);
  if (leaves && alternative === Returning.regions) {
    leaveLevels(m, thread, base, pc, 3);
    words[base + T.pc] = pc + stride;
    return;
  }
  const rundown = resolve(m, thread, program.code[pc + 2]);
  if (rundown < 0) return;
  unprotect(m, thread, rundown);
  countGivenBack(m, thread, rundown);
  if (leaves) leaveLevels(m, thread, base, pc, 3);
  // What would come behind the regions alone is passed over.
  words[base + T.pc] = pc + (leaves ? 2 : 1) * stride;
}
