/** Running what an entry says that was taken from a queue: its routine, with what came along. */
import { crash, frameOf, pushFrame, takeSubject } from "./frames.ts";
import { Crash, T } from "./layout.ts";
import { codeState } from "./life.ts";
import type { Machine } from "./machine.ts";
import { stride } from "./opcodes.ts";

export function dispatch(m: Machine, t: number, base: number, pc: number): void {
  const { words } = m;
  const { code, routines } = m.program;
  const routine = words[base + T.entryRoutine];
  const captured = words[base + T.entryFrame];
  const context = words[base + T.entryContext];
  words[base + T.entryRoutine] = 0;
  words[base + T.entryFrame] = 0;
  words[base + T.entryContext] = 0;
  const { module = 0, pc: first, context: place = 0 } = routines[routine - 1];
  if (module !== 0 && words[module + 1] === codeState.gone) {
    crash(m, t, Crash.codeIsGone, code[first + 1]);
    return;
  }
  if (!pushFrame(m, t, routine - 1, pc + stride, captured, 0)) return;
  takeSubject(m, t, captured);
  if (place !== 0) words[frameOf(m, t) + place] = context;
}
