/** Draws schedules: where a run departs from the default, by name, as files keep it. */
import type { Arbitrary } from "fast-check";
import { defaultPick } from "../explore/choices.ts";
import { run } from "../explore/run.ts";
import { type Deviation, recording, replaying } from "../explore/schedule.ts";
import { createMachine } from "../machine/machine.ts";
import type { Program } from "../machine/program.ts";
import { dataArbitrary } from "./data-arbitrary.ts";
import type { Draw } from "./draw.ts";

/** Decisions of a run, at most; deviations, at most. */
const decisionsMax = 400;
const deviationsMax = 8;

/** Schedules that fit a program, in one of its readings: few deviations, anywhere in the run. */
export function schedules(program: Program, timed: boolean): Arbitrary<readonly Deviation[]> {
  return dataArbitrary<readonly Deviation[]>({
    draw: (draw, small) => drawSchedule(draw, program, timed, small ? 2 : deviationsMax),
    accepts: (value): value is readonly Deviation[] =>
      Array.isArray(value) && value.every(isDeviation) && fits(program, timed, value),
    smaller: (schedule) => smallerSchedules(program, timed, schedule),
  });
}

function drawSchedule(
  draw: Draw,
  program: Program,
  timed: boolean,
  max: number,
): readonly Deviation[] {
  let left = draw.int(0, max);
  const source = recording({
    pick(m, last) {
      if (left === 0 || m.count < 2 || !draw.chance(0.15)) return defaultPick(m, last);
      left--;
      return draw.int(0, m.count - 1);
    },
  });
  run(createMachine(program, timed), source, { stepMax: decisionsMax });
  return source.deviations;
}

/** Whether each deviation comes up in a run, in this order. */
function fits(program: Program, timed: boolean, schedule: readonly Deviation[]): boolean {
  const source = replaying(schedule);
  run(createMachine(program, timed), source, { stepMax: decisionsMax });
  return source.failed === undefined && source.used === schedule.length;
}

/** Without some: runs of them first, then one by one. */
function* smallerSchedules(
  program: Program,
  timed: boolean,
  schedule: readonly Deviation[],
): Generator<readonly Deviation[]> {
  for (let size = schedule.length; size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < schedule.length; from += size) {
      const fewer = [...schedule.slice(0, from), ...schedule.slice(from + size)];
      if (fits(program, timed, fewer)) yield fewer;
    }
  }
}

const isDeviation = (value: unknown): value is Deviation =>
  typeof value === "object" &&
  value !== null &&
  "instead" in value &&
  typeof value.instead === "string" &&
  "take" in value &&
  typeof value.take === "string";
