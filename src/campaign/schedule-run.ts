/** Between codes, which fit one program, and deviations, which files keep. */
import { followCodes } from "../explore/choices.ts";
import { run } from "../explore/run.ts";
import { type Deviation, type Misfit, recording, replaying } from "../explore/schedule.ts";
import { createMachine } from "../machine/machine.ts";
import type { Program } from "../machine/program.ts";

export interface ScheduleRun {
  readonly codes: readonly number[];
  /** Why the schedule does not fit the scenario, if it does not. */
  readonly failed: string | undefined;
}

export function deviationsOf(
  program: Program,
  timed: boolean,
  codes: readonly number[],
): Deviation[] {
  const source = recording(followCodes(codes));
  run(createMachine(program, timed), source, { stepMax: codes.length });
  return source.deviations;
}

/** The codes of a run of `length` decisions under these deviations. */
export function codesOf(
  program: Program,
  timed: boolean,
  deviations: readonly Deviation[],
  length: number,
): ScheduleRun {
  const source = replaying(deviations);
  const codes: number[] = [];
  const end = run(createMachine(program, timed), source, {
    stepMax: length,
    onDecision: (m, index) => codes.push(m.codes[index]),
  });
  const unused = source.used < deviations.length;
  const failed =
    misfitWords(source.failed) ??
    (unused
      ? `not reproducible: decision ${source.used + 1} ("${deviations[source.used].instead}") never came`
      : end.steps < length
        ? `the run ends after ${end.steps} of ${length} decisions`
        : undefined);
  return { codes, failed };
}

const misfitWords = (misfit: Misfit | undefined): string | undefined =>
  misfit === undefined
    ? undefined
    : `not reproducible at decision ${misfit.decision + 1}: "${misfit.take}" cannot go there`;

/** The codes of a run under these deviations until nothing moves; undefined where they do not fit. */
export function codesUnder(
  program: Program,
  timed: boolean,
  deviations: readonly Deviation[],
  lengthMax: number,
): readonly number[] | undefined {
  const source = replaying(deviations);
  const codes: number[] = [];
  run(createMachine(program, timed), source, {
    stepMax: lengthMax,
    onDecision: (m, index) => codes.push(m.codes[index]),
  });
  return source.failed === undefined && source.used === deviations.length ? codes : undefined;
}
