/** What would help against a broken rule: by the effect that broke it, not by the rule's words. */
import type { Finding } from "../judge/finding.ts";
import { languageFrom } from "../windows/language.ts";

/** Effects of which a rule says all, whatever else is told. */
const told: Readonly<Record<string, string>> = {
  callbackUnregisters: "Remove the callback in DriverUnload, never from within it.",
  unloadLeavesCallbacks: "Remove every callback in DriverUnload.",
  workItemQueuedTwice:
    "Queue the item again only once its routine has begun, or take an item of its own each time.",
  irqlTooHigh: "Make this call at a lower IRQL, and with APCs enabled: give back the lock first.",
  apcsDisabled:
    "Make this call where special kernel APCs are enabled: outside of guarded regions and FAST_MUTEXes. Where the callback is entered without them, leave it to a work item that nobody waits for.",
};

/** Effects that what is waited for explains better, where something is. */
const elsewhere: Readonly<Record<string, string>> = {
  actsWhileAttached: "Detach first: do I/O and waits with what was read while attached.",
  apcsEnabled:
    "Take the lock in a critical region: KeEnterCriticalRegion before it, KeLeaveCriticalRegion once it is given back.",
  awaitsWorkHoldingLock: "Give back the lock before waiting for the work item.",
  callbackBlocksOnOtherThread:
    "Do not wait for other threads in the callback: leave what has to wait to a work item that nobody waits for.",
  callbackStandsBehindItself: "Let the callback return at once for what it causes itself.",
  callbackTouchesRegistry: "Leave the registry to a work item that nobody waits for.",
  fileIoHoldingLock:
    "Give back the lock before the call to the file system: copy under the lock what the call needs.",
  imageCallbackTouchesUserVm:
    "Leave user memory alone in the image callback: do it in a work item that nobody waits for.",
  normalApcsDisabled:
    "Open the file outside of any critical region, or leave it to a work item that nobody waits for.",
  protectsWhileSuspendable:
    "Enter a critical region before taking the protection, and leave it once that is released.",
  regionLeaked: "Give back what was taken, and leave what was entered, on every way out.",
  workItemNeverEnds:
    "Give what goes on for ever a thread of its own (PsCreateSystemThread), or let the item end and queue it anew when there is something to do.",
};

export const brokenHelp = (finding: Finding): string | undefined => helpFrom(told, finding);

export const otherwiseBroken = (finding: Finding): string | undefined =>
  helpFrom(elsewhere, finding);

function helpFrom(texts: Readonly<Record<string, string>>, finding: Finding): string | undefined {
  const effect = effectsOf(finding).find((one) => one in texts);
  return effect === undefined ? undefined : texts[effect];
}

/** What broke its rules: as steps say it, or as the rules do. */
function effectsOf({ outcome, rules: ids, extension, steps }: Finding): string[] {
  if (outcome !== "rule") return [];
  const broken = languageFrom(extension).rules.filter(({ id }) => ids.includes(id));
  const seen = steps.flatMap(({ came }) =>
    came.flatMap((one) => (one.kind === "breaks" ? [one.effect] : [])),
  );
  // One rule can be broken in several ways, each with help of its own.
  const isSeen = ({ id, effect }: (typeof broken)[number]): boolean =>
    seen.includes(effect) || !broken.some((one) => one.id === id && seen.includes(one.effect));
  return broken
    .filter(isSeen)
    .map(({ effect }) => effect)
    .sort();
}
