/** Judges drivers: surveys their worlds, tells what was found, says within what that holds. */
import { type BoundName, inOrder } from "../base/bounds.ts";
import type { Finding } from "../judge/finding.ts";
import { isHang } from "../judge/mechanism.ts";
import { needsLadder, type RungClaim } from "../judge/needs.ts";
import { timesInWords } from "../windows/profiles.ts";
import { telling } from "./found.ts";
import { inThisThread, type Work } from "./pieces.ts";
import type { CheckOptions, CheckReport, PropertyResult, Subject } from "./report.ts";
import { type Seen, surveying, type WorldResult } from "./survey.ts";

export const check = (subject: Subject, options: CheckOptions): CheckReport =>
  inThisThread(checking(subject, options), options.shouldStop);

/** The same in pieces, for several threads. `shouldStop` is for whoever does them to ask. */
export function* checking(subject: Subject, options: CheckOptions): Work<CheckReport> {
  const survey = yield* surveying(subject, options);
  const { seen, worlds, unreached, waits, contended, spent, repeats, stopped, cut } = survey;
  const told = yield* telling(seen, options.seed);
  const findings = told.map((one) => ({ ...one, finding: withBelow(one.finding, worlds, cut) }));
  // What may not be called where it is has never asked for anything.
  const refused = told.flatMap(({ finding: { crash, driver, identity } }) =>
    crash === "irql" ? [`${driver}: ${identity}`] : [],
  );
  const tried = [...waits].filter((id) => contended.has(id) || !refused.includes(id));
  const results = propertyResults(worlds, [...cut, ...(stopped ? (["stopped"] as const) : [])]);
  const isBounded = stopped || results.some(({ claim }) => claim === "bounded");
  return {
    verdict: findings.length > 0 ? "findings" : isBounded ? "bounded" : "clean",
    findings,
    results,
    worlds: worlds.map((world) => {
      const bounds = boundsOf([world], ["untimed", "timed"]);
      return { name: world.name, ...claimOf(bounds, world.untimedComplete), states: world.states };
    }),
    complete: !isBounded && worlds.every((world) => world.untimedComplete),
    contained: containedIn(seen, findings),
    unreached: stopped ? [] : unreached,
    waits: {
      contended: contended.size,
      of: tried.length,
      never: stopped ? [] : tried.filter((id) => !contended.has(id)).sort(),
    },
    spent,
    repeats,
    stopped,
    ...(options.times === undefined ? {} : { ownTimes: timesInWords(options.times) }),
  };
}

/** How many hangs are neither told nor a face of one that is. */
function containedIn(seen: readonly Seen[], told: CheckReport["findings"]): number {
  const known = new Set(
    told.flatMap(({ finding: { identity, mechanism, faces = [] } }) =>
      [mechanism, ...faces.map((face) => face.mechanism)].map((one) => `${identity}: ${one}`),
    ),
  );
  const hangs = seen.filter(({ observation: { target } }) => isHang(target));
  return hangs.filter(
    ({ observation: { target } }) => !known.has(`${target.identity}: ${target.mechanism}`),
  ).length;
}

type Reading = "untimed" | "timed";

/** Which reading shows what a property forbids: a latency is only there with times. */
const readingOf: Readonly<Record<PropertyResult["property"], Reading>> = {
  "deadlock-freedom": "untimed",
  "bounded-latency": "timed",
  "no-crash": "untimed",
  rules: "untimed",
};

/** Bounds that cut what was seen of these worlds in these readings. */
const boundsOf = (
  worlds: readonly WorldResult[],
  readings: readonly Reading[],
  others: readonly BoundName[] = [],
): BoundName[] =>
  inOrder([
    ...worlds.flatMap((world) => readings.flatMap((reading) => world[`${reading}Bounds`])),
    ...(worlds.every(({ isLookedAt }) => isLookedAt) ? [] : (["unlooked"] as const)),
    ...others,
  ]);

const claimOf = (
  bounds: readonly BoundName[],
  isComplete: boolean,
): Pick<PropertyResult, "claim" | "bounds"> => ({
  claim: bounds.length > 0 ? "bounded" : isComplete ? "complete" : "sampled",
  bounds,
});

/** A finding with what is claimed of worlds that need less than it does at least. */
function withBelow(
  finding: Finding,
  worlds: readonly WorldResult[],
  cut: readonly BoundName[],
): Finding {
  const least = needsLadder.indexOf(finding.simplest?.needs ?? finding.needs);
  const reading = readingOf[finding.property];
  const below = needsLadder.slice(0, least).map((needs): RungClaim => {
    const own = worlds.filter((world) => world.needs === needs);
    if (own.length === 0) return { needs, claim: "none" };
    const isComplete = own.every((world) => world[`${reading}Complete`]);
    // What there are too few of is users at once.
    const others = needs === "concurrency" ? cut : [];
    return { needs, claim: claimOf(boundsOf(own, [reading], others), isComplete).claim };
  });
  return below.length === 0 ? finding : { ...finding, below };
}

function propertyResults(
  worlds: readonly WorldResult[],
  others: readonly BoundName[],
): PropertyResult[] {
  const states = worlds.reduce((sum, w) => sum + w.states, 0);
  const runs = worlds.reduce((sum, w) => sum + w.runs, 0);
  return (["deadlock-freedom", "bounded-latency", "no-crash", "rules"] as const).map((property) => {
    const reading = readingOf[property];
    const isComplete = worlds.every((world) => world[`${reading}Complete`]);
    const claim = claimOf(boundsOf(worlds, [reading], others), isComplete);
    return { property, ...claim, worlds: worlds.length, states, runs };
  });
}
