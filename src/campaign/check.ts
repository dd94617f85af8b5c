/** Judges drivers: surveys their worlds, tells what was found, says within what that holds. */

import { timesInWords } from "../windows/profiles.ts";
import { telling } from "./found.ts";
import { inThisThread, type Work } from "./pieces.ts";
import type { CheckOptions, CheckReport, PropertyResult, Subject } from "./report.ts";
import { surveying, type WorldResult } from "./survey.ts";

export const check = (subject: Subject, options: CheckOptions): CheckReport =>
  inThisThread(checking(subject, options), options.shouldStop);

/** The same in pieces, for several threads. `shouldStop` is for whoever does them to ask. */
export function* checking(subject: Subject, options: CheckOptions): Work<CheckReport> {
  const { seen, worlds, unreached, spent, repeats, stopped } = yield* surveying(subject, options);
  const findings = yield* telling(seen, options.seed);
  const bounded = worlds.some(isBounded);
  const complete = !bounded && !stopped && worlds.every((w) => w.untimedComplete);
  return {
    verdict: findings.length > 0 ? "findings" : bounded || stopped ? "bounded" : "clean",
    findings,
    results: propertyResults(worlds, complete),
    worlds: worlds.map((w) => ({
      name: w.name,
      claim: claimOf(w, w.untimedComplete),
      states: w.states,
    })),
    complete,
    unreached: stopped ? [] : unreached,
    spent,
    repeats,
    stopped,
    ...(options.times === undefined ? {} : { ownTimes: timesInWords(options.times) }),
  };
}

/** A bound of the model cut runs short, or the budget did not reach as far as this world. */
const isBounded = (world: WorldResult): boolean => world.boundHits > 0 || !world.isLookedAt;

const claimOf = (world: WorldResult, whole: boolean): PropertyResult["claim"] =>
  isBounded(world) ? "bounded" : whole ? "complete" : "sampled";

function propertyResults(worlds: readonly WorldResult[], complete: boolean): PropertyResult[] {
  const states = worlds.reduce((sum, w) => sum + w.states, 0);
  const runs = worlds.reduce((sum, w) => sum + w.runs, 0);
  const bounded = worlds.some(isBounded);
  const timedComplete = worlds.every((w) => w.timedComplete);
  const claim = (whole: boolean): PropertyResult["claim"] =>
    bounded ? "bounded" : whole ? "complete" : "sampled";
  return (["deadlock-freedom", "bounded-latency", "no-crash", "rules"] as const).map(
    (property) => ({
      property,
      claim: claim(property === "bounded-latency" ? timedComplete : complete),
      worlds: worlds.length,
      states,
      runs,
    }),
  );
}
