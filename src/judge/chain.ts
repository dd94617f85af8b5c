/** The chain of waits from a hung obligation to its end, and its mechanism with names erased. */
import type { Machine } from "../machine/machine.ts";
import { type Counter, counterOf } from "./counters.ts";
import { isPastRelease } from "./enders.ts";
import { wouldEnd } from "./ending-ops.ts";
import type { Actor, Ender, Link, Relation, StartedKind } from "./finding.ts";
import { type Beyond, type Departures, goneEnders } from "./gone.ts";
import { heldApcOf } from "./held-apcs.ts";
import { isLeftBehind } from "./held-locks.ts";
import { identityOf } from "./identity.ts";
import { type Names, plainNames } from "./instances.ts";
import { chainText } from "./mechanism-text.ts";
import {
  absenceOf,
  hopOf,
  itemActor,
  type Member,
  occupiedWorkers,
  pollingOf,
  threadActor,
  threadLabel,
} from "./members.ts";
import type { Satisfier } from "./satisfier.ts";
import { asksForUnit, isSharedOut } from "./shared-out.ts";
import type { SignalPast } from "./signal-past.ts";
import { activityOf, callbackName } from "./thread-activity.ts";
import { isHeldOff, waitingOf } from "./wait-for.ts";

export interface Chain {
  readonly links: readonly Link[];
  readonly mechanism: string;
  /** Wait operations of users' drivers, by stable id. */
  readonly identity: string;
  /** Who the first wait is for: what the rules ask. */
  readonly first: "item" | "service" | "reader" | "thread" | "lock" | "completion" | "none";
  /** The link that the chain leads back to, if it does. */
  readonly closesAt: number | undefined;
  /** The rules are about callbacks: other roots that hang break none of them. */
  readonly startsInCallback: boolean;
  /** The callback that it starts in, "" if none. */
  readonly callback: string;
  /** Somebody on it looks again and again. */
  readonly polls: boolean;
  /** By link: the thread that waits there, −1 for none. */
  readonly places: readonly number[];
  /** Threads on the chain, the first being the one that it starts from. */
  readonly threads: readonly number[];
  /** Somebody on it waits for a worker. */
  readonly awaitsWorker: boolean;
}

/** What a run that is told knows beyond the state that it ended in. */
export interface Told {
  readonly names: Names;
  /** The step, by index, since which a thread holds a lock; −1 if unknown. */
  heldSince(lock: number, thread: number): number;
  /** What became of the signal that a wait is for. */
  past?(asked: Asked): SignalPast | undefined;
  readonly departures?: Departures;
  readonly beyond?: Beyond;
}

/** A wait for a signal: of which object, by whom, and whether a routine would be the end of it. */
export interface Asked {
  readonly address: number;
  readonly waiter: string;
  readonly opId: string;
  endsIt(routine: number): boolean;
  /** The variable that the wait is for; or, with a name, whose count says when that is signalled. */
  readonly counter?: Counter;
}

export function chainFrom(
  m: Machine,
  thread: number,
  told: Told = { names: plainNames(m), heldSince: () => -1 },
): Chain {
  const hops: Member[] = [];
  const labels: string[] = [];
  let closesAt: number | undefined;
  let merged = false;
  let next: Satisfier | undefined = { kind: "thread", thread, relation: "occupied" };
  let first: Chain["first"] = "none";
  // It ends: nobody is on it twice.
  for (let i = 0; next !== undefined; i++) {
    const hop: Member = hopOf(m, next, told.names);
    if (hops.some((h) => h.key === hop.key)) {
      closesAt = hops.findIndex((h) => h.key === hop.key);
      break;
    }
    hops.push(hop);
    if (!merged && labels.includes(hop.label)) merged = true;
    if (!merged) labels.push(hop.label);
    // Who looks again and again had a signal and lost it: another, of somebody who is still to
    // come, is told beside it, and makes no link.
    const open = hop.isPoll === true ? hop.next.filter((s) => !isStillToCome(m, s)) : hop.next;
    const following = hop.next.some((s) => endsHere(m, s, hop)) ? undefined : choose(m, open, hops);
    if (i === 0) first = firstKind(m, following, hop);
    next = following;
  }
  const awaitsWorker = hops.some(({ link }) => link.wait.kind === "worker");
  const identity = [...new Set(hops.map(operationOf))].filter((id) => id !== "").sort();
  return {
    links: hops.map((_, i) => linkOf(m, hops, i, closesAt, told)),
    places: hops.map((hop) => hop.thread),
    mechanism: chainText(labels, closesAt !== undefined),
    polls: hops.some((h) => h.isPoll === true),
    identity: identityOf(identity),
    first,
    closesAt,
    startsInCallback: activityOf(m, thread) === "callback",
    callback: callbackName(m, thread),
    threads: threadsOf(hops),
    awaitsWorker,
  };
}

/** The operation of a driver's that somebody on a chain stands for in its identity; "" for none. */
const operationOf = ({ round, users, link }: Member): string => round ?? (users ? link.opId : "");

const threadsOf = (hops: readonly Member[]): number[] =>
  hops.flatMap(({ thread }) => (thread < 0 ? [] : [thread]));

/** A thread of no service that has not started. */
const isStillToCome = (m: Machine, s: Satisfier): boolean =>
  s.kind === "thread" &&
  !m.program.threads[s.thread].isService &&
  absenceOf(m, s.thread).kind === "start";

/** Whoever keeps a lock for good ends the chain: what he waits for himself does not matter. */
const endsHere = (m: Machine, s: Satisfier, { lock, thread }: Member): boolean =>
  lock !== undefined &&
  s.kind === "thread" &&
  s.relation === "holds" &&
  isKept(m, s.thread, thread, lock);

/** Whether who holds a lock comes to no release of it, or only to one behind a request for it. */
const isKept = (m: Machine, holder: number, waiter: number, lock: number): boolean =>
  (holder !== waiter && isPastRelease(m, holder, lock)) ||
  (asksFor(m, holder, lock) && isLeftBehind(m, holder, lock));

const asksFor = (m: Machine, thread: number, lock: number): boolean => {
  const waiting = waitingOf(m, thread);
  return waiting?.what === "lock" && waiting.objects.includes(lock);
};

const cutsShort: ReadonlySet<Relation> = new Set([
  "wouldTerminate",
  "wouldAlert",
  "wouldResume",
] as const);

/** Who explains a wait: the first explains most. */
const ranks = [
  "item",
  /** Has the message in hand: whatever becomes of the port, it is his to reply. */
  "hasMessage",
  "waits",
  "inLine",
  /** They all have to leave, whatever becomes of the others, and this one stands in the wait. */
  "hasToLeaveItself",
  "runs",
  /** Would have to queue another first. */
  "itemIndirectly",
  /** Ends the wait only if the port is closed: whoever serves it would do so before. */
  "closes",
  /** Would have to start something first, or cuts the wait short. */
  "indirectly",
  /** Waits for a unit himself before he gives any back. */
  "asksToo",
  /** Only itself: nobody else is left. */
  "itself",
] as const;
type Rank = (typeof ranks)[number];

function rankOf(m: Machine, s: Satisfier, self: number): Rank {
  if (s.kind === "item") return s.by === undefined ? "item" : "itemIndirectly";
  if (s.kind === "timer") return s.by === undefined ? "runs" : "indirectly";
  if (s.thread === self) return s.relation === "hasToLeave" ? "hasToLeaveItself" : "itself";
  if (s.by !== undefined || cutsShort.has(s.relation)) return "indirectly";
  if (s.relation === "hasMessage") return "hasMessage";
  if (s.relation === "wouldClose") return "closes";
  if (waitingOf(m, s.thread) === undefined) return "runs";
  if (askForSame(m, s.thread, self)) return "asksToo";
  return s.relation === "inLine" ? "inLine" : "waits";
}

/** Whether both wait for a unit of one semaphore that units are shared out of. */
const askForSame = (m: Machine, thread: number, other: number): boolean =>
  (other < 0 ? undefined : waitingOf(m, other))?.objects.some(
    (address) => isSharedOut(m, address) && asksForUnit(m, thread, address),
  ) === true;

/**
 * Items first: where the work is explains most; then who has it in hand, threads that wait, then
 * any; those not told yet before those that are. Among equals what they wait for decides, never
 * their number, so that the chain is the same whatever alike threads are called.
 */
function choose(
  m: Machine,
  from: readonly Satisfier[],
  hops: readonly Member[],
): Satisfier | undefined {
  const self = hops[hops.length - 1].thread;
  const rank = (s: Satisfier): number => ranks.indexOf(rankOf(m, s, self));
  const told = (s: Satisfier): number =>
    s.kind === "thread" && hops.some((h) => h.thread === s.thread) ? 1 : 0;
  if (from.length < 2) return from[0];
  const labels = new Map<Satisfier, string>();
  const label = (s: Satisfier): string => {
    const known = labels.get(s) ?? (s.kind === "thread" ? threadLabel(m, s.thread) : "");
    labels.set(s, known);
    return known;
  };
  return [...from].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      told(a) - told(b) ||
      (label(a) < label(b) ? -1 : label(a) > label(b) ? 1 : 0),
  )[0];
}

function firstKind(
  m: Machine,
  next: Satisfier | undefined,
  { thread, link }: Member,
): Chain["first"] {
  if (next === undefined) return isHeldOff(m, thread) ? "completion" : "none";
  if (next.kind === "item") return "item";
  if (next.kind === "timer") return "none";
  const what = waitingOf(m, thread)?.what;
  if (what === "lock") return "lock";
  if (m.program.threads[next.thread].isService)
    return link.wait.kind === "room" ? "reader" : "service";
  return activityOf(m, next.thread) === "workItem" ? "item" : "thread";
}

/** The link with everybody who could end its wait; who in a circle comes next is one above. */
function linkOf(
  m: Machine,
  hops: readonly Member[],
  i: number,
  closesAt: number | undefined,
  told: Told,
): Link {
  const { link, next: all, lock, thread } = hops[i];
  const satisfiers = all.filter((s, k) => all.findIndex((other) => isSame(s, other)) === k);
  const last = i === hops.length - 1;
  const next = last && closesAt !== undefined ? hops[closesAt] : hops[i + 1];
  const end = satisfiers.findIndex((s) => endsHere(m, s, hops[i]));
  const follows = end >= 0 ? end : satisfiers.findIndex((s) => keyOf(s) === next?.key);
  const { past, lost } = pastOf(m, hops[i], told) ?? {};
  return {
    ...link,
    enders: satisfiers.map((one) => {
      const ends = all.flatMap((s) => (isSame(s, one) ? (s.object ?? []) : []));
      const ender = enderOf(m, one, thread, lock, told);
      const isOfAll = ends.length === link.wait.objects.length;
      return ends.length === 0 || isOfAll ? ender : { ...ender, ends };
    }),
    ...(follows < 0 ? {} : { follows }),
    ...(past === undefined ? {} : { past }),
    ...(lost === undefined ? {} : { lost }),
    ...(satisfiers.length > 0 ? {} : goneFacts(m, hops[i], told)),
  };
}

/** What has no owner, and comes to whoever waits for it from somebody's code. */
const brought: readonly Link["wait"]["kind"][] = [
  "event",
  "timer",
  "semaphore",
  "variable",
  "entry",
  "message",
];

function goneFacts(
  m: Machine,
  { link, waiting, lacking = [] }: Member,
  { departures, beyond }: Told,
): Pick<Link, "gone"> {
  if (waiting === undefined || !brought.includes(link.wait.kind)) return {};
  if (lacking.length > 1 && link.wait.all === true) return {};
  const all = lacking.flatMap((address) => goneEnders(m, waiting, address, departures, beyond));
  const gone = all.filter(({ who }, i) => all.findIndex((one) => one.who === who) === i);
  return gone.length === 0 ? {} : { gone };
}

/** The same part of the same one, be it of another object. */
const isSame = (s: Satisfier, other: Satisfier): boolean =>
  keyOf(s) === keyOf(other) &&
  (s.kind !== "thread" ||
    other.kind !== "thread" ||
    (s.relation === other.relation && s.by === other.by)) &&
  (s.kind !== "item" || other.kind !== "item" || s.index === other.index);

const signals: readonly Link["wait"]["kind"][] = ["event", "timer", "semaphore"];

/** What became of what it waits for; of several, any of which would do, of the first that had it. */
function pastOf(m: Machine, hop: Member, told: Told): Pick<Link, "past" | "lost"> | undefined {
  const { link, next, lacking = [] } = hop;
  const [first, ...others] = lacking;
  if (first === undefined) return undefined;
  if (others.length === 0) return { past: pastOfOne(m, hop, first, told) };
  if (link.wait.all === true || next.length > 0) return undefined;
  const pasts = lacking.map((address) => pastOfOne(m, hop, address, told));
  const lost = pasts.findIndex((past) => past?.kind === "cleared" || past?.kind === "taken");
  return lost < 0 ? undefined : { past: pasts[lost], lost };
}

function pastOfOne(
  m: Machine,
  hop: Member,
  address: number,
  { past }: Told,
): SignalPast | undefined {
  const { link, waiting, next } = hop;
  const { wait, who, opId } = link;
  // Who holds a rundown off is told as that, if there is anybody.
  const isKept = wait.kind === "rundown" && next.length === 0;
  if (waiting === undefined) return undefined;
  const isAlone = next.every((s) => s.kind === "thread" && s.thread === hop.thread);
  const counter = isAlone ? counterOf(m, address, waiting.until) : undefined;
  if (!signals.includes(wait.kind) && !isKept && counter === undefined) return undefined;
  if (who.kind !== "thread") return undefined;
  const endsIt = (routine: number): boolean => wouldEnd(m, waiting, address, routine);
  const found = past?.({ address, waiter: who.name, opId, endsIt, counter });
  // Somebody else would bring about what a timer does not any more.
  return found?.kind === "calledOff" && next.length > 0 ? undefined : found;
}

function keyOf(s: Satisfier): string {
  if (s.kind === "thread") return `thread ${s.thread}`;
  return s.kind === "item" ? `item ${s.queue}` : `timer ${s.timer}`;
}

function enderOf(
  m: Machine,
  one: Satisfier,
  waiter: number,
  lock: number | undefined,
  { heldSince, names }: Pick<Told, "heldSince" | "names">,
): Ender {
  if (one.kind === "item") {
    const isOwn = waiter >= 0 && occupiedWorkers(m, one.queue).includes(waiter);
    return {
      who: itemActor(m, one, names),
      relation: "wouldEnd",
      stands: isOwn ? "behindWaiter" : "queued",
      ...byFacts(m, one.by),
    };
  }
  if (one.kind === "timer") {
    const { name } = m.program.routines[one.routine];
    const who: Actor = { kind: "dpc", name, timer: names.object(one.timer) };
    return { who, relation: "wouldEnd", stands: "runs", ...byFacts(m, one.by) };
  }
  const { thread, relation, by } = one;
  const since = lock === undefined || relation !== "holds" ? -1 : heldSince(lock, thread);
  const apc = relation === "heldApc" ? heldApcOf(m, thread, names) : undefined;
  return {
    who: threadActor(m, thread),
    relation,
    stands: standingOf(m, one, waiter, lock),
    ...byFacts(m, by),
    ...(since < 0 ? {} : { since }),
    ...(apc === undefined ? {} : { apc }),
  };
}

const startedKinds: Readonly<Record<string, StartedKind>> = {
  workItem: "workItem",
  apc: "apc",
  dpc: "dpc",
};

function byFacts({ program }: Machine, routine: number | undefined): Pick<Ender, "by"> {
  if (routine === undefined) return {};
  const { name, role } = program.routines[routine];
  return { by: { kind: startedKinds[role] ?? "thread", name } };
}

function standingOf(
  m: Machine,
  { thread, relation }: Extract<Satisfier, { kind: "thread" }>,
  waiter: number,
  lock: number | undefined,
): Ender["stands"] {
  if (lock !== undefined && relation === "holds" && isKept(m, thread, waiter, lock))
    return isLeftBehind(m, thread, lock) ? "leftBehind" : "pastRelease";
  if (thread === waiter) return "behindWaiter";
  const { kind } = absenceOf(m, thread);
  if (kind === "ended") return "ended";
  if (kind === "start") return "notStarted";
  return pollingOf(m, thread) === undefined ? "runs" : "waits";
}
