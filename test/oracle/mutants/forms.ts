/**
 * Mutants that change nothing by what their text is like, wherever it stands: each form says so by itself,
 * with the lines around it.
 */
import { type Compared, comparedIn } from "./compared.ts";

export interface Place {
  readonly file: string;
  readonly lines: readonly string[];
  /** Of the line that is changed, from 0 on, and where in it, from 1 on. */
  readonly at: number;
  readonly column: number;
  /** As in a mutant's name: what was there, and what is there then. */
  readonly change: string;
}

interface Form {
  readonly why: string;
  readonly isSuch: (place: Place) => boolean;
}

const lineAt = ({ lines, at }: Place, ahead = 0): string => (lines[at - ahead] ?? "").trim();
const isMachine = ({ file }: Place): boolean => file.startsWith("src/machine/");

const comparedAt = ({ lines, at, column }: Place): Compared | undefined =>
  comparedIn(lines[at] ?? "", column);

/** `if (one > other)`, and then `other = one;`, or the other way round. */
function keepsOneOfTwo(place: Place): boolean {
  const found = comparedAt(place);
  if (found === undefined || !/^\)$/.test(found.behind)) return false;
  const { left, right } = found;
  return [`${right} = ${left};`, `${left} = ${right};`].includes(lineAt(place, -1));
}

/** `one > other ? one : other`. */
function takesOneOfTwo(place: Place): boolean {
  const found = comparedAt(place);
  if (found === undefined) return false;
  const { left, right, behind } = found;
  return [`${left} : ${right}`, `${right} : ${left}`].some((one) => behind.startsWith(` ? ${one}`));
}

/** What comes back with an address, or with less than 0. */
const led =
  /^(?:resolve|locate|follow|locateCaptured|newProcess|sharerSlot|queuedDpc)\((?:[^()]|\([^()]*\))*\)$/;
const linesAhead = 15;

/** What a name was given last, in the lines ahead. */
function givenTo(place: Place, name: string): string | undefined {
  const given = `${name} = `;
  for (let ahead = 1; ahead <= linesAhead; ahead++) {
    const line = lineAt(place, ahead);
    const at = line.indexOf(given);
    if (at === 0 || (at > 0 && /[ (]$/.test(line.slice(0, at))))
      return line.slice(at + given.length).replace(/;$/, "");
  }
  return undefined;
}

const isAddress = (place: Place, text: string): boolean =>
  led.test(text) || led.test(givenTo(place, text) ?? "");

/** `at < 0` and `at >= 0`, where `at` is what an operand leads to. */
function asksForAddress(place: Place): boolean {
  const found = isMachine(place) ? comparedAt(place) : undefined;
  return found !== undefined && found.right === "0" && isAddress(place, found.left);
}

/** Of these, what says no has ended the run. */
const ending = /^if \(!(?:putEntry|isThere|pushFrame|addNumber|checkRequest)\(.*\)\)$/;

/** `return false;` where the line ahead has ended the run, or has found that a name led nowhere. */
function isBehindTheEnd(place: Place): boolean {
  if (!isMachine(place)) return false;
  const ahead = lineAt(place, 1);
  if (/^(?:crash|hitBound)\(.*\);$/.test(ahead) || ending.test(ahead)) return true;
  const [, name] = /^if \((\w+) < 0\)$/.exec(ahead) ?? [];
  return name !== undefined && /^(?:resolve|newProcess)\(/.test(givenTo(place, name) ?? "");
}

const threadLoop = /^for \(let (\w) = 0; \1 < (?:m\.)?(?:program\.)?threads\.length; \1\+\+\)/;

const equal = "what is equal is written over by the same";
const atHeader = "no object stands at address 0: the header does";

const forms: readonly (Form & { readonly change: string })[] = [
  { change: "> -> >=", why: equal, isSuch: (one) => keepsOneOfTwo(one) || takesOneOfTwo(one) },
  { change: "< -> <=", why: equal, isSuch: (one) => keepsOneOfTwo(one) || takesOneOfTwo(one) },
  { change: "< -> <=", why: atHeader, isSuch: asksForAddress },
  { change: ">= -> >", why: atHeader, isSuch: asksForAddress },
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
