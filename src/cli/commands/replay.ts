/** `loophole replay FILE|DIR…`: runs saved counterexamples again. */
import { InputError } from "../../base/input-error.ts";
import type { ReplayResult } from "../../campaign/replay.ts";
import type { Counterexample } from "../../corpus/counterexample.ts";
import { findCorpusFiles, forwardSlashes, isFolder } from "../../corpus/files.ts";
import { loadCounterexample } from "../../corpus/load.ts";
import { jsonReport } from "../../report/json.ts";
import { headline, tellFinding } from "../../report/story.ts";
import { counted, glue } from "../../report/text.ts";
import { exitCodes, InputErrors } from "../exit.ts";
import { runJobs } from "../judge/pool.ts";
import { print, printJsonLine, style, warn } from "../output.ts";
import { listenForStop } from "../stop.ts";

interface ReplayCommandOptions {
  readonly workers: number;
  readonly stories?: boolean;
  readonly json?: boolean;
}

export async function replayCommand(
  paths: readonly string[],
  options: ReplayCommandOptions,
): Promise<number> {
  const files = filesOf(paths);
  const corpus = await loadAll(files);
  // One file is replayed for its story, a folder to see whether all still holds.
  const withStory = options.stories || (corpus.length === 1 && !options.json);
  const results: ReplayResult[] = [];
  const stop = listenForStop();
  try {
    await runJobs(
      corpus.map((counterexample) => ({ kind: "replay", counterexample })),
      {
        workers: options.workers,
        stop,
        placeOf: (index) => files[index],
        onResult: (index, result) => {
          results.push(result);
          if (!options.json) print(tell(files[index], result, withStory === true));
        },
      },
    );
  } finally {
    stop.end();
  }
  if (stop.by !== undefined) {
    const left = counted(files.length - results.length, "file").replaceAll(glue, " ");
    warn(`loophole: stopped by ${stop.by}, ${left} not replayed\n`);
  }
  const failed = results.filter(({ mismatch }) => mismatch !== undefined).length;
  if (options.json) printJsonLine(report(files, results));
  else print(ending(results.length, failed));
  return failed > 0 ? exitCodes.findings : exitCodes.clean;
}

/** Files as given, folders as the `*.json` files below them. */
function filesOf(paths: readonly string[]): string[] {
  const files = paths.flatMap((path) => {
    if (!isFolder(path)) return [forwardSlashes(path)];
    const found = findCorpusFiles(path);
    if (found.length === 0) throw new InputError(path, "holds no *.json file");
    return found;
  });
  return [...new Set(files)];
}

async function loadAll(files: readonly string[]): Promise<Counterexample[]> {
  const loaded: Counterexample[] = [];
  const errors: InputError[] = [];
  for (const file of files) {
    try {
      loaded.push(await loadCounterexample(file));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new InputErrors(errors);
  return loaded;
}

function tell(file: string, { finding, mismatch }: ReplayResult, withStory: boolean): string {
  const what = finding === undefined ? "" : ` ${headline(finding)}`;
  const line =
    mismatch === undefined
      ? `${file}: does what it says.${what}`
      : `${file}: DOES NOT do what it says: ${mismatch}`;
  if (!withStory || finding === undefined) return `${line.replaceAll(glue, " ")}\n`;
  return `${tellFinding(finding, style())}\n${line.replaceAll(glue, " ")}\n`;
}

function ending(files: number, failed: number): string {
  if (files < 2) return "";
  const text = `${counted(files, "file")}: ${failed === 0 ? "all do what they say" : `${failed} not`}`;
  return `${text.replaceAll(glue, " ")}\n`;
}

function report(files: readonly string[], results: readonly ReplayResult[]): unknown {
  const findings = results.flatMap(({ finding }, i) =>
    finding === undefined ? [] : [{ finding, file: files[i] }],
  );
  // A replay searches nothing, so it never shows that there is nothing.
  const verdict = findings.length > 0 ? "findings" : "bounded";
  const one = { verdict, findings, results: [], complete: false, unreached: [] } as const;
  return jsonReport([one], results.length === files.length);
}
