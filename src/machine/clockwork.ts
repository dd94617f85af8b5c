/** What is done to timers and DPCs, by threads and by the clock. */
import { resolve } from "./frames.ts";
import type { Machine } from "./machine.ts";
import { insertDpc, removeDpc } from "./objects/dpc.ts";
import { cancelTimer, expire, setTimer } from "./objects/timer.ts";
import { Op } from "./opcodes.ts";

/** Runs the instruction at `pc`. Returns whether the thread goes on behind it. */
export function clockwork(m: Machine, t: number, pc: number, alternative: number): boolean {
  const { code } = m.program;
  const a = code[pc + 2];
  switch (code[pc]) {
    case Op.setTimer:
      return setTimer(m, t, pc);
    case Op.cancelTimer: {
      const timer = resolve(m, t, a);
      if (timer >= 0) cancelTimer(m, t, timer);
      return timer >= 0;
    }
    case Op.expire:
      expire(m, t, alternative);
      return true;
    case Op.insertDpc:
      insertDpc(m, t, a, code[pc + 3]);
      return true;
    default:
      removeDpc(m, t, a);
      return true;
  }
}
