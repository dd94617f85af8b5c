/** Where it matters to others that a thread of user mode stops. */
import { Op } from "../machine/opcodes.ts";

/**
 * Operations ahead of which it makes a difference to others that a thread does not go on. Whoever
 * stops ahead of a look, a wait or a way back could as well have stopped ahead of what comes next.
 */
export const feltOps: readonly number[] = [
  Op.set,
  Op.reset,
  Op.pulse,
  Op.acquire,
  Op.release,
  Op.enqueue,
  Op.dequeue,
  Op.pop,
  Op.start,
  Op.store,
  Op.add,
  Op.writeShared,
  Op.send,
  Op.reply,
  Op.terminate,
  Op.alert,
  Op.systemCall,
];
