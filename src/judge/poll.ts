/** Threads that look again and again: waits that time out and that control comes back to. */
import { usOf } from "../machine/durations.ts";
import { Mode, waitFlags } from "../machine/layout.ts";
import { Op } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";
import { comesBackTo } from "./reach.ts";

/** Microseconds from one look to the next, of a timed wait that its own routine comes back to. */
export function roundUs(program: Program, pc: number): number | undefined {
  const us = timeoutOf(program, pc);
  if (us === undefined || us <= 0) return undefined;
  const loop = comesBackTo(program, pc);
  // What a pointer leads to can be another thing each time: that is no second look.
  if (!loop.includes(pc) || program.code[pc + 2] >>> 24 === Mode.pointer) return undefined;
  // A delay is part of a poll where something is tested beside it.
  const isDelay = program.code[pc] === Op.wait && (program.code[pc + 7] & waitFlags.count) === 0;
  return isDelay && !loop.some((at) => testing.includes(program.code[at])) ? undefined : us;
}

/** Of a loop around what a thread asks for: its own timeout, or the only delay in between. */
export function pollUs(program: Program, pc: number): number | undefined {
  const own = timeoutOf(program, pc);
  if (own !== undefined && own > 0) return own;
  const delays = comesBackTo(program, pc)
    .map((at) => timeoutOf(program, at))
    .filter((us) => us !== undefined && us > 0);
  return delays.length === 1 ? delays[0] : undefined;
}

const testing: readonly number[] = [Op.branchShared, Op.choose, Op.pop, Op.acquire];

function timeoutOf({ code, longUs }: Program, pc: number): number | undefined {
  if (code[pc] === Op.wait) return usOf(longUs, code[pc + 6]);
  return code[pc] === Op.dequeue ? usOf(longUs, code[pc + 3]) : undefined;
}
