/** The event that a callback was called for, as far as a run or the program says it. */
import { framesOf, routineOfFrame } from "../judge/objects.ts";
import { eventShift, F, frameFlags } from "../machine/layout.ts";
import type { Machine } from "../machine/machine.ts";
import { Op, stride } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";

/**
 * By number: that of the callback's activation on a thread, or of the call that stands at `site`, or
 * the only one that the callback is called for at all.
 */
export function raisedEvent(
  m: Machine,
  callback: string,
  { thread, site }: { readonly thread?: number; readonly site?: number },
): number | undefined {
  const { program, words } = m;
  const frame =
    thread === undefined
      ? undefined
      : framesOf(m, thread).find((at) => {
          const { name, role } = routineOfFrame(m, at);
          return role === "callback" && name === callback;
        });
  if (frame !== undefined) return (words[frame + F.flags] & frameFlags.event) >> eventShift;
  const calls = callsOf(program, callback);
  const [only, ...others] = new Set(
    (calls.some((one) => one.site === site) ? calls.filter((one) => one.site === site) : calls).map(
      ({ event }) => event,
    ),
  );
  return others.length === 0 ? only : undefined;
}

function callsOf(
  { code, routines }: Program,
  callback: string,
): readonly { readonly site: number; readonly event: number }[] {
  const calls: { site: number; event: number }[] = [];
  for (let pc = 0; pc < code.length; pc += stride) {
    if (code[pc] !== Op.callback || routines[code[pc + 2]].name !== callback) continue;
    calls.push({ site: code[pc + 1], event: (code[pc + 3] & frameFlags.event) >> eventShift });
  }
  return calls;
}
