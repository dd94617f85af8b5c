/** What would help where nothing more telling is known than what the chain of waits ends in. */
import { unreachable } from "../base/invariant.ts";
import type { Finding, Link } from "../judge/finding.ts";
import type { SignalPast } from "../judge/signal-past.ts";
import { endOf, hasEnded, nameOf, runsOn } from "./story-names.ts";
import { operationWords, settingWords, waitWords } from "./story-words.ts";

/** A signal, or a change of a variable, is past: what to do about that. */
export function pastHelp(finding: Finding): string | undefined {
  const last = finding.chain.at(-1);
  const isAlone = endOf(finding).kind === "open" || finding.chain.length === 1;
  return last?.past === undefined || !isAlone ? undefined : helpOfPast(last.past, last);
}

function helpOfPast(past: SignalPast, { wait, lost = 0 }: Link): string | undefined {
  const object = wait.objects[lost];
  if (object === undefined) return undefined;
  const what = waitWords({ ...wait, objects: [object] });
  const isAuto = object.kind.startsWith("Synchronization");
  switch (past.kind) {
    case "cleared":
      if (past.set === past.step)
        return `Set ${what} instead of pulsing it: a pulse is lost on whoever does not wait yet.`;
      return isAuto
        ? `Let nobody clear ${what} but the one who waits for it: a wait takes its signal as it is.`
        : `Let the one who waits for ${what} reset it, or make it a synchronization event; and bound the wait.`;
    case "taken":
      if (wait.kind !== "event" && wait.kind !== "timer") return undefined;
      return `Set ${what} once for each who waits for it, or make it one of notification, which lets all of them go.`;
    case "changed":
      return `Let whoever changes ${what} change it back on every way out, or bound the poll.`;
    // These have words of their own.
    case "calledOff":
    case "countedUp":
      return undefined;
    default:
      return unreachable(past, "past of a signal");
  }
}

/** What holds of each chain of waits. */
export function chainHelp(finding: Finding): string | undefined {
  const { chain, outcome } = finding;
  const [first] = chain;
  const last = chain.at(-1);
  if (first === undefined || last === undefined) return undefined;
  if (runsOn(first))
    return "Let the loop end: bound its rounds, or leave it where nothing changes.";
  if (runsOn(last))
    return `See to it that ${nameOf(last.who)} comes out of what it runs in: it goes on for ever there.`;
  const awaiting = chain.at(-2);
  if (hasEnded(last))
    return awaiting === undefined
      ? undefined
      : `Let ${nameOf(last.who)} ${settingWords(awaiting.wait)} before it ends, or bound the wait.`;
  if (outcome === "rule") return undefined;
  const end = endOf(finding);
  if (end.kind === "circle") return circleHelp(chain.slice(end.at));
  return isBrought(last)
    ? `Let somebody ${settingWords(last.wait)}, or bound the wait.`
    : `Bound the wait at “${operationWords(last)}”, or do not wait there.`;
}

const isBrought = ({ wait }: Link): boolean =>
  ["event", "timer", "semaphore", "variable", "message", "entry", "reply", "fetch", "irp"].includes(
    wait.kind,
  );

function circleHelp(circle: readonly Link[]): string {
  const [first] = circle;
  if (circle.length === 1 && isBrought(first))
    return `Let another thread ${settingWords(first.wait)}, or let ${nameOf(first.who)} do that before it waits: nobody else would.`;
  return `Do not wait at “${operationWords(first)}” for what cannot go on before that: bound the wait, or do first what the others wait for.`;
}
