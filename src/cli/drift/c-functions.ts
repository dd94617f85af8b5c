/** The functions that a C file defines, found by their shape: nothing is compiled. */
import { stableHash } from "../../base/hash.ts";
import { type Token, tokensOf } from "./c-tokens.ts";

export interface CFunction {
  readonly name: string;
  /** Its first and last line, from 1. */
  readonly line: number;
  readonly end: number;
  /** Of its text, in which white space and comments do not count. */
  readonly hash: string;
}

export function functionsOf(source: string): CFunction[] {
  const all = tokensOf(source);
  const structure = firstBranches(all);
  const found: CFunction[] = [];
  /** Where the declaration that is being read began; open braces that are looked into. */
  let first = 0;
  let scopes = 0;
  for (let i = 0; i < structure.length; i++) {
    const { text } = all[structure[i]];
    if (text === ";" || (text === "}" && scopes > 0)) {
      if (text === "}") scopes--;
      first = i + 1;
    } else if (text === "{") {
      const head = structure.slice(first, i).map((at) => all[at]);
      const name = nameOf(head);
      if (name === undefined && isScope(head)) {
        scopes++;
        first = i + 1;
        continue;
      }
      const close = closing(all, structure, i);
      if (name !== undefined) {
        const [from, to] = [structure[first], structure[close]];
        const tokens = all.slice(from, to + 1).map((token) => token.text);
        const hash = stableHash(tokens);
        found.push({ name, line: all[from].line, end: all[to].line, hash });
      }
      i = close;
      // Behind an initialiser the declaration goes on; behind a function another begins.
      if (name !== undefined) first = i + 1;
    }
  }
  return found;
}

/**
 * The tokens, by index, of one way through the conditionals, so that braces match: the first branch,
 * unless it is `#if 0`.
 */
function firstBranches(all: readonly Token[]): number[] {
  const kept: number[] = [];
  /** By open conditional: whether its branch is read, and whether one was already. */
  const open: { reads: boolean; done: boolean }[] = [];
  all.forEach(({ kind, text }, at) => {
    if (kind !== "directive") {
      if (open.every(({ reads }) => reads)) kept.push(at);
      return;
    }
    const [, word, rest = ""] = /^# (\w+) ?(.*)$/.exec(text) ?? [];
    const top = open[open.length - 1];
    if (word === "if" || word === "ifdef" || word === "ifndef") {
      const reads = !(word === "if" && rest === "0");
      open.push({ reads, done: reads });
    } else if (word === "endif") open.pop();
    else if ((word === "else" || word === "elif") && top !== undefined) {
      top.reads = !top.done;
      top.done = true;
    }
  });
  return kept;
}

/** The index in `structure` of the brace that closes the one at `from`. */
function closing(all: readonly Token[], structure: readonly number[], from: number): number {
  let depth = 0;
  for (let i = from; i < structure.length; i++) {
    const { text, kind } = all[structure[i]];
    if (kind !== "mark") continue;
    if (text === "{") depth++;
    else if (text === "}" && --depth === 0) return i;
  }
  return structure.length - 1;
}

/** Braces around definitions: `extern "C"`, a namespace, a class. */
function isScope(head: readonly Token[]): boolean {
  const texts = head.map(({ text }) => text);
  if (texts.includes("=") || texts.includes("enum")) return false;
  return (
    (texts[0] === "extern" && head[1]?.kind === "text") ||
    texts.some((text) => ["namespace", "class", "struct", "union"].includes(text))
  );
}

/** Words that stand before parentheses and name no function. */
const notNames: readonly string[] = [
  "__attribute__",
  "__declspec",
  "__pragma",
  "_Pragma",
  "alignas",
  "decltype",
  "declspec",
  "noexcept",
  "requires",
  "throw",
];

/** SAL's annotations have an underscore at both ends. */
const isNote = (word: string): boolean => notNames.includes(word) || /^_\w+_$/.test(word);

/**
 * The function that a declaration ahead of a brace defines: the last word before parentheses, since
 * annotations with arguments come before it; undefined where it defines none.
 */
function nameOf(head: readonly Token[]): string | undefined {
  let depth = 0;
  let name: string | undefined;
  for (let i = 0; i < head.length; i++) {
    const { text, kind } = head[i];
    if (text === "(") {
      const before = head[i - 1];
      const isName = before?.kind === "word" && !isNote(before.text);
      if (depth === 0 && isName) name = fullName(head, i - 1);
      depth++;
    } else if (text === ")") depth--;
    else if (depth === 0 && kind === "mark") {
      if (text === "=") return undefined;
      // What a constructor initialises, or what is returned, is not its name.
      const isPath = head[i + 1]?.text === ":" || head[i - 1]?.text === ":";
      const isArrow = text === "-" && head[i + 1]?.text === ">";
      if (name !== undefined && (isArrow || (text === ":" && !isPath))) return name;
    }
  }
  return name;
}

/** `Class::Name`, `Class::~Class` or `Name`. */
function fullName(head: readonly Token[], at: number): string {
  let name = head[at].text;
  let i = at - 1;
  if (head[i]?.text === "~") {
    name = `~${name}`;
    i--;
  }
  while (head[i]?.text === ":" && head[i - 1]?.text === ":" && head[i - 2]?.kind === "word") {
    name = `${head[i - 2].text}::${name}`;
    i -= 3;
  }
  return name;
}
