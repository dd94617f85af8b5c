/**
 * Arrivals that are put later: the machine moves the clocks of a thread whose arrival is still open
 * when another goes ahead of it. What was told of the thread since it arrived moves with them.
 */
import type { Rest, RootSpan, Segment } from "../judge/critical-path.ts";
import { addressOf, H, Status, T, threadOf } from "../machine/layout.ts";
import { baseOf, type Machine, threadAt } from "../machine/machine.ts";
import { Op } from "../machine/opcodes.ts";
import type { Draft } from "./outcomes.ts";

export interface Recorded {
  readonly drafts: Draft[];
  readonly segments: Segment[];
  readonly roots: RootSpan[];
  readonly rests: Rest[];
}

export interface Arrivals {
  /** Before a step. Returns the thread that comes later because of it, and by how much. */
  before(index: number): { readonly thread: number; readonly byUs: number } | undefined;
}

type Counts = Readonly<Record<keyof Recorded, number>>;

const isArrival = (m: Machine, thread: number): boolean => {
  const base = baseOf(m, thread);
  return (
    m.words[base + T.status] === Status.ready && m.program.code[m.words[base + T.pc]] === Op.arrive
  );
};

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
      const actor = threadOf(m.codes[index]);
      if (isArrival(m, actor)) {
        since.set(actor, counts());
        return undefined;
      }
      const floating = m.words[H.floating];
      if (!m.timed || floating === 0) return undefined;
      const thread = threadAt(m, addressOf(floating));
      const byUs = m.times[index] - m.clocks[baseOf(m, thread)];
      const isInTime = m.times[index] <= m.earliest + m.program.skewUs;
      if (thread === actor || isInTime || byUs <= 0) return undefined;
      postpone(thread, byUs);
      return { thread, byUs };
    },
  };
}
