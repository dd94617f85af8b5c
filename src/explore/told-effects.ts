/** Effects that whole runs show, and the rules that name them. */
import type { Chain } from "../judge/chain.ts";
import { binds, type RuleShape } from "../language/shape.ts";
import { Crash, H } from "../machine/layout.ts";
import type { Machine } from "../machine/machine.ts";

/** Ids of the rules over these effects, in the order of the table: those of Windows' families. */
export function rulesOver(effects: readonly string[], rules: readonly RuleShape[]): string[] {
  const named = rules.filter((rule) => effects.includes(rule.effect) && binds(rule, undefined));
  return [...new Set(named.map(({ id }) => id))];
}

/** What a callback does that waits for ever, by whom it waits for. */
export function hangEffects(first: Chain["first"]): readonly string[] {
  switch (first) {
    case "item":
      return ["callbackBlocksOnOtherThread", "callbackAwaitsQueuedWork"];
    case "service":
      return ["callbackBlocksOnOtherThread", "callbackAsksUserMode", "callbackWaitsForIpc"];
    case "reader":
      return ["callbackBlocksOnOtherThread", "callbackWaitsForIpc"];
    case "completion":
      return ["apcsDisabled"];
    default:
      return ["callbackBlocksOnOtherThread"];
  }
}

/** What a crash is by itself: what stands on one stack again and again uses it up. */
export const crashEffects = (m: Machine): readonly string[] =>
  m.words[H.crash] === Crash.recursion ? ["callbackStandsBehindItself"] : [];

/** The rule about time is the first of those over it: the others say what to do instead. */
export const lateRules = (rules: readonly RuleShape[]): string[] =>
  rulesOver(["callbackRunsLong"], rules).slice(0, 1);
