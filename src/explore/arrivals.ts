/**
 * Arrivals that are put later: the machine moves all clocks that depend on the one that is open. What
 * was recorded of the run has times of the same kind, and they move with them.
 */
import type { Handler, Rest, RootSpan, Segment } from "../judge/critical-path.ts";
import { delayOf, isArriving, isPutLater } from "../machine/arrivals.ts";
import { alternativeOf, threadOf } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { isAnyOpen, isMarked, isMovedOpen, unmarked } from "../machine/open-arrival.ts";
import type { Draft } from "./outcomes.ts";

export interface Recorded {
  readonly drafts: Draft[];
  readonly segments: Segment[];
  readonly roots: RootSpan[];
  readonly rests: Rest[];
  /** Of threads whose waits are not over. */
  readonly handlers: Handler[][];
}

export interface Arrivals {
  /** Before a transition. */
  before(index: number): void;
  /** Once its step has been taken. */
  after(): void;
  /** Once the run is over. */
  end(): void;
}

const nothing = { drafts: 0, segments: 0, roots: 0, rests: 0 };

export function createArrivals(m: Machine, recorded: Recorded): Arrivals {
  const { drafts, segments, roots, rests, handlers } = recorded;
  const counts = (): typeof nothing => ({
    drafts: drafts.length,
    segments: segments.length,
    roots: roots.length,
    rests: rests.length,
  });
  /** How much is settled, and how much was recorded before the running step. */
  let since = nothing;
  let before = nothing;
  let arrives = false;

  /** What depends on the open arrival, of what was recorded up to there, is put later and settled. */
  const settle = (until: typeof nothing, byUs: number): void => {
    const later = (us: number): number => (isMarked(us) ? unmarked(us) + byUs : us);
    const laterSpan = <S extends Rest>(one: S): S => ({
      ...one,
      from: later(one.from),
      to: later(one.to),
    });
    const laterHandler = (one: Handler): Handler => ({ ...one, from: later(one.from) });
    for (let i = since.drafts; i < until.drafts; i++) {
      const { step } = drafts[i];
      if (step.timeUs !== undefined) drafts[i].step = { ...step, timeUs: later(step.timeUs) };
    }
    for (let i = since.rests; i < until.rests; i++) rests[i] = laterSpan(rests[i]);
    for (let i = since.segments; i < until.segments; i++) {
      const one = laterSpan(segments[i]);
      segments[i] =
        one.handlers === undefined ? one : { ...one, handlers: one.handlers.map(laterHandler) };
    }
    for (let i = since.roots; i < until.roots; i++) {
      const one = roots[i];
      roots[i] = {
        ...one,
        to: later(one.to),
        took: later(one.took),
        ...(one.rests === undefined ? {} : { rests: one.rests.map(laterSpan) }),
      };
    }
    for (const [thread, list] of handlers.entries()) handlers[thread] = list.map(laterHandler);
    since = until;
  };

  return {
    before(index) {
      before = counts();
      arrives = isArriving(m, baseOf(m, threadOf(m.codes[index])));
      if (isPutLater(alternativeOf(m.codes[index]))) settle(before, delayOf(m));
    },
    after() {
      // What the step of an arrival showed depends on it; what was before, on none that is open.
      if (!isAnyOpen(m)) settle(counts(), 0);
      else if (arrives && !isMovedOpen(m)) settle(before, 0);
    },
    end: () => settle(counts(), 0),
  };
}
