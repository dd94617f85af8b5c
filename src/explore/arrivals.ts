/**
 * Arrivals that are put later: the machine moves all clocks that depend on the one that is open. What
 * was recorded of the run has times of the same kind, and they move with them.
 */
import type { Handler, Rest, RootSpan, Segment } from "../judge/critical-path.ts";
import { delayOf, isArriving, isPutLater } from "../machine/arrivals.ts";
import { alternativeOf, threadOf } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { isArrivalFollowed, isArrivalOpen, isMarked, unmarked } from "../machine/open-arrival.ts";
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

/** How much of each has been recorded. */
type Counts = Readonly<Record<Exclude<keyof Recorded, "handlers">, number>>;

const none: Counts = { drafts: 0, segments: 0, roots: 0, rests: 0 };

export function createArrivals(m: Machine, recorded: Recorded): Arrivals {
  const { drafts, segments, roots, rests, handlers } = recorded;
  const counts = (): Counts => ({
    drafts: drafts.length,
    segments: segments.length,
    roots: roots.length,
    rests: rests.length,
  });
  /** How much is settled, and how much was recorded before the running step. */
  let since = none;
  let before = none;
  let arrives = false;
  let wasOpen = false;

  /** What depends on the open arrival, of what was recorded up to there, is put later and settled. */
  const putLater = (until: Counts, byUs: number): void => {
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
      wasOpen = isArrivalOpen(m);
      arrives = isArriving(m, baseOf(m, threadOf(m.codes[index])));
      if (isPutLater(alternativeOf(m.codes[index]))) putLater(before, delayOf(m));
    },
    after() {
      if (wasOpen && !isArrivalOpen(m)) putLater(counts(), 0);
      // What was recorded before an arrival does not depend on it.
      else if (arrives && isArrivalOpen(m) && !isArrivalFollowed(m)) putLater(before, 0);
    },
    end: () => putLater(counts(), 0),
  };
}
