/** Where a model's author says that its routines stand in the C source. */
import { statementsIn } from "../../language/conditions.ts";
import type { DriverModel } from "../../language/model.ts";

export interface Anchor {
  /** As the author wrote it. */
  readonly text: string;
  readonly path: string;
  readonly line: number;
}

export interface Anchored {
  readonly driver: string;
  readonly routine: string;
  readonly anchors: readonly Anchor[];
}

/** The routines that say where they stand, or where some of their statements do. */
export function anchoredIn(drivers: readonly DriverModel[]): Anchored[] {
  return drivers.flatMap(({ name: driver, routines }) =>
    routines.flatMap(({ name: routine, at, body }): Anchored[] => {
      const texts = [at, ...[...statementsIn(body)].map((statement) => statement.at)];
      const anchors = [...new Set(texts)].flatMap(anchorOf);
      return anchors.length === 0 ? [] : [{ driver, routine, anchors }];
    }),
  );
}

/** `src/acme.c:120`: other texts are no places, and are refused where drivers are read. */
function anchorOf(text: string | undefined): Anchor[] {
  const colon = text?.lastIndexOf(":") ?? -1;
  if (text === undefined || colon < 1) return [];
  return [{ text, path: text.slice(0, colon), line: Number(text.slice(colon + 1)) }];
}
