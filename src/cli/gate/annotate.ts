/** Rulings as marks beside the code. */
import { posix } from "node:path";
import { forwardSlashes } from "../../corpus/files.ts";
import type { Finding } from "../../judge/finding.ts";
import { acceptedWords } from "../../report/accepted.ts";
import { type Annotation, annotationText, placeOf } from "../../report/annotations.ts";
import { linesOf } from "../expectation.ts";
import type { Note } from "./notes.ts";
import type { Ruled, Ruling } from "./ruling.ts";

/** The disk, as far as marks need it. */
interface Places {
  readonly exists: (path: string) => boolean;
  /** Where we run, and the top of the repository: mostly the same, in CI. */
  readonly folder: string;
  readonly top: string;
}

export function annotationsOf(
  rulings: readonly Ruling[],
  notes: readonly Note[],
  places: Places,
): Annotation[] {
  const marks = rulings.flatMap((ruling) => [
    ...ruling.findings.flatMap((ruled) => findingMark(ruling, ruled, places)),
    ...linesOf(ruling.faults.filter(({ finding }) => finding === undefined)).map(
      (message): Annotation => ({
        level: "error",
        file: ruling.judged.file,
        title: "Loophole: not as known",
        message,
      }),
    ),
  ]);
  return [
    ...marks,
    ...notes.map(({ level, file, text }): Annotation => {
      return { level, file, title: "Loophole", message: text };
    }),
  ].map((mark) => ({ ...mark, file: fromTop(mark.file, places) }));
}

function findingMark(ruling: Ruling, { finding, standing }: Ruled, places: Places): Annotation[] {
  // What a driver file expects is no news to its readers.
  if (standing.kind === "expected") return [];
  const { title, message } = annotationText(finding);
  const place = placeOfFinding(ruling, finding, places);
  if (standing.kind !== "accepted") return [{ level: "error", ...place, title, message }];
  const why = acceptedWords({ finding, entry: standing.entry });
  return [
    { level: "notice", ...place, title: `${title}, accepted`, message: `${why}\n${message}` },
  ];
}

/**
 * The author's place, which is from the driver file if there is such a file, else from the top; the
 * driver file, if the author names no place.
 */
function placeOfFinding(
  { judged }: Ruling,
  finding: Finding,
  { exists }: Places,
): { readonly file: string; readonly line?: number } {
  const { origins, file } = judged;
  const driverFile = origins?.[finding.driver] ?? Object.values(origins ?? {})[0] ?? file;
  const place = placeOf(finding);
  if (place === undefined) return { file: driverFile };
  const beside = posix.join(posix.dirname(driverFile), place.file);
  return { ...place, file: exists(beside) ? beside : place.file };
}

/** GitHub knows files by their path from the top of the repository. */
function fromTop(file: string, { folder, top }: Places): string {
  const whole = (path: string): string => `${forwardSlashes(path).replace(/\/$/, "")}/`;
  const isWhole = /^(?:\/|[A-Za-z]:\/)/.test(file);
  const path = posix.normalize(isWhole ? file : `${whole(folder)}${file}`);
  return path.startsWith(whole(top)) ? path.slice(whole(top).length) : posix.normalize(file);
}
