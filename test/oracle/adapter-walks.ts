/** Random runs of the code under test, in both readings: what they come to is no more than a search finds. */
import { randomFrom } from "../../src/base/random.ts";
import { followCodes, randomWalk } from "../../src/explore/choices.ts";
import { run } from "../../src/explore/run.ts";
import { createSampler, decisionsOf, sampleRun } from "../../src/explore/sampler.ts";
import { Crash, F, H, Status, T } from "../../src/machine/layout.ts";
import { createMachine, type Machine } from "../../src/machine/machine.ts";
import { Op } from "../../src/machine/opcodes.ts";
import type { Program } from "../../src/machine/program.ts";

export interface Walks {
  /** Kinds of crashes. */
  readonly crashes: readonly string[];
  /** States in which runs ended, and of those without times the ones that nobody can leave. */
  readonly ends: readonly string[];
  readonly quiet: readonly string[];
  /** Runs that are not what their own decisions come to, one after the other. */
  readonly others: readonly string[];
}

export const noWalks: Walks = { crashes: [], ends: [], quiet: [], others: [] };

const count = 30;
const runSteps = 300;

/** The oracle's words for crashes. */
const kinds: Readonly<Record<number, string>> = {
  [Crash.useAfterReturn]: "use after return",
  [Crash.useAfterFree]: "use after free",
  [Crash.irql]: "irql",
  [Crash.notOwner]: "not owner",
  [Crash.regionUnderflow]: "region underflow",
  [Crash.nullPointer]: "null pointer",
  [Crash.keepsMutex]: "keeps mutex",
  [Crash.returnsRaised]: "returns raised",
  [Crash.codeIsGone]: "code is gone",
  [Crash.semaphoreLimit]: "semaphore limit",
  [Crash.notAttached]: "not attached",
  [Crash.keepsRegion]: "returns in a region",
  [Crash.corruptList]: "corrupt list",
};

/**
 * Whether a thread stands, an APC that it runs aside, where only the timed reading has a step: ahead of an
 * arrival, or of a slow service's stop.
 */
function standsBetweenSteps({ program, words, timed }: Machine): boolean {
  if (!timed) return false;
  const steps: number[] = [Op.arrive];
  if (program.stopping?.isForGood !== true) steps.push(Op.systemCall);
  return [...program.threadBase].some((base) => {
    if (words[base] !== Status.ready && words[base] !== Status.waiting) return false;
    let pc = words[base + T.pc];
    for (let f = words[base + T.frame]; f !== 0; f = words[base + f + F.caller]) {
      if (steps.includes(program.code[pc])) return true;
      // An APC came ahead of the step that it returns to.
      if (program.routines[words[base + f + F.routine] - 1].role !== "apc") return false;
      pc = words[base + f + F.returnPc];
    }
    return false;
  });
}

export function walked(program: Program, viewOf: (m: Machine) => string): Walks {
  const crashes = new Set<string>();
  const ends = new Set<string>();
  const quiet = new Set<string>();
  const others = new Set<string>();
  for (const timed of [false, true]) {
    const sampler = createSampler(program, timed, { runSteps });
    const source = randomWalk(randomFrom(timed ? 2 : 1));
    const again = createMachine(program, timed);
    for (let i = 0; i < count; i++) {
      sampleRun(sampler, source);
      const { words } = sampler.m;
      const end = viewOf(sampler.m);
      const codes = decisionsOf(sampler);
      run(again, followCodes(codes), { stepMax: codes.length });
      if (viewOf(again) !== end || again.words[H.crash] !== words[H.crash]) others.add(end);
      if (words[H.bound] !== 0) continue;
      if (words[H.crash] !== 0) {
        crashes.add(kinds[words[H.crash]] ?? String(words[H.crash]));
        continue;
      }
      if (standsBetweenSteps(sampler.m)) continue;
      ends.add(end);
      if (sampler.quiet && !timed) quiet.add(end);
    }
  }
  return {
    crashes: [...crashes].sort(),
    ends: [...ends].sort(),
    quiet: [...quiet].sort(),
    others: [...others].sort(),
  };
}
