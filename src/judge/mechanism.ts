/** What is observed of a run's end, by outcome, identity and mechanism: the same in all like runs. */
import { Crash, H } from "../machine/layout.ts";
import { crashedThread } from "../machine/life.ts";
import type { Machine } from "../machine/machine.ts";
import { acquisitionsOf } from "./acquisitions.ts";
import { type Chain, chainFrom } from "./chain.ts";
import type { Limited, Outcome } from "./finding.ts";
import { heldLocks } from "./held-locks.ts";
import { identityOf } from "./identity.ts";
import { crashText, neverEndsText, roundText } from "./mechanism-text.ts";
import { loopOf } from "./rounds.ts";
import { activityOf } from "./thread-activity.ts";

export interface Target {
  readonly outcome: Outcome;
  readonly identity: string;
  readonly mechanism: string;
  /** Latency: what took too long. A target without it stands for each of them. */
  readonly of?: Limited;
  /** Rule: a work item never ends. Absent where it breaks a rule on its way. */
  readonly neverEnds?: boolean;
}

export const isHang = ({ outcome }: Pick<Target, "outcome">): boolean =>
  outcome === "deadlock" || outcome === "livelock";

export const sameTarget = (a: Target, b: Target): boolean =>
  a.outcome === b.outcome &&
  a.identity === b.identity &&
  a.mechanism === b.mechanism &&
  (a.of === undefined || b.of === undefined || a.of === b.of);

export const targetKey = (t: Target): string =>
  `${t.outcome}|${t.identity}|${t.mechanism}${t.of === undefined ? "" : `|${t.of}`}`;

/** The crash that a machine's state ended in. */
export function crashTarget(m: Machine): Target | undefined {
  const code = m.words[H.crash];
  if (code === Crash.none) return undefined;
  const site = m.program.sites[m.words[H.crashSite]];
  // Who comes back to user mode with a mutex is found out there: it is told of where it was taken.
  const takes =
    code === Crash.keepsMutex
      ? heldLocks(m, crashedThread(m)).flatMap(({ address }) => acquisitionsOf(m, address))
      : [];
  return {
    outcome: "crash",
    identity: takes.length > 0 ? identityOf([...new Set(takes)].sort()) : site.opId,
    mechanism: crashText(code),
  };
}

/** Whether it says that something never comes, so that no run can show it alone. */
export const isEndless = ({
  outcome,
  neverEnds = false,
}: Pick<Target, "outcome" | "neverEnds">): boolean => isHang({ outcome }) || neverEnds;

export function hangTarget(
  m: Machine,
  thread: number,
  kind: "root" | "item" | "request",
  blocked: boolean,
): { target: Target; chain: Chain } {
  const chain = chainFrom(m, thread);
  if (!blocked && kind === "root" && !chain.polls) {
    const mechanism = roundText(activityOf(m, thread));
    return { chain, target: { outcome: "livelock", identity: loopOf(m, thread), mechanism } };
  }
  return {
    chain,
    target: {
      outcome: kind === "item" ? "rule" : blocked ? "deadlock" : "livelock",
      identity: chain.identity,
      mechanism: kind === "item" ? neverEndsText + chain.mechanism : chain.mechanism,
      ...(kind === "item" ? { neverEnds: true } : {}),
    },
  };
}
