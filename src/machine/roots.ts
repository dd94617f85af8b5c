/** Obligations: when each began, and what it took (design, points 6 and 8). */
import { isAllAnswered } from "./enabled.ts";
import { frameOf, frameOfRole } from "./frames.ts";
import { F, T } from "./layout.ts";
import { Event, emit, type Machine, noteDone } from "./machine.ts";
import { RootKind } from "./opcodes.ts";
import { isMarked, marked, unmarked } from "./open-arrival.ts";

/** Where a request routine's frame keeps its starting time: two words, as in those of paths. */
export const requestSince = F.size;
export const rootWords = 2;

export function rootBegin(
  m: Machine,
  t: number,
  base: number,
  kind: number,
  offset: number,
  site: number,
): void {
  const { words, clocks } = m;
  if (kind === RootKind.item) {
    words[base + T.items]++;
    clocks[base + T.items] = clocks[base];
  } else if (kind === RootKind.request) noteAtWork(m, base);
  else words[base + T.roots]++;
  if (offset !== 0) startClock(m, base, frameOf(m, t) + offset, 0);
  emit(m, Event.rootBegin, t, site, kind);
}

/** The clock of a root that has taken so long by now. */
function startClock({ clocks, skewUs }: Machine, base: number, at: number, tookUs: number): void {
  const clock = clocks[base];
  // A thread that has met with a later clock depends on no arrival any more: this step settles it.
  clocks[at] = clock - (isMarked(clock) ? tookUs : unmarked(tookUs));
  // Negative, so that it is no time: an arrival that is put later moves times only.
  clocks[at + 1] = -skewUs;
}

/** What it has taken: marked where it has taken longer if the open arrival is put later. */
function tookUntilNow({ clocks, skewUs }: Machine, base: number, at: number): number {
  const us = unmarked(clocks[base]) - unmarked(clocks[at]) - (skewUs + clocks[at + 1]);
  const took = Math.max(0, us);
  return isMarked(clocks[base]) && !isMarked(clocks[at]) ? marked(took) : took;
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
  if (kind === RootKind.request) words[base + T.request] = 0;
  else words[base + (item ? T.items : T.roots)]--;
  let took = 0;
  if (offset !== 0) {
    const at = frameOf(m, t) + offset;
    took = tookUntilNow(m, base, at);
    clocks[at] = 0;
    clocks[at + 1] = 0;
  }
  if (item && words[base + T.items] === 0) {
    clocks[base + T.items] = 0;
    noteDone(m, m.itemsDone, t);
  } else if (kind !== RootKind.request && !item && words[base + T.roots] === 0) {
    noteDone(m, m.rootsDone, t);
  }
  emit(m, Event.rootEnd, t, site, kind, took);
}

/**
 * A request that waits for what is up to others (an event of somebody's that has not come) is at
 * rest: that time is not its own. Meanwhile its frame keeps what it has taken, as no time: negative,
 * and one more, since 0 is that there is none.
 */
export function restRequest(
  m: Machine,
  t: number,
  base: number,
  ends: boolean,
  site: number,
): void {
  const { clocks } = m;
  const frame = frameOfRole(m, t, "request");
  if (frame === 0) return;
  const at = frame + requestSince;
  if (ends) {
    emit(m, Event.rested, t, site, clocks[base] - clocks[at]);
    startClock(m, base, at, -1 - clocks[at + 1]);
    noteAtWork(m, base);
  } else {
    m.words[base + T.request] = 0;
    clocks[at + 1] = -1 - tookUntilNow(m, base, at);
    clocks[at] = clocks[base];
  }
}

/** What it takes from here on is part of the run, whoever else is done. */
function noteAtWork(m: Machine, base: number): void {
  if (m.timed && !isAllAnswered(m)) m.words[base + T.request] = 1;
}
