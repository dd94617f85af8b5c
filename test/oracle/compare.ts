/** Two answers to one scenario, beside each other. */
import type { Told } from "./adapter.ts";
import type { Answer } from "./explore.ts";

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
/** Where a crash of this kind is told is laid down by a fact, and so compared. */
const placed = ["not owner", "null pointer", "semaphore limit", "irql"];

const crashOf = (kind: string, op: string): string =>
  placed.includes(kind) ? `${kind} at ${op}` : kind;

/** In what they differ, in words; nothing where either has no whole answer. */
export function differences(oracle: Answer, loophole: Told): string[] {
  const found: string[] = [];
  const ours = new Set(
    oracle.crashes.map((one) => {
      const place = one.lastIndexOf(" ");
      return crashOf(one.slice(0, place), one.slice(place + 1));
    }),
  );
  const theirs = new Set(
    loophole.crashes.map((one) => {
      const place = one.lastIndexOf(" ");
      return crashOf(kindOf(one.slice(0, place)), one.slice(place + 1));
    }),
  );
  for (const one of ours) if (!theirs.has(one)) found.push(`crash only the oracle sees: ${one}`);
  for (const one of theirs) if (!ours.has(one)) found.push(`crash only Loophole sees: ${one}`);
  if (oracle.hangs.length > 0 && loophole.hangs.length === 0) {
    found.push(`hang only the oracle sees: ${oracle.hangs[0].join(" + ")}`);
  }
  const stands = new Set(oracle.hangs.flat());
  const loops = [...stands].flatMap((one) => (/\/s\d/.test(one) ? [one.split("/")[0]] : []));
  for (const op of loophole.hangs.flat()) {
    const isKnown =
      stands.has(op) ||
      loops.includes(op.split("/")[0]) ||
      oracle.hangs.some((one) => one.some((at) => !at.includes("/")));
    if (!isKnown || oracle.hangs.length === 0) found.push(`hang only Loophole sees: ${op}`);
  }
  const effects = [
    "workItemQueuedTwice",
    "callbackUnregisters",
    "irqlTooHigh",
    "apcsDisabled",
    "apcsEnabled",
  ];
  for (const one of loophole.rules) {
    const crashes = oracle.crashes.some((crash) => crash.endsWith(one.split(" ")[1]));
    if (!crashes && effects.includes(one.split(" ")[0]) && !oracle.effects.includes(one))
      found.push(`effect only Loophole sees: ${one}`);
  }
  return found;
}

export const isWhole = (oracle: Answer, loophole: Told): boolean =>
  oracle.unanswered === undefined && !oracle.bounded && loophole.complete && !loophole.bounded;
