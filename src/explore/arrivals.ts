/**
 * Arrivals that are put later: the machine moves the clocks of the thread whose arrival is still open.
 * What was told of the thread since it arrived moves with them.
 */
import type { Rest, RootSpan, Segment } from "../judge/critical-path.ts";
import { delayBy, delayOf, isArriving, isPutLater } from "../machine/arrivals.ts";
import { alternativeOf, threadOf } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { openUser } from "../machine/open-arrival.ts";
import type { Draft } from "./outcomes.ts";

export interface Recorded {
  readonly drafts: Draft[];
  readonly segments: Segment[];
  readonly roots: RootSpan[];
  readonly rests: Rest[];
}

export interface Arrivals {
  /** Before a transition. Returns the thread that comes later because of it, and by how much. */
  before(index: number): { readonly thread: number; readonly byUs: number } | undefined;
}

type Counts = Readonly<Record<keyof Recorded, number>>;

export function createArrivals(m: Machine, recorded: Recorded): Arrivals {
  const since = new Map<number, Counts>();
  const { drafts, segments, roots, rests } = recorded;
  const counts = (): Counts => ({
    drafts: drafts.length,
    segments: segments.length,
    roots: roots.length,
    rests: rests.length,
  });
  const postpone = (thread: number, us: number): void => {
    const from = since.get(thread);
    if (from === undefined) return;
    for (const draft of drafts.slice(from.drafts)) {
      const { timeUs } = draft.step;
      if (draft.thread === thread && timeUs !== undefined)
        draft.step = { ...draft.step, timeUs: timeUs + Math.round(us) };
    }
    const later = <S extends Rest | Segment>(one: S): S =>
      one.thread === thread ? { ...one, from: one.from + us, to: one.to + us } : one;
    for (let i = from.segments; i < segments.length; i++) segments[i] = later(segments[i]);
    for (let i = from.rests; i < rests.length; i++) rests[i] = later(rests[i]);
    for (let i = from.roots; i < roots.length; i++) {
      if (roots[i].thread === thread) roots[i] = { ...roots[i], to: roots[i].to + us };
    }
  };
  return {
    before(index) {
      const thread = threadOf(m.codes[index]);
      const base = baseOf(m, thread);
      const timeUs = m.times[index];
      const alternative = alternativeOf(m.codes[index]);
      if (isPutLater(alternative)) {
        const byUs = delayOf(m, thread, alternative, timeUs);
        postpone(thread, byUs);
        return { thread, byUs };
      }
      if (m.timed && isArriving(m, base)) since.set(thread, counts());
      const byUs = m.timed ? delayBy(m, base, timeUs) : 0;
      if (byUs === 0) return undefined;
      postpone(openUser(m), byUs);
      return { thread: openUser(m), byUs };
    },
  };
}
