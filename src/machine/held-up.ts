/** Who stands at an operation that another's step has to let go on, which is no wait in the words of the state. */
import { usOf } from "./durations.ts";
import { locate } from "./frames.ts";
import { Q, Status, T, Tag } from "./layout.ts";
import { baseOf, Event, emit, type Machine } from "./machine.ts";
import { dpcsAreDone } from "./objects/dpc.ts";
import { Op } from "./opcodes.ts";

/**
 * Whether a thread stands before an entry that has not come, a rundown that is not over, or DPCs that
 * are still to run. A timeout may end that; a look at once is no waiting.
 */
export function isHeldUp(m: Machine, thread: number): boolean {
  const { words } = m;
  const base = baseOf(m, thread);
  if (words[base + T.status] !== Status.ready) return false;
  const pc = words[base + T.pc];
  const { code } = m.program;
  switch (code[pc]) {
    case Op.dequeue: {
      const queue = locate(m, thread, code[pc + 2]);
      if (queue < 0 || words[queue + Q.count] > 0) return false;
      const isClosed = words[queue] === Tag.port && words[queue + Q.flag] !== 0;
      return !isClosed && usOf(m.program.longUs, code[pc + 3]) !== 0;
    }
    case Op.runDown: {
      const rundown = locate(m, thread, code[pc + 2]);
      return rundown >= 0 && words[rundown + 2] !== 0;
    }
    case Op.flushDpcs:
      return !dpcsAreDone(m);
    default:
      return false;
  }
}

/** Tells of a thread that has come to where it is held up. */
export function tellHeldUp(m: Machine, thread: number): void {
  if (isHeldUp(m, thread)) {
    const pc = m.words[baseOf(m, thread) + T.pc];
    emit(m, Event.heldUp, thread, m.program.code[pc + 1]);
  }
}
