/** What ends a wait for something that has no owner, and whose code does it. */
import { Tag } from "../machine/layout.ts";
import type { Machine } from "../machine/machine.ts";
import { Op } from "../machine/opcodes.ts";
import { hasOperation, storing } from "./comes-to.ts";
import { objectAt } from "./objects.ts";
import type { Waiting } from "./wait-for.ts";

/** What puts an entry into a queue, list, port or cancel-safe queue. */
export const filling: readonly number[] = [Op.enqueue, Op.send, Op.pend];

/** What ends a wait for something that has no owner. */
export function endingOps(m: Machine, waiting: Waiting, address: number): readonly number[] {
  // A variable's value is no tag.
  if (objectAt(m, address).kind === "variable") return storing;
  const tag = m.words[address];
  if (tag === Tag.notificationTimer || tag === Tag.synchronizationTimer) return [Op.setTimer];
  if (tag === Tag.semaphore) return [Op.release];
  return waiting.what === "entry" ? filling : [Op.set];
}

/** Whether a routine's code would end a wait for something that has no owner, in this program or another. */
export const wouldEnd = (
  m: Machine,
  waiting: Waiting,
  address: number,
  routine: number,
  program = m.program,
): boolean => {
  const { key } = objectAt(m, address);
  const { pc } = program.routines[routine];
  return endingOps(m, waiting, address).some((op) =>
    hasOperation({ program }, pc, key, op, waiting.until),
  );
};
