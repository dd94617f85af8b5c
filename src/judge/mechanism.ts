/** What is observed of a run's end, by outcome, identity and mechanism: the same in all like runs. */
import { Crash, F, H, T } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { Op } from "../machine/opcodes.ts";
import { activityOf } from "./activity.ts";
import { type Chain, chainFrom } from "./chain.ts";
import type { Outcome } from "./finding.ts";
import { framesOf } from "./objects.ts";
import { reachable } from "./reach.ts";

export interface Target {
  readonly outcome: Outcome;
  readonly identity: string;
  readonly mechanism: string;
}

export const sameTarget = (a: Target, b: Target): boolean =>
  a.outcome === b.outcome && a.identity === b.identity && a.mechanism === b.mechanism;

export const targetKey = (t: Target): string => `${t.outcome}|${t.identity}|${t.mechanism}`;

const crashWords: Readonly<Record<number, string>> = {
  [Crash.useAfterReturn]: "use after return: the frame that held the object is gone",
  [Crash.useAfterFree]: "use after free: the record was freed",
  [Crash.irql]: "a call at too high an IRQL",
  [Crash.notOwner]: "a lock is released by a thread that does not own it",
  [Crash.regionUnderflow]: "a region is left that was not entered",
  [Crash.notAttached]: "a thread comes back from a process that it is not attached to",
  [Crash.recursion]: "unbounded recursion on one stack",
  [Crash.recursionAcrossThreads]:
    "unbounded recursion: the callback stands behind itself again and again",
  [Crash.nullPointer]: "a pointer that points to nothing is used",
  [Crash.keepsMutex]: "a thread goes back to user mode with a KMUTEX",
  [Crash.semaphoreLimit]: "a semaphore is given back more than its limit",
  [Crash.returnsRaised]: "a routine returns at a raised IRQL",
  [Crash.codeIsGone]: "the driver is unloaded while its code still runs or is queued",
};

/** The crash that a machine's state ended in. Recursion over threads never ends: a deadlock. */
export function crashTarget(m: Machine): Target | undefined {
  const code = m.words[H.crash];
  if (code === Crash.none) return undefined;
  const site = m.program.sites[m.words[H.crashSite]];
  return {
    outcome: code === Crash.recursionAcrossThreads ? "deadlock" : "crash",
    identity: site.opId,
    mechanism: crashWords[code] ?? "a crash",
  };
}

/** Rules that a crash breaks by itself: what stands on one stack again and again uses it up (R8). */
export const crashRules = (m: Machine): readonly string[] =>
  m.words[H.crash] === Crash.recursion ? ["R8"] : [];

export const roundMechanism = (activity: string): string => `${activity} goes round for ever`;

const neverEnds = "a work item never ends: ";

/** Whether it says that something never comes, so that no run can show it alone. */
export const isEndless = ({ outcome, mechanism }: Target): boolean =>
  outcome === "deadlock" || outcome === "livelock" || mechanism.startsWith(neverEnds);

export function hangTarget(
  m: Machine,
  thread: number,
  kind: "root" | "item",
  blocked: boolean,
): { target: Target; chain: Chain } {
  const chain = chainFrom(m, thread);
  if (!blocked && kind === "root" && !chain.mechanism.includes("polls")) {
    const mechanism = roundMechanism(activityOf(m, thread));
    return { chain, target: { outcome: "livelock", identity: loopOf(m, thread), mechanism } };
  }
  return {
    chain,
    target: {
      outcome: kind === "item" ? "rule" : blocked ? "deadlock" : "livelock",
      identity: chain.identity,
      mechanism: kind === "item" ? neverEnds + chain.mechanism : chain.mechanism,
    },
  };
}

/** The loop that a thread goes round in: the nearest on its stack that it still comes to. */
export function loopOf(m: Machine, thread: number): string {
  const { program, words } = m;
  let pc = words[baseOf(m, thread) + T.pc];
  for (const frame of framesOf(m, thread)) {
    for (const at of reachable(program, pc)) {
      const site = program.sites[program.code[at + 1]];
      if (program.code[at] === Op.backEdge && site.users) return site.opId;
    }
    pc = words[frame + F.returnPc];
  }
  return "";
}
