/** The object that a step is about, and whether it can let somebody else go on. */
import { locate } from "../machine/frames.ts";
import { Status, T, waitFlags } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { Op, stride } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";

export const releasing: readonly number[] = [
  Op.enqueue,
  Op.release,
  Op.unprotect,
  Op.set,
  Op.send,
  Op.pend,
  Op.store,
  Op.add,
  Op.processDead,
];
const addressed: readonly number[] = [
  ...releasing,
  Op.acquire,
  Op.dequeue,
  Op.pop,
  Op.runDown,
  Op.wait,
  Op.branchShared,
];

/** The object that an instruction is about, −1 where there is none. */
export function touchedObject(m: Machine, thread: number, pc: number): number {
  if (
    !addressed.includes(m.program.code[pc]) ||
    m.words[baseOf(m, thread) + T.status] !== Status.ready
  )
    return -1;
  if (m.program.code[pc] === Op.wait && (m.program.code[pc + 7] & waitFlags.count) === 0) return -1;
  return locate(m, thread, m.program.code[pc + 2]);
}

/** Sites of the operations that are steps of their own. */
export function visibleSitesOf({ code }: Program): ReadonlySet<number> {
  const sites = new Set<number>();
  for (let pc = 0; pc < code.length; pc += stride) {
    if (code[pc] >= Op.firstVisible) sites.add(code[pc + 1]);
  }
  return sites;
}
