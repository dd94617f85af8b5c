/**
 * A signal that was lost: an event set, and cleared again before the one who needs it waited for it.
 * Which calls set and which clear is read off the API table.
 */
import type { Finding, Link } from "../judge/finding.ts";
import { languageFrom } from "../windows/language.ts";
import { mentions, nameOf } from "./story-names.ts";
import { releases } from "./story-outcomes.ts";

/** Steps, by index. */
interface LostSignal {
  readonly set: number;
  readonly cleared: number;
  /** The first try to wait for it after that; −1 if there is none. */
  readonly wait: number;
}

export function lostSignal(
  { steps, extension }: Finding,
  { wait: waits, who, opId }: Link,
): LostSignal | undefined {
  if (waits.kind !== "event" || waits.objects.length !== 1) return undefined;
  const event = waits.objects[0].name;
  const { apisByName } = languageFrom(extension);
  const does = (i: number, op: string): boolean => {
    const api = apisByName.get(steps[i].operation.split("(")[0]);
    return api?.does.some((one) => one.op === op) === true && speaksOf(steps[i].operation, event);
  };
  const cleared = steps.findLastIndex((_, i) => does(i, "reset"));
  const set = steps.findLastIndex((_, i) => i < cleared && does(i, "set"));
  if (set < 0 || steps.some((_, i) => i > cleared && does(i, "set"))) return undefined;
  const thread = nameOf(who);
  if (releases(steps[set], thread)) return undefined;
  const wait = steps.findIndex((s, i) => i > cleared && s.thread === thread && s.opId === opId);
  return { set, cleared, wait };
}

/** Calls name the field of a record by the pointer that they have: Entry (2)->Done for REC (2).Done. */
function speaksOf(operation: string, event: string): boolean {
  const [, number = "", field] = /^\w+( \(\d+\))?\.(\w+)$/.exec(event) ?? [];
  if (field === undefined) return mentions(operation, event);
  return operation.endsWith(`${number}->${field})`);
}
