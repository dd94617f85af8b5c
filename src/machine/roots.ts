/** Obligations: when each began, and what it took (design, points 6 and 8). */
import { frameOf } from "./frames.ts";
import { T } from "./layout.ts";
import { baseOf, Event, emit, type Machine, noteDone } from "./machine.ts";
import { RootKind } from "./opcodes.ts";

export function rootClock(m: Machine, t: number, offset: number): void {
  if (offset === 0) return;
  const at = frameOf(m, t) + offset;
  m.clocks[at] = m.clocks[baseOf(m, t)];
  // Negative, so that it is no time: an arrival that is put later moves times only.
  m.clocks[at + 1] = -m.skewUs;
}

export function rootEnd(
  m: Machine,
  t: number,
  base: number,
  kind: number,
  offset: number,
  site: number,
): void {
  const { words, clocks } = m;
  const item = kind === RootKind.item;
  words[base + (item ? T.items : T.roots)]--;
  let took = 0;
  if (offset !== 0) {
    const at = frameOf(m, t) + offset;
    took = Math.max(0, clocks[base] - clocks[at] - (m.skewUs + clocks[at + 1]));
    clocks[at] = 0;
    clocks[at + 1] = 0;
  }
  if (item && words[base + T.items] === 0) {
    clocks[base + T.items] = 0;
    noteDone(m, m.itemsDone, t);
  } else if (!item && words[base + T.roots] === 0) {
    noteDone(m, m.rootsDone, t);
  }
  emit(m, Event.rootEnd, t, site, kind, took);
}
