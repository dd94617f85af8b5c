/** Where the time of a latency goes: its critical path from beginning to end. */
import { nameOf, stepOfPart } from "./story-names.ts";
import type { CountedPart, PlainFinding } from "./story-plain.ts";
import { sideOf } from "./story-steps.ts";
import { counted, glue, heading, milliseconds, type Page } from "./text.ts";
import { type Cell, type Row, table } from "./text-table.ts";

const barColumns = 16;
/** Narrower pages have no bars. */
const barFrom = 72;
/** Parts below this share of the whole are put together with their neighbours. */
const shareMin = 0.005;

/** The parts in order, each with its share, and their sum: the latency. */
export function pathLines(page: Page, finding: PlainFinding): string[] {
  const { path, latencyUs, steps } = finding;
  const booked = (path ?? []).reduce((sum, { us }) => sum + us, 0);
  if (path === undefined || booked === 0) return [];
  const total = Math.max(booked, latencyUs ?? 0);
  const parts = joined(path, total);
  if (booked < total) parts.push({ who: "", what: "on no step", us: total - booked });
  const longest = Math.max(...parts.map(({ us }) => us));
  /** Whose code, where a step of the story tells. */
  const mark = (part: CountedPart | undefined): Cell => {
    const step = part === undefined ? undefined : stepOfPart(steps, part);
    if (step === undefined) return { text: "" };
    const side = sideOf(page, finding, step.owner);
    return { text: side.mark, style: side.style };
  };
  const wide = page.width >= barFrom;
  const rows: Row[] = parts.map(({ who, what, us, part }) => ({
    cells: [
      { text: milliseconds(us), style: us === longest ? page.paint.red : undefined },
      {
        text: wide ? bar(us / total) : "",
        style: us === longest ? page.paint.red : page.paint.dim,
      },
      { text: wide ? `${Math.round((100 * us) / total)}${glue}%` : "" },
      mark(part),
      { text: who },
      { text: what },
    ],
  }));
  const sum: Row = {
    cells: [
      { text: milliseconds(total), style: page.paint.bold },
      { text: "" },
      { text: wide ? `100${glue}%` : "" },
      { text: "" },
      { text: "in all", style: page.paint.bold },
      { text: "" },
    ],
  };
  return [
    ...heading(page, "Where the time goes, in order"),
    ...table(
      page,
      [
        { title: "ms", align: "right" },
        { title: "" },
        { title: "", align: "right" },
        { title: "" },
        { title: "who", min: 10 },
        { title: "what", min: 10 },
      ],
      [...rows, sum],
    ),
  ];
}

/** A row: a part, or what stands for several. */
interface Line {
  readonly who: string;
  readonly what: string;
  readonly us: number;
  readonly part?: CountedPart;
}

function lineOf(part: CountedPart): Line {
  const { who, api, us, times, slowed, work } = part;
  const what = work === "look" ? `until “${placeOf(part)}”` : placeOf(part);
  const slow = slowed === true && api !== undefined ? ", slowed" : "";
  return { who: nameOf(who), what: `${what}${often(times)}${slow}`, us, part };
}

/** Where a part of the time passes. */
export const placeOf = ({ operation = "waits for its turn" }: CountedPart): string => operation;

const often = (times: number | undefined): string =>
  times === undefined ? "" : `, ${times}${glue}times`;

/** Eighths of a column are as fine as a bar gets; what takes any time shows. */
function bar(share: number): string {
  const eighths = Math.max(share > 0 ? 1 : 0, Math.round(share * barColumns * 8));
  return "█".repeat(Math.floor(eighths / 8)) + ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
}

/** Neighbours that are short become one part, so that nothing is left out of the sum. */
function joined(path: readonly CountedPart[], total: number): Line[] {
  const parts: Line[] = [];
  for (let i = 0; i < path.length; i++) {
    let until = i;
    while (until < path.length && path[until].us < total * shareMin) until++;
    if (until - i < 2) {
      parts.push(lineOf(path[i]));
      continue;
    }
    const short = path.slice(i, until);
    const names = [...new Set(short.map(({ who }) => nameOf(who)))];
    parts.push({
      who: names.length === 1 ? names[0] : counted(names.length, "thread"),
      what: `… ${counted(short.length, "short step")}`,
      us: short.reduce((sum, { us }) => sum + us, 0),
    });
    i = until - 1;
  }
  return parts;
}
