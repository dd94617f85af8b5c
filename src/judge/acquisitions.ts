/** Where drivers' code takes a lock that a thread was found to keep. */
import { waitFlags } from "../machine/layout.ts";
import type { Machine } from "../machine/machine.ts";
import { Op, stride } from "../machine/opcodes.ts";
import { objectAt } from "./objects.ts";
import { operandKey, routineAt } from "./reach.ts";

/** Operations of users' drivers that can have taken the mutex at this address, by stable id. */
export function acquisitionsOf(m: Machine, address: number): readonly string[] {
  const { code, sites } = m.program;
  const { key } = objectAt(m, address);
  const found = new Set<string>();
  for (let pc = 0; pc < code.length; pc += stride) {
    const { users, opId } = sites[code[pc + 1]] ?? { users: false, opId: "" };
    if (code[pc] !== Op.wait || !users) continue;
    const routine = routineAt(m.program, pc);
    const count = code[pc + 7] & waitFlags.count;
    for (let i = 0; i < count; i++) {
      if (operandKey(m.program, routine, code[pc + 2 + i]) === key) found.add(opId);
    }
  }
  return [...found].sort();
}
