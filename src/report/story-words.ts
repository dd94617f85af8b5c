/** The words for what a finding's links say as data: who, what is waited for, who could end it. */
import { unreachable } from "../base/invariant.ts";
import type {
  Actor,
  Ender,
  Finding,
  HeldApc,
  Link,
  StartedKind,
  Wait,
  WaitedObject,
} from "../judge/finding.ts";
import { listed } from "./text.ts";

/** "user1, in callback OnCreate", "work item Scan" */
export function whoWords(who: Actor): string {
  switch (who.kind) {
    case "thread": {
      const { name, callback, item, apc } = who;
      const inside = [
        ...(apc === undefined ? [] : [`APC ${apc}`]),
        ...(callback === undefined ? [] : [`callback ${callback}`]),
        ...(callback !== undefined || item === undefined ? [] : [`work item ${item}`]),
      ];
      return inside.length === 0 ? name : `${name}, in ${inside.join(" on top of ")}`;
    }
    case "workItem":
      return `work item ${who.name}`;
    case "dpc":
      return `DPC ${who.name}${who.timer === undefined ? "" : ` of timer ${who.timer}`}`;
    default:
      return unreachable(who, "actor");
  }
}

/** The same without where it is. */
export const actorName = (who: Actor): string => (who.kind === "thread" ? who.name : whoWords(who));

/** What it does where it waits: its call, or what keeps it from running. */
export function operationWords({ who, wait, operation }: Link): string {
  if (wait.kind === "ended") return "has ended";
  if (wait.kind === "start") return "has not started";
  if (who.kind === "dpc") return who.timer === undefined ? "is queued" : "comes with the timer";
  if (who.kind === "thread") return operation;
  const { ahead, queue } = who;
  return ahead === 0
    ? `first in ${queue}`
    : `queued in ${queue}, behind ${ahead} other${ahead === 1 ? "" : "s"}`;
}

/** Whether it waits in a call, rather than in what Windows or a program does by itself. */
export const isCall = ({ who, wait, api }: Link): boolean =>
  api !== undefined && who.kind === "thread" && wait.kind !== "ended" && wait.kind !== "start";

/** Where one who runs on stands: "is at DbgPrint()", "is at “if Stop == 1”", "takes the next work item" */
export function standingWords(link: Link): string {
  const operation = operationWords(link);
  if (isCall(link)) return `is at ${operation}`;
  return link.isAtStatement === true ? `is at “${operation}”` : operation;
}

/** "FAST_MUTEX Lock", "event Done or event Failed", "a free worker of DelayedWorkQueue" */
export function waitWords({ kind, objects, all }: Wait): string {
  switch (kind) {
    case "nothing":
    case "ended":
      return "nothing";
    case "forever":
      return "nothing that would ever come";
    case "start":
      return "its creator to go on";
    case "worker":
      return `a free worker of ${objects[0].name}`;
    case "processor":
      return "a processor";
    default:
      return objects
        .map((one) => `${nounOf(kind, one)}${one.process ? ` of process ${one.process}` : ""}`)
        .join(all === true ? " and " : " or ");
  }
}

/** "FAST_MUTEX Lock" */
export const objectWords = ({ kind, name, process, isPipe }: WaitedObject): string =>
  `${isPipe === true ? "pipe" : kind} ${name}${process === undefined ? "" : ` of process ${process}`}`;

function nounOf(of: Wait["kind"], { kind, name, isPipe }: WaitedObject): string {
  switch (of) {
    case "reply":
      return "the reply to its message";
    case "fetch":
      return "the fetching of its message";
    case "room":
      return `room in pipe ${name}`;
    case "irp":
      return "the completion of its IRP";
    case "completion":
    case "dialog":
      return name;
    case "processEnd":
      return `the end of process ${name}`;
    case "threadEnd":
      return `the end of thread ${name}`;
    case "rundown":
      return `the rundown of ${name}`;
    case "timer":
      return `timer ${name}`;
    case "event":
      return `event ${name}`;
    case "message":
      return isPipe === true ? `something in pipe ${name}` : `a message of ${kind} ${name}`;
    case "entry":
      return `an entry of ${kind} ${name}`;
    default:
      return `${isPipe === true ? "pipe" : kind} ${name}`;
  }
}

/**
 * What somebody would have to do to what is waited for: "set it"; to only some of it, by index:
 * "set event Stop".
 */
export function endingVerb({ kind, objects, all, each }: Wait, some?: readonly number[]): string {
  const it =
    some === undefined
      ? objects.length > 1
        ? "any of them"
        : "it"
      : some.map((i) => nounOf(kind, objects[i])).join(all === true ? " and " : " or ");
  switch (kind) {
    case "event":
    case "timer":
      return `set ${it}`;
    case "lock":
    case "semaphore":
      return `release ${it}`;
    case "variable":
      return `change ${it}`;
    case "reply":
      return `send ${it}`;
    case "fetch":
      return "fetch it";
    case "room":
      return `read from ${some === undefined ? "it" : `pipe ${objects[0].name}`}`;
    case "irp":
      return "bring it about";
    case "rundown":
      return "release its protection";
    case "forever":
      return "let it go on";
    case "message":
    case "entry":
      return `put anything into ${objects.length > 1 ? it : some === undefined ? "it" : objectWords(objects[0])}`;
    default: {
      // Of a wait for objects of several kinds, each is ended in its own way.
      const [one, ...others] = some ?? [];
      const own = one === undefined || others.length > 0 ? undefined : each?.[one];
      return own === undefined || own === kind
        ? "end this wait"
        : endingVerb({ kind: own, objects: [objects[one]] }, [0]);
    }
  }
}

/** The same with the names of all that is waited for: "set event Done". */
export const settingWords = (wait: Wait): string =>
  endingVerb(
    wait,
    wait.objects.map((_, i) => i),
  );

/** Who holds what is waited for never gives it back. */
export const isKeptFor = (stands: Ender["stands"] | undefined): boolean =>
  stands === "pastRelease" || stands === "leftBehind";

/** Nobody can end it, and it is not that somebody is to come. */
export const isNobody = ({ enders, wait, follows }: Link): boolean =>
  follows !== undefined && isKeptFor(enders[follows]?.stands)
    ? true
    : enders.length === 0 && !["nothing", "ended", "worker", "processor"].includes(wait.kind);

/** Who could end the wait, and why he does not: of several, the one that the chain goes on with. */
export function becauseWords(link: Link, next?: Link): string {
  const { who, wait, enders, follows } = link;
  if (who.kind === "workItem") {
    if (who.occupied === 0) return "no worker takes it";
    return who.occupied === 1
      ? "its only worker is occupied"
      : `all ${who.occupied} workers are occupied`;
  }
  if (who.kind === "dpc") return "those that could run it are in a DPC that does not end";
  const ender = enders[follows ?? 0];
  if (ender === undefined) {
    return wait.kind === "ended" ? "and nobody else would do it" : "";
  }
  return `${enderWords(ender, wait)}${besideWords(ender, next)}`;
}

/** Whether that names who stands next in the chain. */
export function namesNext({ who, enders, follows }: Link, next: Link): boolean {
  const ender = enders[follows ?? 0];
  if (who.kind === "workItem" || who.kind === "dpc" || ender === undefined) return false;
  if (ender.who.kind === "workItem" && next.who.kind === "workItem") return true;
  return actorName(ender.who) === actorName(next.who);
}

/** Whether who comes next would not bring about what is waited for, but cut the wait short. */
export const isCutShort = ({ enders, follows }: Link): boolean =>
  ["wouldTerminate", "wouldAlert", "wouldResume"].includes(enders[follows ?? 0]?.relation);

function besideWords({ who }: Ender, next: Link | undefined): string {
  if (who.kind !== "workItem" || next?.who.kind !== "workItem") return "";
  return next.who.name === who.name ? "" : `, in the same queue as ${whoWords(next.who)}`;
}

const startingWords: Readonly<Record<StartedKind, string>> = {
  workItem: "queue work item",
  apc: "queue APC",
  dpc: "have DPC",
  thread: "create thread",
};

/** While what no kernel APC of its kind runs. */
function heldOffWords({ by, holding = [] }: HeldApc): string {
  const has = holding.length === 0 ? "" : `, with ${listed(holding.map(objectWords))}`;
  switch (by) {
    case "criticalRegion":
      return " while it is in a critical region";
    case "guardedRegion":
      return ` while it is in a guarded region${has}`;
    case "level":
      return ` while it is at APC_LEVEL${has}`;
    case "anotherApc":
      return " while it runs another";
    default:
      return "";
  }
}

function enderWords({ who, relation, stands, by, ends, apc }: Ender, wait: Wait): string {
  const name = actorName(who);
  if (by !== undefined) {
    const starts = `would ${startingWords[by.kind]} ${by.name}${by.kind === "dpc" ? " queued" : ""}`;
    return `${name} ${starts}, which would ${endingVerb(wait, ends)}`;
  }
  const isIrp = wait.kind === "irp";
  switch (relation) {
    case "holds": {
      const what = wait.objects[ends?.[0] ?? 0];
      const it = ends === undefined ? "it" : objectWords(what);
      return `${name} ${what?.kind === "KMUTEX" ? "owns" : "holds"} ${it}`;
    }
    case "inLine":
      return `${name} is ahead of it in line`;
    case "hasMessage":
      return isIrp
        ? `${name} has taken it and not completed it`
        : `${name} has fetched it and not replied`;
    case "hadMessage":
      return isIrp
        ? `it was taken, and ${name} has ended without completing it`
        : `it was fetched, and ${name} has ended without a reply`;
    case "wouldClose":
      return `${name} would close the ${wait.kind === "room" ? "pipe" : "port"}`;
    case "wouldTerminate":
      return `${name} would end its process`;
    case "wouldAlert":
      return `${name} would alert it`;
    case "wouldResume":
      return `${name} would resume it`;
    case "wouldFetch":
      if (wait.kind === "room") return `${name} would have to read from it${absence(stands)}`;
      return `${name} would have to ${isIrp ? "complete" : "fetch"} it${absence(stands)}`;
    case "insideCallback":
      return `${name} is inside the callback`;
    case "holdsProtection":
      return `${name} holds protection`;
    case "hasToEnd":
      return `${name} has to end`;
    case "hasToLeave":
      if (wait.kind === "processEnd") return `${name} has to leave the process`;
      return `the end of its process would end that, and ${name} has to leave it first`;
    case "creates":
      return `${name} is still creating it`;
    case "wouldStart":
      return `${name} would start it`;
    case "runsDpc":
      return `${name} has to finish its DPC`;
    case "heldApc":
      return apc === undefined
        ? `${name} has to run a kernel APC, which is held off`
        : `${name} has to run kernel APC ${apc.name}, which is held off${heldOffWords(apc)}`;
    case "occupied":
      return `${name} is occupied`;
    case "wouldEnd":
      return stands === "behindWaiter" && who.kind === "thread"
        ? `${name} itself would ${endingVerb(wait, ends)}, later`
        : `${name} would ${endingVerb(wait, ends)}${absence(stands)}`;
    default:
      return unreachable(relation, "relation");
  }
}

const absence = (stands: Ender["stands"]): string =>
  stands === "notStarted" ? ", and has not started" : "";

/** How long a hang lasts, as far as that was searched. */
export type Lasting = "for good" | "until a later event" | "elsewhere for good" | "not known";

export function lastingOf({ outcome, chain, isLaterUnknown, forGoodIn }: Finding): Lasting {
  // What ends a hang the model was asked; of a broken rule the code alone says it.
  const isEnded = ({ gone = [] }: Link): boolean =>
    outcome === "rule" && gone.some(({ how }) => ["event", "unloads", "asked"].includes(how));
  if (forGoodIn !== undefined) return "elsewhere for good";
  if (laterWords(chain) !== undefined || chain.some(isEnded)) return "until a later event";
  return isLaterUnknown === true ? "not known" : "for good";
}

/** What a later event could end, and how: "OnExit, called for it, would set event Room". */
export function laterWords(links: readonly Link[]): string | undefined {
  const link = links.find(({ later }) => later !== undefined);
  if (link?.later === undefined) return undefined;
  const { wait, who, later } = link;
  const does = wait.kind === "irp" ? "complete the IRP" : settingWords(wait);
  const whose = link === links[0] ? "" : ` for ${actorName(who)}`;
  const ender = later.length === 0 ? "what follows from it" : `${listed(later)}, called for it,`;
  return `A later event could end that: ${ender} would ${does}${whose}`;
}
