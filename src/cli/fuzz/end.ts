/** The end of a campaign: its mechanisms are shrunk, told and kept. */
import { posix } from "node:path";
import type { FuzzOptions, FuzzState, MechanismSeen } from "../../campaign/fuzz.ts";
import { statementCount } from "../../campaign/fuzz-statistics.ts";
import { forwardSlashes } from "../../corpus/files.ts";
import { saveCounterexample } from "../../corpus/save.ts";
import { tellFinding } from "../../report/story.ts";
import { exitCodes } from "../exit.ts";
import { print, printJsonLine, style, warn } from "../output.ts";
import type { Stop } from "../stop.ts";
import type { FuzzCommandOptions } from "./asked.ts";
import { tellCampaign } from "./campaign.ts";
import type { FolderLock } from "./folder-lock.ts";
import { jsonCampaign, type Told, tellCampaign as tableOf } from "./table.ts";

/** Returns the exit code. */
export async function endCampaign(
  state: FuzzState,
  options: FuzzOptions,
  {
    save,
    workers,
    json,
    stories,
  }: Pick<FuzzCommandOptions, "save" | "workers" | "json" | "stories">,
  stop: Stop,
  lock?: FolderLock,
): Promise<number> {
  const told: Told[] = [];
  await tellCampaign(state, options, { workers, stop }, (one) => {
    if (save === undefined || one.found === undefined) {
      told.push(one);
      return;
    }
    lock?.check();
    const name = saveCounterexample(save, one.found.counterexample);
    told.push({ ...one, file: posix.join(forwardSlashes(save), name) });
  });
  const isWhole = stop.by === undefined;
  const count = told.length;
  // What a stop left untold was seen all the same.
  const known = new Set(told.map(keyOf));
  told.push(...state.mechanisms.filter((one) => !known.has(keyOf(one))).map(untold));
  if (json) printJsonLine(jsonCampaign(state, told, options, isWhole));
  else {
    if (stories) {
      for (const { found } of told) if (found) print(`${tellFinding(found.finding, style())}\n`);
    }
    print(tableOf(state, told, options, style()));
  }
  if (!isWhole) tellStop(stop, state, count, save);
  if (state.faults.length > 0) return exitCodes.fault;
  // That generated drivers hang is what they are for.
  return options.given.length > 0 && told.length > 0 ? exitCodes.findings : exitCodes.clean;
}

const keyOf = ({ outcome, mechanism }: Pick<Told, "outcome" | "mechanism">): string =>
  `${outcome}|${mechanism}`;

function untold({ case: seen, ...rest }: MechanismSeen): Told {
  return { ...rest, found: undefined, statements: statementCount(seen.scenario) };
}

function tellStop({ by }: Stop, state: FuzzState, told: number, save: string | undefined): void {
  const left = state.mechanisms.length - told;
  const unshrunk =
    left === 0 ? "" : `, ${left} of ${state.mechanisms.length} mechanisms neither shrunk nor told`;
  const on = save === undefined ? "" : "; the same call goes on from there";
  warn(`loophole: stopped by ${by} after ${state.done} runs${unshrunk}${on}\n`);
}
