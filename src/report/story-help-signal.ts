/** What would help where a signal, a unit or a lock does not come, by what became of who had it. */
import { unreachable } from "../base/invariant.ts";
import type { Finding } from "../judge/finding.ts";
import { endOf, nameOf } from "./story-names.ts";
import { cameOf } from "./story-outcomes.ts";
import { isKeptFor, objectWords, settingWords, waitWords } from "./story-words.ts";
import { listed } from "./text.ts";

/** Somebody has a lock that he never gives back, or what whoever takes it gives back himself. */
export function leakHelp(finding: Finding): string | undefined {
  const last = finding.chain.at(-1);
  if (last === undefined) return undefined;
  if (last.wait.kind === "rundown" && last.past?.kind === "taken")
    return `Release the protection of ${last.wait.objects[0].name} on every way out.`;
  if (last.past?.kind === "countedUp")
    return `Count ${last.past.counter ?? last.wait.objects[0].name} down on every way out.`;
  const { past, wait, enders, follows, gone = [] } = last;
  const stands = enders[follows ?? 0]?.stands;
  const what = waitWords(wait);
  const isLeft = enders.length === 0 || stands === "behindWaiter";
  if (wait.kind === "semaphore" && past?.kind === "taken" && isLeft) {
    const { who } = last;
    if (past.isInside === true && past.by !== nameOf(who))
      return `Give back ${what} before waiting.`;
    if (past.isInside === true && who.kind === "thread")
      return who.apc === undefined
        ? `Give back ${what} before asking for it again.`
        : `Give back ${what} before APC ${who.apc} can run, which asks for it, too.`;
    const isPassedOn =
      gone.length > 0 ||
      finding.steps.some((step, i) => i > past.step && cameOf(step, "notCalled"));
    return isPassedOn
      ? `See to it that whoever takes ${what} has it given back, also where the one who was to do it never comes.`
      : `Give back ${what} on every way out.`;
  }
  return isKeptFor(stands) ? `Give back ${what} on every way out.` : undefined;
}

/** A kernel APC that is held off would end the wait. */
export function apcHelp({ chain }: Finding): string | undefined {
  const apc = chain.flatMap(({ enders, follows }) => enders[follows ?? 0]?.apc ?? []).at(0);
  if (apc === undefined) return undefined;
  const { by, name, holding = [] } = apc;
  if (by === "criticalRegion")
    return `Queue APC ${name} as a special one, which a critical region does not hold off, or do not wait for it.`;
  if (holding.length > 0)
    return `Give back ${listed(holding.map(objectWords))} before waiting for what APC ${name} does.`;
  return `Do not wait for what APC ${name} does where kernel APCs are held off.`;
}

/** Nobody is left who would end the wait: what to do about the first who would have. */
export function nobodyHelp(finding: Finding): string | undefined {
  const last = finding.chain.at(-1);
  const [gone] = last?.gone ?? [];
  if (last === undefined || gone === undefined || endOf(finding).kind === "circle")
    return undefined;
  const { who, how, step } = gone;
  // That a work item does not end is no less so where somebody comes.
  if (finding.outcome === "rule" && ["unloads", "event", "asked"].includes(how)) return undefined;
  const does = settingWords(last.wait);
  const waiter = last.who.kind === "thread" ? last.who.callback : undefined;
  switch (how) {
    case "ended":
      return waiter === undefined
        ? `Let ${who} ${does} on each way to its end, or bound the wait.`
        : `Let ${who} ${does} on each way to its end, or end it only once ${waiter}, which waits for that, has been removed.`;
    case "notCreated": {
      const api = step === undefined ? undefined : finding.steps[step]?.api;
      return api === undefined
        ? `Wait only where ${who} has been created, or bound the wait.`
        : `Look at what ${api} comes back with, and do not wait for ${who} where it has failed.`;
    }
    case "removed":
      return waiter === undefined || waiter === who
        ? `Let whoever removes ${who} ${does}, too.`
        : `Remove ${waiter}, which waits for what ${who} does, before ${who}.`;
    case "notRegistered":
      return waiter === undefined || waiter === who
        ? undefined
        : `Register ${who} before ${waiter}, which waits for what it does.`;
    case "returned":
      return `Let ${who} ${does} on every way out, or remove what waits for it.`;
    case "unloads":
      return `Let somebody who comes before ${who} ${does}, too, or bound the wait.`;
    case "event":
      return `Count on no event to come: let somebody else ${does}, too, or bound the wait.`;
    case "asked":
      return `Count on nobody to ask for ${who}: let somebody else ${does}, too, or bound the wait.`;
    case "vetoed":
      return "Count on no process to come up: its creation can be vetoed. Bound the wait.";
    default:
      return unreachable(how, "way to be gone");
  }
}
