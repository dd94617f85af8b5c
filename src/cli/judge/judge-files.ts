/** From driver files to reports: load, judge, save, and hand on in the order of the files. */
import { posix } from "node:path";
import type { CheckReport } from "../../campaign/report.ts";
import { forwardSlashes } from "../../corpus/files.ts";
import { mustDiffer } from "../../corpus/read.ts";
import { makeFolder, saveCounterexample } from "../../corpus/save.ts";
import { glue, grouped } from "../../report/text.ts";
import { loadFiles } from "../load/load-files.ts";
import type { LoadedFile } from "../load/loaded-file.ts";
import type { JudgeOptions } from "../options.ts";
import { showProgress } from "../progress.ts";
import { listenForStop, type Stop } from "../stop.ts";
import { runJobs } from "./pool.ts";

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
  try {
    const loaded = await loadFiles(files, {
      timeoutMs: options.loadTimeout * 1_000,
      signal: stop.signal,
      onOutput: (text) => process.stderr.write(text),
    });
    const units = options.together ? [onOneMachine(loaded ?? [])] : (loaded ?? []);
    const judged = loaded === undefined ? [] : await judgeUnits(units, options, stop, tell);
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
  }
}

async function judgeUnits(
  units: readonly LoadedFile[],
  options: JudgeOptions,
  stop: Stop,
  tell: (judged: Judged) => string,
): Promise<Judged[]> {
  const { scope, budget, seed, save, workers } = options;
  // Before the work, not after it: a folder that cannot be made is a mistake in the call.
  if (save !== undefined) makeFolder(save);
  const judged: Judged[] = [];
  const progress = showProgress(units.length);
  stop.startClock(options.time);
  try {
    await runJobs(
      units.map(({ subject }) => ({ kind: "check", subject, options: { scope, budget, seed } })),
      {
        workers,
        stop,
        placeOf: (index) => units[index].file,
        onProgress: (index, now) => progress.update(index, now),
        onResult: (index, report) => {
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
      },
    );
  } finally {
    progress.end();
  }
  return judged;
}

/** Drivers of several files as one subject. */
function onOneMachine(loaded: readonly LoadedFile[]): LoadedFile {
  const drivers = loaded.flatMap(({ subject }) => subject.drivers);
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
    const text = `after ${grouped(report.spent)} operations; --budget ${report.spent} repeats them`;
    return [{ file, text: text.replaceAll(glue, " ") }];
  });
  const what = lines.length === 0 ? ", with everything judged" : "";
  process.stderr.write(`loophole: stopped by ${stop.by}${what}\n`);
  for (const { file, text } of lines) process.stderr.write(`  ${file}: ${text}\n`);
  return lines.map(({ file }) => file);
}
