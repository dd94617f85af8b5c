/** A finding in the words of a story: calls with the numbers of their objects, repetitions counted. */
import { isSamePart } from "../judge/critical-path.ts";
import type { Finding, Part } from "../judge/finding.ts";
import { stepOf, withoutNumbers } from "./story-names.ts";

export interface CountedPart extends Part {
  /** How often it comes one after another, with others in between that are counted likewise. */
  readonly times?: number;
}

export interface PlainFinding extends Finding {
  readonly path?: readonly CountedPart[];
}

export function inPlainWords(finding: Finding): PlainFinding {
  const { chain, path, steps } = finding;
  return {
    ...finding,
    // A step says which of several objects its call is about.
    chain: chain.map((link) => {
      const step = steps[stepOf(link, steps)];
      const same = step !== undefined && withoutNumbers(step.operation) === link.operation;
      return same ? { ...link, operation: step.operation } : link;
    }),
    ...(path === undefined ? {} : { path: countRounds(path) }),
  };
}

/** Rounds of more parts than this are not looked for. */
const roundMax = 8;
const sizes = Array.from({ length: roundMax }, (_, i) => i + 1);
/** Fewer rounds than this are told one by one. */
const roundsMin = 3;

/** Rounds of the same parts, one after another, become one round that says how often. */
export function countRounds(path: readonly Part[]): CountedPart[] {
  const counted: CountedPart[] = [];
  for (let at = 0; at < path.length; ) {
    const size = sizes.find((n) => roundsFrom(path, at, n) >= roundsMin);
    if (size === undefined) {
      counted.push(path[at++]);
      continue;
    }
    const times = roundsFrom(path, at, size);
    for (let i = 0; i < size; i++) {
      const us = Array.from({ length: times }, (_, k) => path[at + i + k * size].us);
      counted.push({ ...path[at + i], us: us.reduce((a, b) => a + b, 0), times });
    }
    at += times * size;
  }
  return counted;
}

function roundsFrom(path: readonly Part[], at: number, size: number): number {
  const alike = (a: Part, b: Part | undefined): boolean => b !== undefined && isSamePart(a, b);
  let rounds = 1;
  for (let i = at + size; i + size <= path.length; i += size) {
    if (!path.slice(i, i + size).every((part, k) => alike(part, path[at + k]))) break;
    rounds++;
  }
  return rounds;
}
