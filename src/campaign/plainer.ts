/** Schedules with fewer deviations from the default that still show the same. */
import { bounds } from "../base/bounds.ts";
import type { Observation } from "../explore/observation.ts";
import type { Deviation } from "../explore/schedule.ts";
import { shows } from "../explore/targets.ts";
import type { RuleShape } from "../language/shape.ts";
import type { Program } from "../machine/program.ts";
import { codesUnder, deviationsOf } from "./schedule-run.ts";

/** Attempts at leaving deviations out, at most. */
const attemptsMax = bounds.plainerAttempts.max;
/** Transitions for settling, by exhausting what can follow a shorter run, that it hangs. */
const settleBudget = bounds.plainerSettling.max;

/**
 * Leaves out runs of deviations, long ones first, single ones until none can go, and what comes
 * behind the point where the target is seen. Returns the codes of the plainest run found.
 */
export function plainer(
  program: Program,
  observation: Observation,
  rules: readonly RuleShape[],
): readonly number[] {
  const { timed } = observation;
  const stillShows = (codes: readonly number[]): boolean =>
    shows(program, timed, codes, observation, settleBudget, rules);
  let best = observation.codes;
  let deviations: readonly Deviation[] = deviationsOf(program, timed, best);
  const lengthMax = best.length * 2 + 50;
  let attempts = 0;
  for (let size = deviations.length; size >= 1; ) {
    const before = deviations.length;
    for (let from = 0; from < deviations.length && attempts < attemptsMax; ) {
      attempts++;
      const fewer = [...deviations.slice(0, from), ...deviations.slice(from + size)];
      const codes = codesUnder(program, timed, fewer, lengthMax);
      if (codes !== undefined && stillShows(codes)) {
        deviations = fewer;
        best = codes;
      } else from += size;
    }
    // What was needed for one that has gone since may be needed no longer.
    if (size > 1 || deviations.length === before || attempts >= attemptsMax)
      size = Math.floor(size / 2);
  }
  // Once seen it stays: the run can end there.
  let low = 0;
  let high = best.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (stillShows(best.slice(0, middle))) high = middle;
    else low = middle + 1;
  }
  const short = best.slice(0, high);
  return stillShows(short) ? short : best;
}
