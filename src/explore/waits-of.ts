/**
 * Which operations of the drivers can wait, and which of those had to in some run: one that never did
 * says nothing of what comes of waiting there.
 */
import { timeoutOf } from "../judge/loops.ts";
import { heldOff } from "../judge/wait-for.ts";
import { waitFlags } from "../machine/layout.ts";
import { AcquireMode, Op, stride } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";

/** @param contended By site: 1 where somebody had to wait. */
export function waitsOf(
  program: Program,
  contended: Uint8Array,
): { readonly waits: readonly string[]; readonly contended: readonly string[] } {
  const { code, sites, routines } = program;
  const services = new Set(
    routines.flatMap(({ name, owner, role }) =>
      role === "userThread" ? [`${owner}: ${name}`] : [],
    ),
  );
  const waits = new Set<string>();
  const had = new Set<string>();
  for (let pc = 0; pc < code.length; pc += stride) {
    const { users, owner, routine, opId } = sites[code[pc + 1]];
    if (!users || !canWait(program, pc) || services.has(`${owner}: ${routine}`)) continue;
    waits.add(`${owner}: ${opId}`);
    if (contended[code[pc + 1]] !== 0) had.add(`${owner}: ${opId}`);
  }
  return { waits: [...waits], contended: [...had] };
}

/** A delay and the completion of I/O wait for nobody; what only tries, or looks, goes on at once. */
function canWait(program: Program, pc: number): boolean {
  const { code, objects } = program;
  switch (code[pc]) {
    case Op.wait: {
      // Globals' operands are their addresses.
      const isCompletion = heldOff.includes(objects.get(code[pc + 2])?.kind ?? "");
      return (code[pc + 7] & waitFlags.count) > 0 && !isCompletion && timeoutOf(program, pc) !== 0;
    }
    case Op.acquire:
      return (code[pc + 3] & AcquireMode.try) === 0;
    case Op.dequeue:
      return timeoutOf(program, pc) !== 0;
    case Op.runDown:
    case Op.flushDpcs:
    case Op.unregister:
      return true;
    default:
      return false;
  }
}
