/** Where a thread that runs on is said to stand, wherever in its round it is met. */
import { F, T } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { Op } from "../machine/opcodes.ts";
import { framesOf, routineOfFrame } from "./objects.ts";
import { reachable } from "./reach.ts";

/** The loop that a thread goes round in: the nearest on its stack that it still comes to; "" if none. */
export function loopOf(m: Machine, thread: number): string {
  const { program, words } = m;
  let pc = words[baseOf(m, thread) + T.pc];
  for (const frame of framesOf(m, thread)) {
    for (const at of reachable(program, pc)) {
      const site = program.sites[program.code[at + 1]];
      if (program.code[at] === Op.backEdge && site.users) return site.opId;
    }
    pc = words[frame + F.returnPc];
  }
  return "";
}

/**
 * The loop, or where it goes round by being queued or called again, how the outermost routine of a
 * driver's that it is in begins; "" in no driver's code.
 */
export function roundOf(m: Machine, thread: number): string {
  const { program } = m;
  const loop = loopOf(m, thread);
  if (loop !== "") return loop;
  const routines = framesOf(m, thread).map((frame) => routineOfFrame(m, frame));
  for (const { pc, name } of routines.filter(({ module }) => module !== undefined).reverse()) {
    for (const at of reachable(program, pc)) {
      const { users, opId } = program.sites[program.code[at + 1]];
      // Where it is entered is no operation of it.
      if (users && opId !== name) return opId;
    }
  }
  return "";
}
