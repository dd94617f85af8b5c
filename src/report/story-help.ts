/** What would help, in a line: only where it follows from how the harm comes about. */

import type { CrashKind, Inside } from "../judge/crash-facts.ts";
import { tellingParts } from "../judge/critical-path.ts";
import type { Finding, Link } from "../judge/finding.ts";
import { brokenHelp, otherwiseBroken } from "./story-help-rules.ts";
import { apcHelp, leakHelp, nobodyHelp } from "./story-help-signal.ts";
import { chainHelp, pastHelp } from "./story-help-wait.ts";
import { endOf } from "./story-names.ts";
import { awaitsItemHelp, timeHelp } from "./story-time-help.ts";
import { objectWords, settingWords, waitWords } from "./story-words.ts";
import { heading, listed, type Page, paragraph } from "./text.ts";

export function helpLines(page: Page, finding: Finding): string[] {
  const help = helpOf(finding);
  return help === undefined ? [] : [...heading(page, "What would help"), ...paragraph(page, help)];
}

export function helpOf(finding: Finding): string | undefined {
  const { outcome, crash } = finding;
  if (outcome === "crash") return crash === undefined ? undefined : crashHelpOf(finding, crash);
  return (
    brokenHelp(finding) ??
    requestHelp(finding) ??
    leakHelp(finding) ??
    timerHelp(finding) ??
    unloadHelp(finding) ??
    protectionHelp(finding) ??
    itemHelp(finding) ??
    waitHelp(finding) ??
    lockHelp(finding) ??
    suspendedHelp(finding) ??
    serviceHelp(finding) ??
    startHelp(finding) ??
    apcHelp(finding) ??
    pastHelp(finding) ??
    nobodyHelp(finding) ??
    timeHelp(finding) ??
    otherwiseBroken(finding) ??
    chainHelp(finding)
  );
}

function crashHelpOf(finding: Finding, crash: CrashKind): string | undefined {
  const { freed, inside = "other", keeps = [], startFailed } = finding;
  if (startFailed)
    return "Before DriverEntry returns the failure, let it end what it has started, and wait for that.";
  if (finding.timerSet !== undefined) {
    return crash === "codeIsGone"
      ? "Cancel the timer in DriverUnload, and wait for its DPC with KeFlushQueuedDpcs; where the DPC sets it anew, tell the DPC before, and cancel once more behind."
      : "Cancel the timer before what it lies in goes.";
  }
  if (crash === "useAfterFree" && freed?.unloading === true) return endedFirst[inside];
  if (crash === "codeIsGone") return stillRuns[inside] ?? crashHelp.codeIsGone;
  if ((crash === "returnsRaised" || crash === "irql") && keeps.length > 0) {
    const locks = listed(keeps.map(({ what }) => objectWords(what)));
    return crash === "irql"
      ? `Make this call at a lower IRQL: give back ${locks} first.`
      : `Give back ${locks} on every way out.`;
  }
  return crashHelp[crash];
}

/** Unloading frees what is still in use: what has to have ended before. */
const endedFirst: Readonly<Record<Inside, string>> = {
  callback: "Remove the callback first: free what it uses only once it is removed.",
  workItem: "Wait for the work items first, and free what they use then.",
  apc: "Let the APC run first, and free what it uses then.",
  dpc: "Cancel the timer and flush the DPCs first, and free what they use then.",
  thread: "Let the thread end first, and wait for that: free what it uses then.",
  unload: "Free it behind its last use.",
  other: "Let everybody who still touches it hold a reference of their own.",
};

/** Code runs on behind unloading: what would have held that up. */
const stillRuns: Readonly<Partial<Record<Inside, string>>> = {
  callback: "Remove the callback in DriverUnload: that waits until no call of it is running.",
  workItem:
    "Queue the item with IoQueueWorkItem, which keeps the driver in memory until it has run, or wait for it in DriverUnload.",
  apc: "Take rundown protection for each APC that is queued, let the APC release it, and wait for that rundown in DriverUnload.",
  dpc: "Cancel in DriverUnload what queues the DPC, and wait for it with KeFlushQueuedDpcs.",
  thread: "Tell the thread to end in DriverUnload, and wait there for its thread object.",
};

const crashHelp: Readonly<Partial<Record<CrashKind, string>>> = {
  useAfterReturn:
    "Let what other threads touch outlive the call: allocate it, and free it with the last reference.",
  useAfterFree: "Let everybody who still touches it hold a reference of their own.",
  irql: "Make this call at a lower IRQL.",
  notOwner: "Release a lock in the thread that acquired it.",
  recursion: "Let the callback return at once for what it causes itself.",
  keepsMutex: "Release the mutex before the call returns to user mode.",
  keepsRegion: "Leave the region before the call returns to user mode.",
  returnsRaised: "Lower the IRQL before returning.",
  codeIsGone: "Wait in DriverUnload for everything that still runs the driver's code.",
  corruptList: "Take an entry off its list in one place alone, under the list's lock.",
  nullPointer: "Look at what the call came back with before the pointer is used.",
  notAttached: "Detach only what is attached: once for each KeStackAttachProcess, in its thread.",
  regionUnderflow: "Leave a region once for each time that it was entered, in the same thread.",
  semaphoreLimit: "Release no more units than were taken, or give the semaphore a higher limit.",
};

const requestHelp = ({ request, chain: [first] }: Finding): string | undefined =>
  request === undefined || first === undefined
    ? undefined
    : `Let somebody ${settingWords(first.wait)}, or bound the wait, or make it one of user mode: that ends with the process.`;

function itemHelp({ rules, chain, path = [] }: Finding): string | undefined {
  const isQueued = chain.some(({ wait }) => wait.kind === "worker");
  const isLate = tellingParts(path)[0]?.activity === "poolManager";
  return rules.includes("R7") || isQueued || isLate ? awaitsItemHelp : undefined;
}

const isInCallback = ({ who }: Link): boolean =>
  who.kind === "thread" && who.callback !== undefined;

function waitHelp({ chain, closesAt }: Finding): string | undefined {
  const [first] = chain;
  if (first === undefined) return undefined;
  const isRemoval = ({ wait, enders }: Link): boolean =>
    wait.kind === "rundown" && enders.some(({ relation }) => relation === "insideCallback");
  if (isInCallback(first) && isRemoval(first))
    return "Remove the callback in DriverUnload, never from within it.";
  const removal = chain.findIndex(isRemoval);
  const removed = removal < 0 ? undefined : chain[removal + 1];
  const isAwaited = removal > 0 && removal === chain.length - 1 && closesAt === 0;
  if (isAwaited && isInCallback(first))
    return "Do not let the callback wait for who removes it: that waits until no call of it is running. Remove it in DriverUnload.";
  if (removed !== undefined && isInCallback(removed) && removed.wait.kind === "lock")
    return "Remove the callback before taking a lock that it needs.";
  if (chain.some(({ wait }) => wait.kind === "completion"))
    return "Read, write and open files only where APCs are enabled: give back the lock, or leave the region, first.";
  if (chain.some(({ wait }) => wait.kind === "dialog"))
    return "Leave what can bring up a dialog to a work item that nobody waits for: it needs normal kernel APCs.";
  if (chain.some(({ wait }) => wait.kind === "room")) return pipeHelp;
  const isEnd = first.wait.kind === "processEnd" || first.wait.kind === "threadEnd";
  if (isInCallback(first) && isEnd && closesAt !== undefined) return creatorHelp;
  return undefined;
}

const pipeHelp =
  "Do not wait for room in the pipe: write in non-blocking mode (`Timeout: 0`) and drop what does not fit, or from a thread that nobody waits for. More room only puts it off.";

const creatorHelp =
  "Do not wait in the callback for what cannot go on before the callback has returned.";

const starterHelp = "Do not wait for what cannot start before this has gone on.";

/** Who would end a wait cannot start before the one who waits goes on. */
function startHelp(finding: Finding): string | undefined {
  const { chain, closesAt } = finding;
  const waits = closesAt !== undefined && chain.some(({ wait }) => wait.kind === "start");
  if (!waits) return undefined;
  return isInCallback(chain[0]) ? creatorHelp : starterHelp;
}

/** Windows waits for the driver's items itself, ahead of DriverUnload: that is nobody's to change. */
function unloadHelp({ chain }: Finding): string | undefined {
  const isOfItem = ({ who }: Link["enders"][number]): boolean =>
    who.kind === "workItem" || (who.kind === "thread" && who.item !== undefined);
  const waits = chain.some(
    ({ wait, api, enders }) =>
      wait.kind === "rundown" && api === undefined && enders.some(isOfItem),
  );
  return waits
    ? "Let no work item wait for what DriverUnload does: here that is called only once the driver's items have ended. Give what goes on until then a thread of its own (PsCreateSystemThread)."
    : undefined;
}

/** Who waits for a rundown holds it off himself. */
function protectionHelp(finding: Finding): string | undefined {
  const end = endOf(finding);
  if (end.kind !== "circle") return undefined;
  const circle = finding.chain.slice(end.at);
  const drain = circle.find(
    ({ wait, enders, follows }) =>
      wait.kind === "rundown" && enders[follows ?? 0]?.relation === "holdsProtection",
  );
  if (drain === undefined) return undefined;
  const { name } = drain.wait.objects[0];
  return circle.length === 1
    ? `Release the protection of ${name} before waiting for its rundown.`
    : `Wait for the rundown of ${name} only behind all that who holds its protection still needs.`;
}

/** The timer that would have ended the wait was cancelled. */
function timerHelp(finding: Finding): string | undefined {
  const last = finding.chain.at(-1);
  if (last === undefined || last.past?.kind !== "calledOff") return undefined;
  return last.wait.kind === "timer"
    ? "Let whoever cancels the timer also let go who waits for it, or bound the wait."
    : `Let whoever cancels the timer ${settingWords(last.wait)}, too.`;
}

function lockHelp(finding: Finding): string | undefined {
  const { chain, outcome, driver } = finding;
  const end = endOf(finding);
  if ((outcome !== "deadlock" && outcome !== "livelock") || end.kind !== "circle") return undefined;
  const circle = chain.slice(end.at);
  // A lock of somebody else's is not the driver's to give back.
  const names = circle.flatMap(({ wait }) =>
    wait.kind === "lock" && wait.objects.every(({ owner }) => owner === driver)
      ? [waitWords(wait)]
      : [],
  );
  if (names.length === 0) return undefined;
  const distinct = [...new Set(names)];
  // Somebody else's request in between makes no second lock.
  const isAgain = distinct.length === 1 && names.length === circle.length;
  if (circle.length === 1 || isAgain)
    return `Do not ask for ${names[0]} again while the thread holds it.`;
  if (names.length === circle.length) return `Take ${listed(distinct)} in one order everywhere.`;
  const polls = circle.some(({ wait }) => wait.kind === "variable");
  return `Give back ${listed(distinct)} before ${polls ? "the poll" : "waiting"}.`;
}

const isOfService = ({ who }: Link): boolean => who.kind === "thread" && who.service === true;

/** Who has what another waits for was suspended, which nobody is in a critical region (APC-6, B16). */
function suspendedHelp({ chain, occasion }: Finding): string | undefined {
  const [holder, last] = chain.slice(-2);
  if (occasion?.service !== "suspended" || last?.wait.kind !== "forever") return undefined;
  const { relation } = holder.enders[holder.follows ?? 0] ?? {};
  if (relation !== "holds" && relation !== "holdsProtection") return undefined;
  const what =
    relation === "holds" ? waitWords(holder.wait) : `protection of ${holder.wait.objects[0].name}`;
  return `Enter a critical region before taking ${what}, and leave it once that is given back: nobody is suspended in one.`;
}

/** Who waits so has a timeout, or could have one. */
const isBoundable = ({ wait: { kind, objects } }: Link): boolean =>
  kind === "lock" ? objects[0]?.kind === "KMUTEX" : kind !== "rundown" && kind !== "dpcs";

function serviceHelp(finding: Finding): string | undefined {
  const { chain, closesAt, rules, outcome } = finding;
  const isServed = rules.includes("R2") || chain.some(isOfService);
  if (outcome === "latency" || !isServed) return undefined;
  const last = chain.at(-1);
  // A signal that is past is past whoever waits for it.
  if (last?.past?.kind === "cleared" && endOf(finding).kind === "open") return pastHelp(finding);
  const orBound = chain.some((link) => isInCallback(link) && isBoundable(link))
    ? ", or bound the wait"
    : "";
  const isCreated = chain.some((link) => link.wait.kind === "start" && isOfService(link));
  if (endOf(finding).kind === "circle" || isCreated) {
    if (!chain.some(isInCallback)) return undefined;
    const circle = chain.slice(closesAt ?? 0);
    // No callback is part of it, so none that returns would open it.
    if (!isCreated && circle.every(isOfService))
      return "Bound the wait, and let the services not wait for one another.";
    return `Let the callback return at once for the service and its descendants${orBound}.`;
  }
  // A rule that is broken is so whatever the bound.
  return outcome === "rule"
    ? "Decide without the service: a bound of the wait only limits how long it takes."
    : `Decide without the service${orBound}.`;
}
