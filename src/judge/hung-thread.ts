/** Who hangs: the thread that a target is told of. */
import { Status, T } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { chainFrom } from "./chain.ts";
import type { Target } from "./mechanism.ts";
import { neverEndsText, roundText } from "./mechanism-text.ts";
import { loopOf } from "./rounds.ts";
import { activityOf } from "./thread-activity.ts";

/** The thread whose hang the target is. */
export function hungThread(m: Machine, target: Target): number | undefined {
  const { neverEnds = false } = target;
  const mechanism = neverEnds ? target.mechanism.slice(neverEndsText.length) : target.mechanism;
  for (let t = 0; t < m.program.threads.length; t++) {
    const base = baseOf(m, t);
    const status = m.words[base + T.status];
    if (status !== Status.ready && status !== Status.waiting) continue;
    const chain = chainFrom(m, t);
    // A loop has no chain of waits, but who is in it has a place to be shown.
    if (target.outcome === "livelock" && target.mechanism === roundText(activityOf(m, t))) {
      if (loopOf(m, t) === target.identity) return t;
      continue;
    }
    // Who waits behind another has the other's chain, and a link of its own ahead.
    if (chain.identity === target.identity && mechanism === chain.mechanism) return t;
  }
  return undefined;
}
