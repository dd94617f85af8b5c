/** Who calls what is registered: a removal waits for them (CB-U1, CB-U5). */
import { F, T } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { Op } from "../machine/opcodes.ts";
import type { Relation } from "./finding.ts";
import { framesOf } from "./objects.ts";

interface Caller {
  readonly thread: number;
  readonly relation: Relation;
}

/**
 * Threads inside of the callback whose registration is at this address, and those that an APC keeps
 * from releasing it behind the callback's return.
 */
export function callersOf(m: Machine, address: number): readonly Caller[] {
  const { words, program } = m;
  const { code } = program;
  const callback = program.registrations.get(address)?.routine;
  return program.threads.flatMap((_, thread): readonly Caller[] => {
    const frames = framesOf(m, thread);
    if (frames.some((frame) => words[frame + F.routine] - 1 === callback))
      return [{ thread, relation: "insideCallback" }];
    const places = [
      words[baseOf(m, thread) + T.pc],
      ...frames.map((frame) => words[frame + F.returnPc]),
    ];
    const releases = places.some((pc) => code[pc] === Op.unprotect && code[pc + 2] === address);
    return releases ? [{ thread, relation: "holdsProtection" }] : [];
  });
}
