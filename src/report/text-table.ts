/** Tables that fit a width: columns that may shrink wrap inside their cells. */
import { columns, joints, type Page, type Style, wrap } from "./text.ts";

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** It may shrink to this many columns, wrapping; absent: it never shrinks. */
  readonly min?: number;
}

export interface Cell {
  readonly text: string;
  /** Columns before the text; lines after the first stand two further in. */
  readonly indent?: number;
  readonly style?: Style;
}

/** A row of cells, or one text from a column on to the end of the line. */
export type Row =
  | { readonly cells: readonly Cell[] }
  | {
      readonly span: string;
      readonly from: number;
      readonly indent?: number;
      readonly style?: Style;
    };

const margin = "  ";
const gap = "  ";

export function table(page: Page, all: readonly Column[], rows: readonly Row[]): string[] {
  // A column in which nothing stands is left out.
  const used = all.map((_, i) => rows.some((row) => "cells" in row && row.cells[i].text !== ""));
  const shown = all.filter((_, i) => used[i]);
  const widths = widthsOf(page, shown, all, rows, used);
  const titles = all.map(({ title }) => ({ text: title, style: page.paint.dim }));
  const head = all.some(({ title }) => title !== "") ? [{ cells: titles }] : [];
  return [...head, ...rows].flatMap((row) => {
    if ("cells" in row) {
      return rowLines(
        row.cells.filter((_, i) => used[i]),
        shown,
        widths,
      );
    }
    const before = used.slice(0, row.from).filter(Boolean).length;
    const indent = widths.slice(0, before).reduce((sum, w) => sum + w + gap.length, margin.length);
    const first = " ".repeat(indent + (row.indent ?? 0));
    return wrap(row.span, page.width, { first }).map(row.style ?? ((line) => line));
  });
}

function widthsOf(
  page: Page,
  shown: readonly Column[],
  all: readonly Column[],
  rows: readonly Row[],
  used: readonly boolean[],
): number[] {
  const widths = all
    .map(({ title }, i) =>
      Math.max(
        columns(title),
        ...rows.map((row) =>
          "cells" in row ? columns(row.cells[i].text) + (row.cells[i].indent ?? 0) : 0,
        ),
      ),
    )
    .filter((_, i) => used[i]);
  const room = page.width - margin.length - gap.length * (shown.length - 1);
  // Columns give way between their words first, and inside of them only where nothing else is left.
  const pieces = all.map((_, i) => pieceOf(rows, i)).filter((_, i) => used[i]);
  const least = shown.map(({ min }, i) =>
    min === undefined ? undefined : Math.max(min, pieces[i]),
  );
  shrink(widths, room, least);
  shrink(
    widths,
    room,
    shown.map(({ min }) => min),
  );
  return widths;
}

/** Takes from the widest column that may shrink, down to the least of each. */
function shrink(widths: number[], room: number, least: readonly (number | undefined)[]): void {
  for (let over = sum(widths) - room; over > 0; over--) {
    let widest = -1;
    least.forEach((min, i) => {
      if (min === undefined || widths[i] <= min) return;
      if (widest < 0 || widths[i] > widths[widest]) widest = i;
    });
    if (widest < 0) break;
    widths[widest]--;
  }
}

/** What the longest piece of a column's texts takes that no line breaks, indentation included. */
const pieceOf = (rows: readonly Row[], i: number): number =>
  Math.max(
    0,
    ...rows.flatMap((row) => {
      if (!("cells" in row)) return [];
      const { text, indent = 0 } = row.cells[i];
      return text.split(joints).map((piece) => columns(piece) + indent + 2);
    }),
  );

function rowLines(
  cells: readonly Cell[],
  shown: readonly Column[],
  widths: readonly number[],
): string[] {
  const wrapped = cells.map(({ text, indent = 0 }, i) =>
    wrap(text, widths[i], {
      first: " ".repeat(Math.min(indent, Math.floor(widths[i] / 2))),
      rest: " ".repeat(Math.min(indent + 2, Math.floor(widths[i] / 2))),
      chop: true,
    }),
  );
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, n) => {
    const parts = wrapped.map((lines, i) => {
      const line = lines[n] ?? "";
      const padding = " ".repeat(Math.max(0, widths[i] - columns(line)));
      const styled = line === "" ? "" : (cells[i].style?.(line) ?? line);
      return shown[i].align === "right" ? padding + styled : styled + padding;
    });
    return (margin + parts.join(gap)).trimEnd();
  });
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
