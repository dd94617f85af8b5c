/** Random runs of the code under test, in both readings: what they come to is no more than a search finds. */
import { randomFrom } from "../../src/base/random.ts";
import { randomWalk } from "../../src/explore/choices.ts";
import { createSampler, decisionsOf, type Sampler, sampleRun } from "../../src/explore/sampler.ts";
import { watchEffects } from "../../src/judge/effects.ts";
import { Crash, F, H, Status, T } from "../../src/machine/layout.ts";
import { createMachine, type Machine } from "../../src/machine/machine.ts";
import { Op } from "../../src/machine/opcodes.ts";
import type { Program } from "../../src/machine/program.ts";
import { idlePlaces, sharedPlaces, strangers } from "./adapter-promises.ts";
import { type Followed, followed } from "./adapter-told.ts";

export interface Walks {
  /** Kinds of crashes. */
  readonly crashes: readonly string[];
  /** States in which runs ended, and of those without times the ones that nobody can leave. */
  readonly ends: readonly string[];
  readonly quiet: readonly string[];
  /** Runs that are not what their own decisions come to, one after the other. */
  readonly others: readonly string[];
  /** What is told of single steps, and is not so. */
  readonly mistold: readonly string[];
}

export const noWalks: Walks = { crashes: [], ends: [], quiet: [], others: [], mistold: [] };

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

/** Whether a run, with all the short ways that it takes, comes to the same words, times and effects. */
function isSame({ m, watch }: Sampler, { m: other, effects }: Followed): boolean {
  const found = [...watch.evidence.keys()].sort().join();
  return (
    found === effects &&
    m.skewUs === other.skewUs &&
    m.words.every((word, at) => word === other.words[at]) &&
    m.clocks.every((clock, at) => clock === other.clocks[at])
  );
}

/** The sampler's last run, on a machine that has taken none before. */
function onItsOwn(sampler: Sampler): Followed {
  const { program, timed } = sampler.m;
  const fresh = createMachine(program, timed);
  return followed(fresh, watchEffects(fresh), decisionsOf(sampler));
}

export function walked(program: Program, viewOf: (m: Machine) => string): Walks {
  const crashes = new Set<string>();
  const ends = new Set<string>();
  const quiet = new Set<string>();
  const others = new Set<string>();
  const mistold = new Set<string>();
  for (const one of [...sharedPlaces(program), ...idlePlaces(program), ...strangers(program)])
    mistold.add(one);
  for (const timed of [false, true]) {
    const sampler = createSampler(program, timed, { runSteps });
    const source = randomWalk(randomFrom(timed ? 2 : 1));
    const again = createMachine(program, timed);
    const watch = watchEffects(again);
    for (let i = 0; i < count; i++) {
      sampleRun(sampler, source);
      const { words } = sampler.m;
      const end = viewOf(sampler.m);
      const alone = followed(again, watch, decisionsOf(sampler));
      for (const one of alone.mistold) mistold.add(one);
      if (!isSame(sampler, alone) || sampler.m.work !== alone.m.work) others.add(end);
      // What was before a run has no part in it, but for its cost: what was heard once is passed over.
      if (i === count - 1 && !isSame(sampler, onItsOwn(sampler))) others.add(end);
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
    mistold: [...mistold].sort(),
  };
}
