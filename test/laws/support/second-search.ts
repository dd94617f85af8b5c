/**
 * A second search: depth first, the last transition first, whole states compared as text, no thread
 * taken for another. It shares the machine's steps with the first, and nothing else.
 */
import { quietHangs } from "../../../src/explore/hang-findings.ts";
import { crashTarget } from "../../../src/judge/mechanism.ts";
import { enabled } from "../../../src/machine/enabled.ts";
import { H } from "../../../src/machine/layout.ts";
import { createMachine, reset } from "../../../src/machine/machine.ts";
import type { Program } from "../../../src/machine/program.ts";
import { begin, step } from "../../../src/machine/step.ts";
import { keyOf } from "./verdict.ts";

export interface SecondSearch {
  readonly complete: boolean;
  readonly states: number;
  /** Crashes, and what hangs where nothing can move, by their keys. */
  readonly ends: ReadonlySet<string>;
}

/** @param statesMax It stops there, incomplete. */
export function searchAgain(program: Program, statesMax: number): SecondSearch {
  const m = createMachine(program, false);
  reset(m);
  begin(m);
  const seen = new Set([m.words.join()]);
  const open = [m.words.slice()];
  const ends = new Set<string>();
  for (let words = open.pop(); words !== undefined; words = open.pop()) {
    if (seen.size > statesMax) return { complete: false, states: seen.size, ends };
    m.words.set(words);
    const crash = crashTarget(m);
    if (crash !== undefined) ends.add(keyOf(crash));
    const count = enabled(m);
    if (count === 0 && crash === undefined && m.words[H.bound] === 0) {
      for (const { target } of quietHangs(m, false, [])) ends.add(keyOf(target));
    }
    const codes = Array.from({ length: count }, (_, i) => m.codes[i]);
    for (const code of codes) {
      m.words.set(words);
      enabled(m);
      step(m, code, 0);
      const key = m.words.join();
      if (seen.has(key)) continue;
      seen.add(key);
      open.push(m.words.slice());
    }
  }
  return { complete: true, states: seen.size, ends };
}
