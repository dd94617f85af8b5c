/** From driver files to reports: load, judge, save, and hand on in the order of the files. */
import { posix } from "node:path";
import { InputError } from "../../base/input-error.ts";
import { checking } from "../../campaign/check.ts";
import type { Work } from "../../campaign/pieces.ts";
import type { CheckReport, Progress } from "../../campaign/report.ts";
import { forwardSlashes } from "../../corpus/files.ts";
import { mustDiffer } from "../../corpus/read.ts";
import { saveCounterexample } from "../../corpus/save.ts";
import { mustHaveRoom } from "../../corpus/whole-file.ts";
import { glue, grouped } from "../../report/text.ts";
import { loadFiles } from "../load/load-files.ts";
import type { LoadedFile } from "../load/loaded-file.ts";
import type { JudgeOptions } from "../options.ts";
import { warn } from "../output.ts";
import { showProgress } from "../progress.ts";
import { listenForStop, type Stop } from "../stop.ts";
import { inOrder, openPool, type Pool } from "./pool.ts";

export interface Judged extends LoadedFile {
  readonly report: CheckReport;
  /** Where each finding's counterexample was saved: as given, with forward slashes. */
  readonly saved: readonly (string | undefined)[];
}

interface Judgement {
  readonly judged: readonly Judged[];
  /** Files that a stop left unjudged, or judged in part. */
  readonly unfinished: readonly string[];
}

/** @param tell Gives the text for standard output about a file, as soon as it is judged. */
export async function judgeFiles(
  files: readonly string[],
  options: JudgeOptions & { readonly together?: boolean },
  tell: (judged: Judged) => string,
): Promise<Judgement> {
  const stop = listenForStop();
  // Threads begin beside the loading, which takes as long.
  const pool = openPool(options.workers, stop, files.length + 1);
  try {
    const loaded = await loadFiles(files, {
      timeoutMs: options.loadTimeout * 1_000,
      signal: stop.signal,
      onOutput: warn,
      extension: options.extension,
    });
    const units = options.together ? [onOneMachine(loaded ?? [])] : (loaded ?? []);
    const judged = loaded === undefined ? [] : await judgeUnits(units, options, stop, pool, tell);
    return {
      judged,
      unfinished: tellStop(
        stop,
        judged,
        loaded === undefined ? files : units.map((unit) => unit.file),
      ),
    };
  } finally {
    stop.end();
    await pool.end();
  }
}

async function judgeUnits(
  units: readonly LoadedFile[],
  options: JudgeOptions,
  stop: Stop,
  pool: Pool,
  tell: (judged: Judged) => string,
): Promise<Judged[]> {
  const { scope, budget, seed, times, save, workers } = options;
  // Before the work, not after it: a folder that cannot be made is a mistake in the call.
  if (save !== undefined) mustHaveRoom(save);
  const judged: Judged[] = [];
  const progress = showProgress(units.length);
  stop.startClock(options.time);
  try {
    await inOrder(
      units.length,
      workers,
      (index) => {
        const onProgress = (now: Progress): void => progress.update(index, now);
        const work = checking(units[index].subject, { scope, budget, seed, times, onProgress });
        return overThreads(work, pool, workers, units[index].file);
      },
      (index, report) => {
        const saved = report.findings.map(({ counterexample }) =>
          save === undefined
            ? undefined
            : posix.join(forwardSlashes(save), saveCounterexample(save, counterexample)),
        );
        const one = { ...units[index], report, saved };
        judged.push(one);
        progress.finish(index);
        const text = tell(one);
        if (text !== "") progress.print(text);
      },
      () => stop.by !== undefined,
    );
  } finally {
    progress.end();
  }
  return judged;
}

/** Does work in pieces, as many at a time as there are threads; their number changes no result. */
async function overThreads<R>(
  work: Work<R>,
  pool: Pool,
  workers: number,
  file: string,
): Promise<R> {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    const { pieces, take } = step.value;
    // Set once nothing more is wanted: what is under way by then is broken off.
    const enough = new Int32Array(new SharedArrayBuffer(4));
    await inOrder(
      pieces.length,
      workers,
      (index) => pool.run({ kind: "piece", piece: pieces[index], enough: enough.buffer }, file),
      (index, result) => {
        if (enough[0] === 0 && !take(result, index)) Atomics.store(enough, 0, 1);
      },
      () => enough[0] !== 0,
    );
  }
}

/** Drivers of several files as one subject. */
function onOneMachine(loaded: readonly LoadedFile[]): LoadedFile {
  const drivers = loaded.flatMap(({ subject }) => subject.drivers);
  const homes = new Map<string, string>();
  for (const { file, subject } of loaded) {
    for (const { name } of subject.drivers) {
      const home = homes.get(name);
      if (home !== undefined && home !== file) {
        throw new InputError("--together", `${home} and ${file} both have a driver named ${name}`);
      }
      homes.set(name, file);
    }
  }
  mustDiffer(drivers, "--together");
  const worlds = loaded.flatMap(({ subject }) => subject.worlds ?? []);
  return {
    file: loaded.map(({ file }) => file).join(" "),
    subject: { drivers, ...(worlds.length === 0 ? {} : { worlds }) },
    expected: undefined,
    origins: Object.fromEntries(
      loaded.flatMap(({ file, subject }) => subject.drivers.map(({ name }) => [name, file])),
    ),
  };
}

/** Says on stderr what a stop left out, and how to come as far again. */
function tellStop(stop: Stop, judged: readonly Judged[], files: readonly string[]): string[] {
  if (stop.by === undefined) return [];
  const lines = files.flatMap((file) => {
    const report = judged.find((one) => one.file === file)?.report;
    if (report === undefined) return [{ file, text: "not judged" }];
    if (!report.stopped) return [];
    const text = `after ${grouped(report.spent)} operations; --budget ${report.repeats} repeats them`;
    return [{ file, text: text.replaceAll(glue, " ") }];
  });
  const what = lines.length === 0 ? ", with everything judged" : "";
  warn(`loophole: stopped by ${stop.by}${what}\n`);
  for (const { file, text } of lines) warn(`  ${file}: ${text}\n`);
  return lines.map(({ file }) => file);
}
