/**
 * Mutants that change nothing by what their text is like, wherever it stands: each form says so by itself,
 * with the lines around it.
 */

export interface Place {
  readonly file: string;
  readonly lines: readonly string[];
  /** Of the line that is changed, from 0 on. */
  readonly at: number;
  /** As in a mutant's name: what was there, and what is there then. */
  readonly change: string;
}

interface Form {
  readonly why: string;
  readonly isSuch: (place: Place) => boolean;
}

const lineAt = ({ lines, at }: Place, ahead = 0): string => (lines[at - ahead] ?? "").trim();
const isMachine = ({ file }: Place): boolean => file.startsWith("src/machine/");

/** `if (one > other)`, and then `other = one;`. */
function keepsTheLater(place: Place): boolean {
  const [, one, other] = /^(?:else )?if \((\S+) > (\S+)\)$/.exec(lineAt(place)) ?? [];
  return one !== undefined && lineAt(place, -1) === `${other} = ${one};`;
}

/** `one > other ? one : other`. */
const takesTheLater = (place: Place): boolean => / (\S+) > (\S+) \? \1 : \2;/.test(lineAt(place));

/** `if (at < 0)` and `if (at >= 0)`, where the lines ahead say that `at` is what an operand leads to. */
function asksForAddress(place: Place): boolean {
  const [, name] = /^if \((\w+) (?:<|>=) 0\)/.exec(lineAt(place)) ?? [];
  if (name === undefined || !isMachine(place)) return false;
  const led = new RegExp(`\\b${name} = (?:resolve|locate|follow)\\(`);
  return [1, 2, 3].some((ahead) => led.test(lineAt(place, ahead)));
}

/** `return false;` where the line ahead has ended the run, or has found that a name led nowhere. */
function isBehindTheEnd(place: Place): boolean {
  if (!isMachine(place)) return false;
  if (/^(?:crash|hitBound)\(.*\);$/.test(lineAt(place, 1))) return true;
  const [, name] = /^if \((\w+) < 0\)$/.exec(lineAt(place, 1)) ?? [];
  if (name === undefined) return false;
  return [2, 3].some((ahead) => new RegExp(`\\b${name} = resolve\\(`).test(lineAt(place, ahead)));
}

const threadLoop = /^for \(let (\w) = 0; \1 < (?:m\.)?(?:program\.)?threads\.length; \1\+\+\)/;

const forms: readonly (Form & { readonly change: string })[] = [
  {
    change: "> -> >=",
    why: "what is equal is written over by the same",
    isSuch: (place) => keepsTheLater(place) || takesTheLater(place),
  },
  {
    change: "< -> <=",
    why: "no object stands at address 0: the header does",
    isSuch: asksForAddress,
  },
  {
    change: ">= -> >",
    why: "no object stands at address 0: the header does",
    isSuch: asksForAddress,
  },
  {
    change: "false -> true",
    why: "the run is over by then: nobody looks where its thread stands",
    isSuch: isBehindTheEnd,
  },
  {
    change: "< -> <=",
    why: "behind the last thread there is none: what is read there is nothing, which has no status, waits for nothing and refers to nothing, and nothing is written there",
    isSuch: (place) => isMachine(place) && threadLoop.test(lineAt(place)),
  },
];

export const isSameByForm = (place: Place): boolean =>
  forms.some(({ change, isSuch }) => place.change.endsWith(change) && isSuch(place));
