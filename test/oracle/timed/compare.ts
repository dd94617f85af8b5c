/** Two answers about times, beside each other. */
import type { TimedTold } from "./adapter.ts";
import type { TimedAnswer } from "./explore.ts";
import type { RootKind } from "./times.ts";

export const isTimedWhole = (oracle: TimedAnswer, loophole: TimedTold): boolean =>
  oracle.unanswered === undefined && !oracle.bounded && loophole.complete && !loophole.bounded;

/** Of these nothing says how long they may take. */
const unlimited: readonly RootKind[] = ["relief", "unclocked"];

/** How long the roots of each kind take, and what is told of states, as sets. */
export function timedDifferences(oracle: TimedAnswer, loophole: TimedTold): string[] {
  const found: string[] = [];
  const kinds = new Set<RootKind>([...oracle.took.keys(), ...loophole.took.keys()] as RootKind[]);
  for (const kind of kinds) {
    if (unlimited.includes(kind)) continue;
    const ours = oracle.took.get(kind) ?? new Set<number>();
    const theirs = loophole.took.get(kind) ?? new Set<number>();
    const only = (one: ReadonlySet<number>, other: ReadonlySet<number>): string =>
      [...one]
        .filter((us) => us > 0 && !other.has(us))
        .sort((a, b) => a - b)
        .slice(0, 6)
        .join(" ");
    if (only(ours, theirs) !== "") found.push(`${kind}: only the oracle has ${only(ours, theirs)}`);
    if (only(theirs, ours) !== "") found.push(`${kind}: only Loophole has ${only(theirs, ours)}`);
  }
  for (const one of oracle.views)
    if (!loophole.views.includes(one)) found.push(`state only the oracle sees: ${one}`);
  for (const one of loophole.views)
    if (!oracle.views.includes(one)) found.push(`state only Loophole sees: ${one}`);
  return found;
}
