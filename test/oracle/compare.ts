/** Two answers to one scenario, beside each other: both have to have searched it to the end. */
import type { Told } from "./adapter.ts";
import type { Answer } from "./explore.ts";
import type { Hang } from "./hangs.ts";

/** What Loophole calls a kind of crash. */
const kinds: readonly [said: RegExp, kind: string][] = [
  [/with a KMUTEX/, "keeps mutex"],
  [/returns at a raised/, "returns raised"],
  [/does not own/, "not owner"],
  [/does not stand/, "corrupt list"],
  [/points to nothing/, "null pointer"],
  [/unloaded|code is gone/, "code is gone"],
  [/use after free/, "use after free"],
  [/in a region/, "returns in a region"],
  [/not attached/, "not attached"],
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
    ...hangDifferences(
      oracle.hangs.filter(({ roots }) => roots.length > 0),
      loophole,
    ),
    ...itemDifferences(oracle.hangs, loophole.endless),
    ...oneSided(
      "effect",
      oracle.effects,
      loophole.rules.filter((one) => effects.includes(one.split(" ")[0])),
    ),
    ...reachDifferences(oracle, loophole),
    ...oneSided("state", oracle.endings.views, loophole.endings.views),
    ...oneSided("step", oracle.endings.steps, loophole.endings.steps),
    ...oneSided("end", oracle.endings.ends, loophole.endings.ends),
    ...walkDifferences(oracle, loophole),
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
  // Where a thread happened to be when memory or code went is told of one of those who were there.
  const kindOnly = oracle.crashes.filter((one) => one.endsWith(" ")).map((one) => one.trim());
  const isPlaced = (one: string): boolean =>
    !kindOnly.some((kind) => one === `${kind} ` || one.startsWith(`${kind} `));
  const found = oneSided("crash", oracle.crashes.filter(isPlaced), theirs.filter(isPlaced));
  for (const kind of kindOnly) {
    if (!theirs.some((one) => one.startsWith(`${kind} `)))
      found.push(`crash only the oracle sees: ${kind}`);
  }
  return found;
}

/**
 * A finding names those who wait for each other, or for nobody; who waits for one of them is not named.
 * So each of Loophole's stands in one end of the oracle's, and each end has one of them; where just one
 * root hangs there, it is that one's.
 */
function hangDifferences(hangs: readonly Hang[], { hangs: findings }: Told): string[] {
  const found: string[] = [];
  const isIn = (stands: readonly string[], operations: readonly string[]): boolean =>
    operations.every((op) => stands.includes(op));
  for (const { outcome, operations } of findings) {
    const ends = hangs.filter(({ stands }) => isIn(stands, operations));
    if (ends.length === 0) found.push(`hang only Loophole sees: ${operations.join(" + ")}`);
    else if (!ends.some((end) => isSuch(end, outcome, operations)))
      found.push(`not a ${outcome} for the oracle: ${operations.join(" + ")}`);
  }
  for (const { roots, stands, moving } of hangs) {
    const inCode = roots.filter((one) => !one.startsWith("("));
    // Where nobody who owes is in the driver's code, a finding may name whom they wait for, or none.
    if (inCode.length === 0) continue;
    const isNamed = findings.some(
      ({ operations }) =>
        isIn(stands, operations) &&
        operations.some((op) => inCode.includes(op) || inCode.length > 1),
    );
    const words = `${moving.length > 0 ? "livelock" : "deadlock"} ${roots.join(" + ")}`;
    if (!isNamed) found.push(`hang only the oracle sees: ${words}`);
  }
  return found;
}

/** Items that never end: what one is told of stands in such an end, and each end has one that is told. */
function itemDifferences(
  hangs: readonly Hang[],
  endless: readonly (readonly string[])[],
): string[] {
  const stand = ({ items, stands }: Hang, operations: readonly string[]): boolean =>
    items.length > 0 && operations.every((op) => stands.includes(op));
  const isBeside = ({ itemsBeside }: Hang, operations: readonly string[]): boolean =>
    operations.every((op) => itemsBeside.includes(op));
  return [
    ...endless
      .filter((ops) => !hangs.some((end) => stand(end, ops) || isBeside(end, ops)))
      .map((operations) => `endless item only Loophole sees: ${operations.join(" + ")}`),
    ...hangs
      .filter(({ items }) => items.some((one) => !one.startsWith("(")))
      .filter((end) => !endless.some((operations) => stand(end, operations)))
      .map(({ items }) => `endless item only the oracle sees: ${items.join(" + ")}`),
  ];
}

/** Whether those who are named move there, or stand; of whom others wait for, either is right. */
const isSuch = (
  { roots, moving }: Hang,
  outcome: string,
  operations: readonly string[],
): boolean => {
  const owing = operations.filter((op) => roots.includes(op));
  const isMoving = (op: string): boolean => moving.includes(op);
  if (owing.length === 0) return moving.length > 0 === (outcome === "livelock");
  return outcome === "livelock" ? owing.some(isMoving) : !owing.every(isMoving);
};

/** Operations that some run begins. */
function reachDifferences(oracle: Answer, { unreached }: Told): string[] {
  const found: string[] = [];
  for (const [op, isReached] of oracle.reached) {
    if (isReached === !unreached.has(op)) continue;
    found.push(`reached only by ${isReached ? "the oracle" : "Loophole"}: ${op}`);
  }
  return found;
}

/** A random run, with or without times, comes to nothing that is not in the whole reading without times. */
function walkDifferences({ crashes, endings }: Answer, { walks }: Told): string[] {
  const views = new Set(endings.views);
  const kinds = crashes.map((one) => one.slice(0, one.lastIndexOf(" ")));
  return [
    ...walks.crashes
      .filter((kind) => !kinds.includes(kind))
      .map((kind) => `crash of a random run alone: ${kind}`),
    ...walks.ends.filter((one) => !views.has(one)).map((one) => `state of a random run: ${one}`),
    ...walks.quiet
      .filter((one) => !endings.ends.includes(one))
      .map((one) => `end of a random run: ${one}`),
    ...walks.mistold.map((one) => `told of a step, and not so: ${one}`),
    ...walks.others.map((one) => `a random run that is not what it decided: ${one}`),
  ];
}

/** Bounds that the page sets for both; of others each has its own. */
const sharedBounds = ["threads", "processes", "records", "timers", "registrations", "queueRoom"];

/**
 * Whether both have answered all that can be reached up to the bounds that they share. Where just one comes
 * to a bound, or only the bound keeps the other from an unbounded recursion, they have not.
 */
export function isWhole(oracle: Answer, loophole: Told): boolean {
  const { bounds } = oracle;
  if (oracle.unanswered !== undefined || !loophole.complete) return false;
  if (bounds.join() !== loophole.bounds.join()) return false;
  const recurs = loophole.crashes.some((one) => one.includes("recursion"));
  return bounds.every((one) => sharedBounds.includes(one)) && !(bounds.length > 0 && recurs);
}
