/**
 * A run's decisions as people and files keep them: only where they depart from the default, and by
 * name: the thread, the calls of the drivers' that led it there, the operation, and which visit of
 * it on that path; never a position in a list.
 */
import { framesOf } from "../judge/objects.ts";
import { isPutLater } from "../machine/arrivals.ts";
import { Alternative, alternativeOf, F, Status, T, threadOf } from "../machine/layout.ts";
import { baseOf, type Machine, siteAt } from "../machine/machine.ts";
import { Op, stride } from "../machine/opcodes.ts";
import { type ChoiceSource, defaultPick } from "./choices.ts";

export interface Deviation {
  readonly instead: string;
  readonly take: string;
}

/** How often each operation was passed so far, by thread and call path. */
export interface Visits {
  readonly counts: Map<number, number>;
  /** Call paths by number: each is its caller's, and one call more. */
  readonly paths: Map<number, number>;
}

export const noVisits = (): Visits => ({ counts: new Map(), paths: new Map() });

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
    case Alternative.stop:
      return " [stops]";
    case Alternative.later:
      return " [later]";
    default:
      return ` [choice ${alternative}]`;
  }
};

/** Sites of the drivers' calls that a thread stands in, the outermost first. */
function callPath(m: Machine, thread: number): readonly number[] {
  const { code, sites } = m.program;
  const path: number[] = [];
  for (const frame of framesOf(m, thread)) {
    const call = m.words[frame + F.returnPc] - stride;
    // What an APC or a dispatcher enters comes back to where no call stands.
    if (call >= 0 && code[call] === Op.call && sites[code[call + 1]].users) {
      path.push(code[call + 1]);
    }
  }
  return path.reverse();
}

function visitKey(m: Machine, code: number, { paths }: Visits): number {
  const sites = m.program.sites.length;
  const thread = threadOf(code);
  let path = 0;
  for (const call of callPath(m, thread)) {
    const key = path * sites + call;
    path = paths.get(key) ?? paths.size + 1;
    paths.set(key, path);
  }
  return (path * m.program.threads.length + thread) * sites + siteAt(m, thread);
}

/** "user1: OnCreate/Ask() > Ask/KeWaitForSingleObject(Answered) (2) [timeout]" */
export function nameOf(m: Machine, code: number, visits: Visits): string {
  const { sites, threads } = m.program;
  const thread = threadOf(code);
  // A user that has ended can still be put later, with all that followed from it.
  const hasEnded = m.words[baseOf(m, thread) + T.status] === Status.ended;
  const operations = hasEnded
    ? ["end"]
    : [...callPath(m, thread), siteAt(m, thread)].map((site) => sites[site].opId);
  const visit = (visits.counts.get(visitKey(m, code, visits)) ?? 0) + 1;
  return `${threads[thread].name}: ${operations.join(" > ")}${visit > 1 ? ` (${visit})` : ""}${alternativeWords(alternativeOf(code))}`;
}

export function countVisit(m: Machine, code: number, visits: Visits): void {
  if (isPutLater(alternativeOf(code))) return;
  const key = visitKey(m, code, visits);
  visits.counts.set(key, (visits.counts.get(key) ?? 0) + 1);
}

/** A source that takes another's choices and notes where they depart from the default. */
export function recording(
  source: ChoiceSource,
): ChoiceSource & { readonly deviations: Deviation[] } {
  const deviations: Deviation[] = [];
  const visits = noVisits();
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

/** A deviation, by index, that cannot be taken where it should be. */
export interface Misfit {
  readonly decision: number;
  readonly take: string;
}

/** Replays deviations. `failed` says where the run no longer fits, if it does not. */
export function replaying(
  deviations: readonly Deviation[],
): ChoiceSource & { failed: Misfit | undefined; used: number } {
  const visits = noVisits();
  const self = {
    failed: undefined as Misfit | undefined,
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
        } else self.failed ??= { decision: self.used, take: next.take };
      }
      countVisit(m, m.codes[chosen], visits);
      return chosen;
    },
  };
  return self;
}
