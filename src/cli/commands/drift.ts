/** `loophole drift FILE… --source DIR`: which C functions changed since the model was reviewed. */
import { counted, finish, glue, pageOf } from "../../report/text.ts";
import { configuredModel } from "../config.ts";
import { anchoredIn } from "../drift/anchors.ts";
import { accepted, type Drift, driftOf, isDrift } from "../drift/drift.ts";
import { readReviewed, reviewedName, writeReviewed } from "../drift/reviewed.ts";
import { openTree } from "../drift/source-tree.ts";
import { exitCodes } from "../exit.ts";
import { loadFiles } from "../load/load-files.ts";
import { print, printJsonLine, style, warn } from "../output.ts";
import { listenForStop } from "../stop.ts";

interface DriftOptions {
  readonly source: string;
  readonly accept?: boolean;
  readonly json?: boolean;
  readonly loadTimeout: number;
}

interface FileDrift {
  readonly file: string;
  readonly functions: readonly Drift[];
}

export async function driftCommand(
  files: readonly string[],
  { source, accept, json, loadTimeout }: DriftOptions,
): Promise<number> {
  const tree = openTree(source);
  const { extension } = await configuredModel(loadTimeout);
  const stop = listenForStop();
  const loaded = await loadFiles(files, {
    timeoutMs: loadTimeout * 1_000,
    signal: stop.signal,
    onOutput: warn,
    extension,
  }).finally(() => stop.end());
  if (loaded === undefined) return exitCodes.interrupted;
  // Everything is read before anything is written.
  const all = loaded.map(({ file, subject }) => {
    const routines = anchoredIn(subject.drivers);
    const reviewed = readReviewed(reviewedName(file));
    return { file, routines, reviewed };
  });
  const drifts = all.map(({ file, routines, reviewed }): FileDrift => {
    if (!accept) return { file, functions: driftOf(routines, reviewed, tree) };
    const now = accepted(routines, reviewed, tree);
    writeReviewed(reviewedName(file), now);
    return { file, functions: driftOf(routines, now, tree) };
  });
  const drifted = drifts.some(({ functions }) => functions.some(isDrift));
  if (json) printJsonLine({ loophole: "drift", version: 1, drifted, files: drifts });
  else for (const drift of drifts) print(tell(drift, accept === true));
  return drifted ? exitCodes.findings : exitCodes.clean;
}

function tell({ file, functions }: FileDrift, accept: boolean): string {
  const { paint } = pageOf(style());
  const lines = functions
    .filter(({ standing }) => standing !== "same")
    .map((one) => {
      const word = isDrift(one) ? paint.red(one.standing) : one.standing;
      const name = one.function === undefined ? "no function" : one.function;
      const was = one.was === undefined ? "" : `, was at ${one.was}`;
      return `  ${word}: ${name} at ${one.at}${was}, which ${one.routine} of ${one.driver} models`;
    });
  const open = functions.filter(isDrift).length;
  const count = counted(functions.length, "function");
  const end =
    functions.length === 0
      ? 'no routine says where it stands in C: .at("file.c:120")'
      : open === 0
        ? `${count}, ${accept ? "accepted" : "as reviewed"}`
        : accept
          ? `${count}, of which ${open} could not be accepted`
          : `${open} of ${count} not as reviewed. Look at the model, then accept: --accept`;
  return finish([`${file}: ${end}`.replaceAll(glue, " "), ...lines]);
}
