/** From what was seen to findings: shrunk, one of a kind, told. */
import { bounds } from "../base/bounds.ts";
import { needsLadder } from "../judge/finding.ts";
import { targetKey } from "../judge/mechanism.ts";
import { needsOf } from "./needs.ts";
import { batchOf, type Work } from "./pieces.ts";
import type { Found } from "./report.ts";
import type { Seen } from "./survey.ts";

type Case = Pick<Seen, "scenario" | "observation" | "worst">;

/**
 * Transitions for shrinking, over all findings: several times what any driver here takes, so that
 * only where there are hundreds of them each is left larger than it could be.
 */
const shrinkingBudget = bounds.shrinking.max;

/** Shrinks each, and tells one of each outcome, identity and mechanism. */
export function* telling(seen: readonly Seen[], seed: string): Work<Found[]> {
  const budget = Math.ceil(shrinkingBudget / Math.max(1, seen.length));
  const isCovered = (one: Case): boolean => seen.some((other) => covers(other, one));
  const own = seen.filter((one) => !isCovered(one));
  const small: Case[] = [];
  const found: Found[] = [];
  // What nothing else can explain is told at once.
  yield batchOf<"settle">(
    own.map(({ scenario, observation }) => ({
      kind: "settle",
      scenario,
      observation,
      seed,
      budget,
    })),
    (one, index) => {
      small.push({ ...own[index], ...one.small });
      return found.push(withWorst(one.found, own[index])) > 0;
    },
  );
  // Whom one explains that needs nothing need not be shrunk.
  const others = seen.filter(
    (one) =>
      isCovered(one) &&
      !small.some((other) => covers(other, one) && needsOf(other.scenario) === needsLadder[0]),
  );
  yield batchOf<"shrink">(
    others.map(({ scenario, observation }) => ({
      kind: "shrink",
      scenario,
      observation,
      seed,
      budget,
    })),
    (one, index) => small.push({ ...others[index], ...one }) > 0,
  );
  const left = small
    .slice(own.length)
    .filter((one) => !small.some((other) => explains(other, one)));
  yield batchOf<"tell">(
    left.map(({ scenario, observation }) => ({ kind: "tell", scenario, observation, seed })),
    (one, index) => found.push(withWorst(one, left[index])) > 0,
  );
  return found.sort(
    (a, b) =>
      needsLadder.indexOf(a.finding.needs) - needsLadder.indexOf(b.finding.needs) ||
      (targetKey(a.finding) < targetKey(b.finding) ? -1 : 1),
  );
}

/** A case made smaller can take less time than the same did elsewhere. */
function withWorst(found: Found, { worst }: Case): Found {
  const { finding } = found;
  if (worst === undefined || worst.us <= (finding.latencyUs ?? worst.us)) return found;
  return { ...found, finding: { ...finding, worst } };
}

/**
 * Whether one finding is another with more people in it: the same outcome at the same operations
 * and more, in a world that needs as much.
 */
function explains(one: Case, other: Case): boolean {
  if (!covers(one, other)) return false;
  const needs = needsOf(one.scenario);
  // A dead service is not what explains a sick one.
  if (one.observation.target.outcome !== "rule" && needs === "hung service") return false;
  const more = needsLadder.indexOf(needsOf(other.scenario)) - needsLadder.indexOf(needs);
  if (more !== 0 || !covers(other, one)) return more >= 0;
  // Of two that say the same, one stays.
  return targetKey(one.observation.target) < targetKey(other.observation.target);
}

/** Whether it is one of the same kind at some of the same operations, whatever either needs. */
function covers(one: Case, other: Case): boolean {
  const { target: a, rules } = one.observation;
  const { target: b, rules: explained } = other.observation;
  if (a === b || a.outcome !== b.outcome) return false;
  if (a.outcome === "rule")
    return a.identity === b.identity && explained.every((rule) => rules.includes(rule));
  const parts = b.identity.split(" + ");
  const inside = a.identity.split(" + ");
  return inside.length < parts.length && inside.every((part) => parts.includes(part));
}
