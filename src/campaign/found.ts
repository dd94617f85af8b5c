/** From what was seen to findings: shrunk, one of a kind, told. */
import { bounds } from "../base/bounds.ts";
import { type Face, limited } from "../judge/finding.ts";
import { operationIdsOf } from "../judge/identity.ts";
import { isAsLong } from "../judge/latency.ts";
import { targetKey } from "../judge/mechanism.ts";
import { type Need, needsLadder } from "../judge/needs.ts";
import { oneOfEachCause } from "./causes.ts";
import { needsOf } from "./needs.ts";
import { batchOf, type Work } from "./pieces.ts";
import type { Found } from "./report.ts";
import { type Case, longUs, type Small } from "./smallest.ts";
import type { Seen } from "./survey.ts";

/**
 * Transitions for shrinking, over all findings: several times what any driver here takes, so that
 * only where there are hundreds of them each is left larger than it could be.
 */
const shrinkingBudget = bounds.shrinking.max;

const casesOf = (one: Seen): readonly Case[] => [one, ...(one.others ?? [])];

/** Shrinks each, and tells one of each outcome, identity and mechanism. */
export function* telling(seen: readonly Seen[], seed: string): Work<Found[]> {
  const budget = Math.ceil(shrinkingBudget / Math.max(1, seen.length));
  const distinct = seen.filter((one) => !seen.some((other) => accountsFor(other, one)));
  const isCovered = (one: Seen): boolean => distinct.some((other) => covers(other, one));
  const uncovered = distinct.filter((one) => !isCovered(one));
  const untold = seen.filter((one) => !uncovered.includes(one));
  const own = [...uncovered, ...longestOfKinds(untold, uncovered)];
  const small: Small[] = [];
  const found: Found[] = [];
  // What nothing else can explain is told at once.
  yield batchOf<"settle">(
    own.map((one) => ({ kind: "settle", cases: casesOf(one), seed, budget })),
    (one) => small.push(one.small) > 0 && found.push(one.found) > 0,
  );
  // Whom one explains that needs nothing need not be shrunk.
  const others = distinct.filter(
    (one) =>
      !own.includes(one) &&
      !small.some(
        (other) =>
          covers(other, one) && needsLeast(other) === needsLadder[0] && !isOnlyPossible(other),
      ),
  );
  yield batchOf<"shrink">(
    others.map((one) => ({ kind: "shrink", cases: casesOf(one), seed, budget })),
    (one) => small.push(one) > 0,
  );
  const left = small
    .slice(own.length)
    .filter((one) => !small.some((other) => explains(other, one)));
  yield batchOf<"tell">(
    left.map((one) => ({ kind: "tell", small: one })),
    (one) => found.push(one) > 0,
  );
  const told = [...small.slice(0, own.length), ...left];
  return oneOfEachCause(withFaces(found, told)).sort(
    (a, b) =>
      needsLadder.indexOf(a.finding.needs) - needsLadder.indexOf(b.finding.needs) ||
      (targetKey(a.finding) < targetKey(b.finding) ? -1 : 1),
  );
}

const longestUs = (one: Seen): number => Math.max(...casesOf(one).map(longUs));

/** How wide the limit of a latency is: that of an event is over all its callbacks. */
const widthOf = ({ observation: { target } }: Seen): number =>
  target.of === undefined ? -1 : limited.indexOf(target.of);

/** A callback that is as slow as its event or operation is all there is to say of either. */
const accountsFor = (one: Seen, other: Seen): boolean =>
  one.observation.target.outcome === "latency" &&
  other.observation.target.outcome === "latency" &&
  one.observation.target.identity === other.observation.target.identity &&
  widthOf(one) < widthOf(other) &&
  isAsLong(longestUs(one), longestUs(other));

/**
 * Of each that has a limit to its time, the longest, where it is longer than all that is told in any
 * case: who explains it is milder.
 */
function longestOfKinds(untold: readonly Seen[], told: readonly Seen[]): Seen[] {
  const chosen: Seen[] = [];
  for (let width = 0; width < limited.length; width++) {
    const [longest] = untold
      .filter((one) => widthOf(one) === width)
      .sort((a, b) => longestUs(b) - longestUs(a));
    if (longest === undefined) continue;
    const isTold = [...told, ...chosen].some(
      (one) =>
        widthOf(one) >= 0 && widthOf(one) <= width && isAsLong(longestUs(one), longestUs(longest)),
    );
    if (!isTold) chosen.push(longest);
  }
  return chosen;
}

const isOnlyPossible = ({ timedSearch }: Small): boolean => timedSearch !== undefined;

/** What the least case of a finding needs. */
const needsLeast = ({ simplest, scenario }: Small): Need => needsOf(simplest?.scenario ?? scenario);

/**
 * Each with its faces. A face belongs to one that is told: what is only a part of another face is told
 * itself. @param told What they are told of.
 */
function withFaces(found: readonly Found[], told: readonly Small[]): Found[] {
  const whole = new Map<Small, { readonly one: Found; readonly faces: Face[] }>();
  const pairs = found.map((one, i) => [told[i], one] as const);
  for (const [small, one] of pairs.sort(([a], [b]) => compareWidest(a, b))) {
    const of = [...whole.keys()].find((other) => isFaceOf(small, other));
    if (of === undefined) {
      whole.set(small, { one, faces: [] });
      continue;
    }
    const { mechanism, needs, world, latencyUs } = one.finding;
    // A part of a longer one goes the same way: that says nothing new.
    if (mechanism === of.observation.target.mechanism) continue;
    whole.get(of)?.faces.push({
      mechanism,
      needs,
      world,
      ...(latencyUs === undefined ? {} : { latencyUs }),
    });
  }
  return [...whole.values()].map(({ one, faces }) =>
    faces.length === 0
      ? one
      : {
          ...one,
          finding: {
            ...one.finding,
            faces: faces.sort((a, b) => (a.mechanism < b.mechanism ? -1 : 1)),
          },
        },
  );
}

/** Those that others can be faces of come first: with a timing, longer, at more operations. */
function compareWidest(a: Small, b: Small): number {
  const parts = ({ observation }: Small): number =>
    operationIdsOf(observation.target.identity).length;
  return (
    Number(isOnlyPossible(a)) - Number(isOnlyPossible(b)) ||
    longUs(b) - longUs(a) ||
    parts(b) - parts(a) ||
    (targetKey(a.observation.target) < targetKey(b.observation.target) ? -1 : 1)
  );
}

/**
 * Whether one is another way to a finding that needs no more: to be slow at the same operations, for
 * less long, or in the same way at some of them; or to hang there, where only that one has a timing.
 */
function isFaceOf(one: Small, other: Small): boolean {
  const { target: a } = one.observation;
  const { target: b } = other.observation;
  if (a === b || a.outcome !== b.outcome || a.of !== b.of) return false;
  if (needsLadder.indexOf(needsLeast(one)) < needsLadder.indexOf(needsLeast(other))) return false;
  if (a.outcome !== "latency")
    return a.identity === b.identity && isOnlyPossible(one) && !isOnlyPossible(other);
  const [us, most] = [longUs(one), longUs(other)];
  if (a.identity === b.identity) return us < most || (us === most && targetKey(a) > targetKey(b));
  const parts = operationIdsOf(b.identity).length;
  // Half of an even share: which of two equal parts is a little longer is chance.
  const isFairPart = us <= most && us * parts * 2 >= most;
  return isFairPart && a.mechanism === b.mechanism && covers(one, other);
}

/**
 * Whether one finding is another with more people in it: the same outcome at the same operations
 * and more, in a world that needs as much.
 */
function explains(one: Small, other: Small): boolean {
  if (!covers(one, other)) return false;
  // What no timing was found for leaves what has one unexplained.
  if (isOnlyPossible(one) && !isOnlyPossible(other)) return false;
  const needs = needsLeast(one);
  // A dead service is not what explains a sick one.
  if (one.observation.target.outcome !== "rule" && needs === "hung service") return false;
  const more = needsLadder.indexOf(needsLeast(other)) - needsLadder.indexOf(needs);
  if (more !== 0 || !covers(other, one)) return more >= 0;
  // Of two that say the same, one stays.
  return targetKey(one.observation.target) < targetKey(other.observation.target);
}

/** Whether it is one of the same kind at some of the same operations, whatever either needs. */
function covers(one: Case, other: Case): boolean {
  const { target: a, rules } = one.observation;
  const { target: b, rules: explained } = other.observation;
  if (a === b || a.outcome !== b.outcome || a.of !== b.of) return false;
  if (a.outcome === "rule")
    return a.identity === b.identity && explained.every((rule) => rules.includes(rule));
  const parts = operationIdsOf(b.identity);
  const inside = operationIdsOf(a.identity);
  return inside.length < parts.length && inside.every((part) => parts.includes(part));
}
