/** What has not begun and could end a wait: work items that are queued, DPCs of timers that are set. */
import { staleRecord } from "../machine/frames.ts";
import { addressOf, E, isRef, Q } from "../machine/layout.ts";
import type { Machine } from "../machine/machine.ts";
import type { Satisfier, Started } from "./satisfier.ts";

export function queuedItems(
  m: Machine,
  wanted: (entry: number, item: number) => boolean,
): Started[] {
  const found: Started[] = [];
  for (const queue of m.program.queues) {
    for (let i = 0; i < m.words[queue + Q.count]; i++) {
      const entry = queue + Q.entries + i * E.size;
      const routine = m.words[entry + E.routine];
      if (routine === 0) continue;
      if (wanted(entry, m.words[entry + E.item]))
        found.push({ kind: "item", queue, index: i, routine: routine - 1 });
    }
  }
  return found;
}

/** DPCs that timers which are set will queue again, or for the first time. */
export function dueDpcs(m: Machine, has: (pc: number, routine: number) => boolean): Started[] {
  const { words, program } = m;
  const found: Started[] = [];
  if (program.timers === 0) return found;
  for (let i = 0; i < words[program.timers + Q.count]; i++) {
    const reference = words[program.timers + Q.entries + i * E.size + E.reference];
    // What is left of a timer that is gone crashes when its time comes.
    if (!isRef(reference) || reference <= staleRecord) continue;
    const timer = addressOf(reference);
    const routine = words[timer + 3] - 1;
    if (routine >= 0 && has(program.routines[routine].pc, routine))
      found.push({ kind: "timer", timer, routine });
  }
  return found;
}

/** Whether one of them is there already. */
export const isKnown = (known: readonly Satisfier[], one: Started): boolean =>
  known.some((other) =>
    other.kind === "item" && one.kind === "item"
      ? other.queue === one.queue && other.index === one.index
      : other.kind === "timer" && one.kind === "timer" && other.timer === one.timer,
  );
