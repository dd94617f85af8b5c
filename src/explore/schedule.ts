/**
 * A run's decisions as people and files keep them: only where they depart from the default, and by
 * name: the thread, the operation, and which visit of it, never a position in a list.
 */
import { Alternative, alternativeOf, threadOf } from "../machine/layout.ts";
import { type Machine, siteAt } from "../machine/machine.ts";
import { type ChoiceSource, defaultPick } from "./choices.ts";

export interface Deviation {
  readonly instead: string;
  readonly take: string;
}

export interface Visits {
  readonly counts: Map<number, number>;
}

const alternativeWords = (alternative: number): string => {
  switch (alternative) {
    case 0:
      return "";
    case Alternative.timeout:
      return " [timeout]";
    case Alternative.interrupt:
      return " [terminated]";
    case Alternative.fault:
      return " [fails]";
    default:
      return ` [choice ${alternative}]`;
  }
};

const visitKey = (m: Machine, code: number): number =>
  threadOf(code) * 65_536 + siteAt(m, threadOf(code));

/** "user1: AcmeCreateProcess/KeWaitForSingleObject#1 (2) [timeout]" */
export function nameOf(m: Machine, code: number, visits: Visits): string {
  const thread = threadOf(code);
  const site = m.program.sites[siteAt(m, thread)];
  const visit = (visits.counts.get(visitKey(m, code)) ?? 0) + 1;
  return `${m.program.threads[thread].name}: ${site.opId}${visit > 1 ? ` (${visit})` : ""}${alternativeWords(alternativeOf(code))}`;
}

export function countVisit(m: Machine, code: number, visits: Visits): void {
  const key = visitKey(m, code);
  visits.counts.set(key, (visits.counts.get(key) ?? 0) + 1);
}

/** A source that takes another's choices and notes where they depart from the default. */
export function recording(
  source: ChoiceSource,
): ChoiceSource & { readonly deviations: Deviation[] } {
  const deviations: Deviation[] = [];
  const visits: Visits = { counts: new Map() };
  return {
    deviations,
    pick(m, last) {
      const chosen = source.pick(m, last);
      const usual = defaultPick(m, last);
      if (chosen !== usual) {
        deviations.push({
          instead: nameOf(m, m.codes[usual], visits),
          take: nameOf(m, m.codes[chosen], visits),
        });
      }
      countVisit(m, m.codes[chosen], visits);
      return chosen;
    },
  };
}

/** Replays deviations. `failed` says where the run no longer fits, if it does not. */
export function replaying(
  deviations: readonly Deviation[],
): ChoiceSource & { failed: string | undefined; used: number } {
  const visits: Visits = { counts: new Map() };
  const self = {
    failed: undefined as string | undefined,
    used: 0,
    pick(m: Machine, last: number): number {
      let chosen = defaultPick(m, last);
      const next = deviations[self.used];
      if (next !== undefined && nameOf(m, m.codes[chosen], visits) === next.instead) {
        let found = -1;
        for (let i = 0; i < m.count; i++)
          if (nameOf(m, m.codes[i], visits) === next.take) found = i;
        if (found >= 0) {
          chosen = found;
          self.used++;
        } else
          self.failed ??= `not reproducible at decision ${self.used + 1}: "${next.take}" cannot go there`;
      }
      countVisit(m, m.codes[chosen], visits);
      return chosen;
    },
  };
  return self;
}
