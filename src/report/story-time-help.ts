/** What would help against a latency: it fits the wait that the time passes in, and whose that is. */
import { tellingParts } from "../judge/critical-path.ts";
import type { Finding, Part } from "../judge/finding.ts";
import { callbackOf, nameOf } from "./story-names.ts";
import { cameOf } from "./story-outcomes.ts";
import { placeOf } from "./story-path.ts";
import { roughly } from "./text.ts";

export const awaitsItemHelp =
  "Do not wait for the work item: let it finish by itself, with memory of its own.";

export function timeHelp(finding: Finding): string | undefined {
  const { outcome, budget, path = [], who } = finding;
  if (outcome !== "latency" || budget === undefined) return undefined;
  if (finding.rearmed !== undefined)
    return `Let nobody set timer ${finding.rearmed.timer} anew while somebody waits for it: give each wait a timer of its own, or set it only where it is not set.`;
  if (finding.until !== undefined) {
    const [most] = [...path].sort((a, b) => b.us - a.us);
    return `Bound the wait at “${placeOf(most)}”, or let somebody end it who is sure to come.`;
  }
  const [first] = tellingParts(path);
  if (first?.activity === "callback" && first.work === "delay") return sleepHelp(finding, first);
  const total = sumOf(path);
  const isOwn = (part: Part): boolean => who !== undefined && nameOf(part.who) === nameOf(who);
  const own = path.filter((part) => isOwn(part) && part.waits === true);
  const others = path.filter((part) => !isOwn(part));
  const waits = sumOf(own);
  const all = budget.of === "callback" ? "one call" : `one ${budget.of}`;
  const together = `the waits of ${all} add up, and have ${roughly(budget.us)} together`;
  if (waits * 2 > total) return `Wait for less${placeIn(own)}: ${together}.`;
  if (sumOf(others) * 2 <= total) return "Leave the work to a system worker thread, and go on.";
  return othersHelp(others, together);
}

/** The time is that of others whom it waits for. */
function othersHelp(others: readonly Part[], together: string): string {
  const longest = longestOf(others);
  const { api, waits, activity, underLock } = longest;
  const name = nameOf(longest.who);
  const place = api === undefined ? "" : ` “${placeOf(longest)}”`;
  if (underLock === true && place !== "")
    return `Let ${name} give back the lock before${place}: whoever asks for the lock waits along, and ${together}.`;
  if (activity === "workItem") return awaitsItemHelp;
  if (waits === true && place !== "")
    return `Let ${name} wait for less at${place}, or do not wait for it: ${together}.`;
  return `Do not wait for other threads, or bound the wait: ${together}.`;
}

function sleepHelp(finding: Finding, { who }: Part): string {
  const polls = finding.steps.some((step) => cameOf(step, "looksAgain"));
  const where = who.kind === "thread" ? who.callback : undefined;
  const own = where === undefined || where === callbackOf(finding);
  const place = own ? "the callback" : `callback ${where}`;
  return `Do not ${polls ? "poll" : "sleep"} in ${place}: leave the rest to a system worker thread, and go on.`;
}

/** At which operation, where it is one. */
function placeIn(waits: readonly Part[]): string {
  const places = new Set(waits.map((part) => placeOf(part)));
  return places.size === 1 && waits[0].operation !== undefined ? ` at “${[...places][0]}”` : "";
}

/** The part at which one thread is longest, all its times together. */
function longestOf(parts: readonly Part[]): Part {
  const sums = new Map<string, { readonly part: Part; readonly us: number }>();
  for (const part of parts) {
    const key = `${nameOf(part.who)} ${part.operation} ${part.waits}`;
    const sum = sums.get(key);
    sums.set(key, { part, us: (sum?.us ?? 0) + part.us });
  }
  return [...sums.values()].reduce((a, b) => (b.us > a.us ? b : a)).part;
}

const sumOf = (parts: readonly { readonly us: number }[]): number =>
  parts.reduce((sum, { us }) => sum + us, 0);
