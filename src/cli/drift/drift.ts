/** Which C functions changed since a model was reviewed against them. */
import type { Anchor, Anchored } from "./anchors.ts";
import type { CFunction } from "./c-functions.ts";
import type { Reviewed } from "./reviewed.ts";
import { filesLike, type SourceTree } from "./source-tree.ts";

export type Standing =
  | "same"
  /** The same text in another place. */
  | "moved"
  | "changed"
  /** The function is not there any more, or there is none at the place. */
  | "missing"
  /** The place has not been reviewed. */
  | "new";

export interface Drift {
  readonly driver: string;
  readonly routine: string;
  readonly standing: Standing;
  /** Of the C source; absent where there is none. */
  readonly function?: string;
  /** Where it is: "src/acme.c:120"; where it was, or should be, if it is missing. */
  readonly at: string;
  /** Where it was, if that is elsewhere. */
  readonly was?: string;
}

interface Found {
  readonly file: string;
  readonly found: CFunction;
}

const placeOf = ({ file, found }: Found): string => `${file}:${found.line}`;

/** What asks for a look at the model: all but the same text, wherever it stands. */
export const isDrift = ({ standing }: Drift): boolean =>
  standing !== "same" && standing !== "moved";

/** Routine by routine: what was reviewed, then what was not. */
export function driftOf(
  routines: readonly Anchored[],
  reviewed: readonly Reviewed[],
  tree: SourceTree,
): Drift[] {
  return routines.flatMap((routine) => {
    const known = reviewedFor(routine, reviewed);
    const seen = new Set(known.flatMap(({ anchors }) => anchors));
    const fresh = routine.anchors.filter(({ text }) => !seen.has(text));
    return [
      ...known.map((one) => compared(one, tree)),
      ...grouped(routine, fresh, tree).map(({ found, anchors }): Drift => {
        const { driver, routine: name } = routine;
        if (found === undefined) {
          return { driver, routine: name, standing: "missing", at: anchors[0].text };
        }
        const at = placeOf(found);
        return { driver, routine: name, standing: "new", function: found.found.name, at };
      }),
    ];
  });
}

/** What was reviewed for a routine, and that its model still names a place of. */
function reviewedFor(routine: Anchored, reviewed: readonly Reviewed[]): readonly Reviewed[] {
  const texts = new Set(routine.anchors.map(({ text }) => text));
  return reviewed.filter(
    (one) =>
      one.driver === routine.driver &&
      one.routine === routine.routine &&
      one.anchors.some((text) => texts.has(text)),
  );
}

function compared(one: Reviewed, tree: SourceTree): Drift {
  const { driver, routine, hash } = one;
  const was = `${one.file}:${one.line}`;
  const head = { driver, routine, function: one.function };
  const now = findAgain(one, tree);
  if (now === undefined) return { ...head, standing: "missing", at: was };
  const at = placeOf(now);
  const before = at === was ? {} : { was };
  if (now.found.hash !== hash) return { ...head, standing: "changed", at, ...before };
  return { ...head, standing: at === was ? "same" : "moved", at, ...before };
}

/** By its name, in its file or else anywhere; of several the one with its text. */
function findAgain(one: Reviewed, tree: SourceTree): Found | undefined {
  const named = (files: readonly string[]): Found[] =>
    files.flatMap((file) =>
      tree
        .functionsIn(file)
        .filter(({ name }) => name === one.function)
        .map((found) => ({ file, found })),
    );
  const inFile = tree.files.includes(one.file) ? named([one.file]) : [];
  const all = inFile.length > 0 ? inFile : named(tree.files);
  return all.find(({ found }) => found.hash === one.hash) ?? all[0];
}

/** Anchors by the function that they lie in; those that lie in none by themselves. */
function grouped(
  routine: Anchored,
  anchors: readonly Anchor[],
  tree: SourceTree,
): { readonly found?: Found; readonly anchors: readonly Anchor[] }[] {
  const groups = new Map<string, { found?: Found; anchors: Anchor[] }>();
  for (const anchor of anchors) {
    const found = functionAt(anchor, routine.routine, tree);
    const key = found === undefined ? anchor.text : `${placeOf(found)} ${found.found.name}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { found, anchors: [anchor] });
    else group.anchors.push(anchor);
  }
  return [...groups.values()];
}

/** The function around a line; else the one in that file that is named like the routine. */
function functionAt(anchor: Anchor, routine: string, tree: SourceTree): Found | undefined {
  const all = filesLike(tree.files, anchor.path).flatMap((file) =>
    tree.functionsIn(file).map((found) => ({ file, found })),
  );
  const around = all.filter(({ found }) => found.line <= anchor.line && anchor.line <= found.end);
  const named = ({ found }: Found): boolean => found.name === routine;
  return around.find(named) ?? around[0] ?? all.find(named);
}

/**
 * What is reviewed from now on: known functions by their names, since the model's lines may be older
 * than the tree; the rest by its lines. What is in no function is left out.
 */
export function accepted(
  routines: readonly Anchored[],
  reviewed: readonly Reviewed[],
  tree: SourceTree,
): Reviewed[] {
  return routines.flatMap((routine) => {
    const kept = reviewedFor(routine, reviewed).flatMap((one): [Reviewed, Found][] => {
      const now = findAgain(one, tree);
      return now === undefined ? [] : [[one, now]];
    });
    const seen = new Set(kept.flatMap(([{ anchors }]) => anchors));
    const fresh = routine.anchors.filter(({ text }) => !seen.has(text));
    const texts = new Set(routine.anchors.map(({ text }) => text));
    return [
      ...kept.map(([one, now]) =>
        entry(
          routine,
          now,
          one.anchors.filter((text) => texts.has(text)),
        ),
      ),
      ...grouped(routine, fresh, tree).flatMap(({ found, anchors }) =>
        found === undefined
          ? []
          : [
              entry(
                routine,
                found,
                anchors.map(({ text }) => text),
              ),
            ],
      ),
    ];
  });
}

const entry = (
  { driver, routine }: Anchored,
  { file, found }: Found,
  anchors: readonly string[],
): Reviewed => ({
  driver,
  routine,
  function: found.name,
  file,
  line: found.line,
  hash: found.hash,
  anchors: [...anchors],
});
