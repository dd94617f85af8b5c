/** What is said beside the findings: of a baseline's entries, and of claims that are too weak. */
import type { Accepted } from "../../corpus/baseline.ts";
import { glue, grouped } from "../../report/text.ts";
import type { JudgeOptions } from "../options.ts";
import { type Gate, type Ruling, staleEntries } from "./ruling.ts";

export interface Note {
  /** error: it fails; warning: it does not. */
  readonly level: "error" | "warning";
  readonly file: string;
  readonly text: string;
}

export function notesOn(
  gate: Gate,
  rulings: readonly Ruling[],
  options: Pick<JudgeOptions, "budget" | "scope">,
): Note[] {
  return [
    ...expiredNotes(gate, rulings),
    ...staleNotes(gate, rulings),
    ...rulings.flatMap((ruling) => incompleteNotes(ruling, options)),
  ];
}

export const lineOf = ({ file, text }: Note): string => `${file}: ${text}`;

function expiredNotes({ baseline }: Gate, rulings: readonly Ruling[]): Note[] {
  if (baseline === undefined) return [];
  const { file, entries } = baseline;
  const expired = new Set<Accepted>();
  for (const { standing } of rulings.flatMap(({ findings }) => findings)) {
    if (standing.kind === "expired") expired.add(standing.entry);
  }
  return entries.flatMap((entry, i) => {
    if (!expired.has(entry)) return [];
    const { expires, owner } = entry;
    const who = owner === undefined ? "" : `; ask ${owner}`;
    const text = `accepted[${i}] was accepted until ${expires}, and is no longer${who}: ${what(entry)}`;
    return [{ level: "error", file, text }];
  });
}

function staleNotes(gate: Gate, rulings: readonly Ruling[]): Note[] {
  const { baseline } = gate;
  if (baseline === undefined || gate.writes) return [];
  return staleEntries(gate, rulings).map((i) => {
    const text = `accepted[${i}] is not found any more: ${what(baseline.entries[i])}. If it is mended, take the entry out; a smaller --scope or --budget finds less, too`;
    return { level: "warning", file: baseline.file, text };
  });
}

const what = ({ driver, outcome, identity }: Accepted): string =>
  `${outcome} of ${driver} at ${identity}`;

const weakness = {
  bounded: "the budget ended early, or the model came to a bound of its own",
  sampled: "the budget ended before every state was seen",
} as const;

function incompleteNotes(
  { judged, incomplete }: Ruling,
  { budget, scope }: Pick<JudgeOptions, "budget" | "scope">,
): Note[] {
  const { file, subject } = judged;
  const smaller =
    subject.worlds !== undefined
      ? ", or keep fewer worlds in the file"
      : scope === "small"
        ? ""
        : ", or a smaller scope: --scope small";
  const size = grouped(budget).replaceAll(glue, "_");
  const advice = `--require-complete: give a larger --budget (now ${size})${smaller}`;
  return (["bounded", "sampled"] as const).flatMap((weak): Note[] => {
    const properties = incomplete
      .filter(({ claim }) => claim === weak)
      .map(({ property }) => property);
    if (properties.length === 0) return [];
    const text = `only ${weak}, ${weakness[weak]}: ${properties.join(", ")}. ${advice}`;
    return [{ level: "error", file, text }];
  });
}
