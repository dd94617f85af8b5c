/** Crashes that come of one cause are one finding, which says at how many moments it was seen. */
import type { Moment } from "../judge/crash-facts.ts";
import type { Finding } from "../judge/finding.ts";
import { targetKey } from "../judge/mechanism.ts";
import { needsLadder } from "../judge/needs.ts";
import type { Found } from "./report.ts";

/** Of the crashes with one cause the plainest is told; all else stays as it is. */
export function oneOfEachCause(found: readonly Found[]): Found[] {
  const byCause = new Map<string, Found[]>();
  for (const [i, one] of found.entries()) {
    const cause = causeOf(one.finding) ?? `${i}`;
    byCause.set(cause, [...(byCause.get(cause) ?? []), one]);
  }
  return [...byCause.values()].map((alike) => {
    const [plainest, ...others] = [...alike].sort((a, b) => comparePlain(a.finding, b.finding));
    if (others.length === 0) return plainest;
    const moments = others.map(({ finding }) => momentOf(finding));
    return { ...plainest, finding: { ...plainest.finding, moments } };
  });
}

/**
 * What would have to be mended: whose code was left to run, or on what it relied that was freed where.
 * All else is its own cause: undefined.
 */
function causeOf(finding: Finding): string | undefined {
  const { crash, code, timerSet, driver, freed, startFailed = false, steps } = finding;
  const isOfMemory =
    crash === "codeIsGone" || crash === "useAfterReturn" || crash === "useAfterFree";
  // A timer that is set is told at the call that set it, whenever it falls due.
  if (!isOfMemory || timerSet !== undefined || code === undefined) return undefined;
  const freedBy = freed === undefined ? "" : steps[freed.step].opId;
  return JSON.stringify([driver, crash, code, freedBy, startFailed]);
}

/** What needs least; then who is inside of the code rather than about to enter it; then the shortest. */
const comparePlain = (a: Finding, b: Finding): number =>
  needsLadder.indexOf(a.needs) - needsLadder.indexOf(b.needs) ||
  Number(a.inside === "other") - Number(b.inside === "other") ||
  a.steps.length - b.steps.length ||
  (targetKey(a) < targetKey(b) ? -1 : 1);

const momentOf = ({ identity, steps }: Finding): Moment => ({
  identity,
  operation: steps.at(-1)?.operation ?? identity,
});
