/** Two answers to one scenario, beside each other: both have to have searched it to the end. */
import type { Told } from "./adapter.ts";
import type { Answer } from "./explore.ts";
import type { Hang } from "./hangs.ts";

/** What Loophole calls a kind of crash. */
const kinds: readonly [said: RegExp, kind: string][] = [
  [/returns at a raised/, "returns raised"],
  [/does not own/, "not owner"],
  [/points to nothing/, "null pointer"],
  [/unloaded|code is gone/, "code is gone"],
  [/not entered/, "region underflow"],
  [/after (?:it|its|the).*return|frame|stack/, "use after return"],
  [/semaphore|limit/, "semaphore limit"],
  [/DISPATCH|IRQL/, "irql"],
];
const kindOf = (said: string): string => kinds.find(([one]) => one.test(said))?.[1] ?? said;

/** Effects that a machine shows by itself (section 14); others are judged from whole runs. */
const effects = [
  "workItemQueuedTwice",
  "callbackUnregisters",
  "unloadLeavesCallbacks",
  "irqlTooHigh",
  "regionLeaked",
  "apcsDisabled",
  "normalApcsDisabled",
  "apcsEnabled",
];

/** In what they differ, in words. */
export function differences(oracle: Answer, loophole: Told): string[] {
  return [
    ...crashDifferences(oracle, loophole),
    ...hangDifferences(oracle.hangs, loophole),
    ...oneSided(
      "effect",
      oracle.effects,
      loophole.rules.filter((one) => effects.includes(one.split(" ")[0])),
    ),
    ...reachDifferences(oracle, loophole),
  ];
}

function oneSided(what: string, ours: readonly string[], theirs: readonly string[]): string[] {
  return [
    ...ours
      .filter((one) => !theirs.includes(one))
      .map((one) => `${what} only the oracle sees: ${one}`),
    ...theirs
      .filter((one) => !ours.includes(one))
      .map((one) => `${what} only Loophole sees: ${one}`),
  ];
}

function crashDifferences(oracle: Answer, loophole: Told): string[] {
  const theirs = loophole.crashes.map((one) => {
    const place = one.lastIndexOf(" ");
    return `${kindOf(one.slice(0, place))} ${one.slice(place + 1)}`;
  });
  return oneSided("crash", oracle.crashes, theirs);
}

/**
 * A finding names those who wait for each other, or for nobody. So each of Loophole's stands in one
 * end of the oracle's; each end of the oracle's has one; and who is hung there and waits for nothing
 * that another holds is named by one.
 */
function hangDifferences(hangs: readonly Hang[], { hangs: findings }: Told): string[] {
  const found: string[] = [];
  const isIn = (stands: readonly string[], operations: readonly string[]): boolean =>
    operations.every((op) => stands.includes(op));
  for (const { outcome, operations } of findings) {
    const ends = hangs.filter(({ stands }) => isIn(stands, operations));
    if (ends.length === 0) found.push(`hang only Loophole sees: ${operations.join(" + ")}`);
    else if (!ends.some(({ moving }) => moving === (outcome === "livelock")))
      found.push(`not a ${outcome} for the oracle: ${operations.join(" + ")}`);
  }
  for (const { roots, causes, stands, moving } of hangs) {
    const named = findings.filter(({ operations }) => isIn(stands, operations));
    const words = `${moving ? "livelock" : "deadlock"} ${roots.join(" + ")}`;
    if (named.length === 0) found.push(`hang only the oracle sees: ${words}`);
    else
      for (const one of causes) {
        // Who stands in a path of Windows is in no operation.
        if (one.includes("/") && !named.some(({ operations }) => operations.includes(one)))
          found.push(`hung root that Loophole does not name: ${one} of ${words}`);
      }
  }
  return found;
}

/** Operations that some run begins. */
function reachDifferences(oracle: Answer, { unreached }: Told): string[] {
  const found: string[] = [];
  for (const [op, isReached] of oracle.reached) {
    if (isReached === !unreached.has(op)) continue;
    found.push(`reached only by ${isReached ? "the oracle" : "Loophole"}: ${op}`);
  }
  return found;
}

export const isWhole = (oracle: Answer, loophole: Told): boolean =>
  oracle.unanswered === undefined && !oracle.bounded && loophole.complete && !loophole.bounded;
