/** The chain of waits from a hung obligation to its end, and its mechanism with names erased. */
import { E, Q, Status, T, waitFlags } from "../machine/layout.ts";
import { baseOf, type Machine, siteAt } from "../machine/machine.ts";
import { runsDpc } from "../machine/objects/dpc.ts";
import { Op, stride } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";
import { activityOf, callbackName } from "./activity.ts";
import type { Until } from "./comes-to.ts";
import type { Actor, Ender, Link, Wait } from "./finding.ts";
import { type Names, plainNames } from "./instances.ts";
import { chainText, linkText } from "./mechanism-text.ts";
import { askedAt, objectAt } from "./objects.ts";
import { pollUs, roundUs } from "./poll.ts";
import { comesBackTo, reachable } from "./reach.ts";
import { creatorOf, isHeldOff, type Satisfier, satisfiersOf, waitingOf } from "./wait-for.ts";
import { type Polling, waitedObject, waitFacts } from "./waits.ts";

export interface Chain {
  readonly links: readonly Link[];
  readonly mechanism: string;
  /** Wait operations of users' drivers, by stable id. */
  readonly identity: string;
  /** Who the first wait is for: what the rules ask. */
  readonly first: "item" | "service" | "thread" | "lock" | "completion" | "none";
  /** The link that the chain leads back to, if it does. */
  readonly closesAt: number | undefined;
  /** The rules are about callbacks: other roots that hang break none of them. */
  readonly startsInCallback: boolean;
  /** The callback that it starts in, "" if none. */
  readonly callback: string;
  /** Somebody on it looks again and again. */
  readonly polls: boolean;
  /** Threads on the chain, the first being the one that it starts from. */
  readonly threads: readonly number[];
}

interface Member {
  readonly key: string;
  readonly thread: number;
  readonly label: string;
  readonly link: Omit<Link, "enders" | "follows">;
  readonly users: boolean;
  readonly isPoll?: boolean;
  readonly next: readonly Satisfier[];
  /** Of a wait for a lock: where that is. */
  readonly lock?: number;
}

/** What a run that is told knows beyond the state that it ended in. */
export interface Told {
  readonly names: Names;
  /** The step, by index, since which a thread holds a lock; −1 if unknown. */
  heldSince(lock: number, thread: number): number;
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
  for (let i = 0; next !== undefined && i < 64; i++) {
    const hop: Member =
      next.kind === "item" ? itemHop(m, next, told.names) : threadHop(m, next.thread, told.names);
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
    const following = choose(m, open, hops);
    if (i === 0) first = firstKind(m, following, thread);
    next = following;
  }
  const identity = [...new Set(hops.filter((h) => h.users).map((h) => h.link.opId))].sort();
  return {
    links: hops.map((_, i) => linkOf(m, hops, i, closesAt, told)),
    mechanism: chainText(labels, closesAt !== undefined),
    polls: hops.some((h) => h.isPoll === true),
    identity: identity.join(" + "),
    first,
    closesAt,
    startsInCallback: activityOf(m, thread) === "callback",
    callback: callbackName(m, thread),
    threads: hops.flatMap((h) => (h.thread < 0 ? [] : [h.thread])),
  };
}

/** A thread of no service that has not started. */
const isStillToCome = (m: Machine, s: Satisfier): boolean =>
  s.kind === "thread" &&
  !m.program.threads[s.thread].isService &&
  absenceOf(m, s.thread).kind === "start";

/**
 * Items first: where the work is explains most; then threads that wait, then any; those not told
 * yet before those that are. Among equals what they wait for decides, never their number, so that
 * the chain is the same whatever alike threads are called.
 */
function choose(
  m: Machine,
  from: readonly Satisfier[],
  hops: readonly Member[],
): Satisfier | undefined {
  const self = hops[hops.length - 1].thread;
  const rank = (s: Satisfier): number => {
    if (s.kind === "item") return 0;
    // Only itself: nobody else is left.
    if (s.thread === self) return 3;
    return waitingOf(m, s.thread) === undefined ? 2 : 1;
  };
  const told = (s: Satisfier): number =>
    s.kind === "thread" && hops.some((h) => h.thread === s.thread) ? 1 : 0;
  if (from.length < 2) return from[0];
  const labels = new Map<Satisfier, string>();
  const label = (s: Satisfier): string => {
    const known = labels.get(s) ?? (s.kind === "item" ? "" : threadLabel(m, s.thread));
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

function firstKind(m: Machine, next: Satisfier | undefined, thread: number): Chain["first"] {
  if (next === undefined) return isHeldOff(m, thread) ? "completion" : "none";
  if (next.kind === "item") return "item";
  const what = waitingOf(m, thread)?.what;
  if (what === "lock") return "lock";
  if (m.program.threads[next.thread].isService) return "service";
  return activityOf(m, next.thread) === "work item" ? "item" : "thread";
}

type QueuedItem = Extract<Satisfier, { kind: "item" }>;

const occupiedWorkers = (m: Machine, queue: number): readonly number[] =>
  (m.program.workers.get(queue) ?? []).filter((w) => m.words[baseOf(m, w) + T.items] > 0);

function itemActor(m: Machine, item: QueuedItem, names: Names): Actor {
  const entry = item.queue + Q.entries + item.index * E.size;
  if (m.program.dpcQueues.includes(item.queue)) {
    return { kind: "dpc", name: m.program.routines[item.routine].name };
  }
  return {
    kind: "workItem",
    name: names.item(item.routine, m.words[entry + E.reference]),
    queue: objectAt(m, item.queue).name,
    ahead: item.index,
    occupied: occupiedWorkers(m, item.queue).length,
  };
}

/** A queued item or DPC waits for whoever would run it. */
function itemHop(m: Machine, item: QueuedItem, names: Names): Member {
  const isDpc = m.program.dpcQueues.includes(item.queue);
  const { name } = m.program.routines[item.routine];
  const busy = isDpc
    ? [...m.program.dpcThreads].filter((thread) => runsDpc(m, thread))
    : occupiedWorkers(m, item.queue);
  const wait: Wait = {
    kind: isDpc ? "processor" : "worker",
    objects: [waitedObject(m, item.queue, names)],
  };
  return {
    key: `item ${item.queue}`,
    thread: -1,
    label: linkText("worker", wait, false),
    users: false,
    link: { who: itemActor(m, item, names), operation: name, opId: name, wait },
    next: busy.map((thread) => ({ kind: "thread", thread, relation: "occupied" })),
  };
}

function threadActor(m: Machine, thread: number): Actor {
  const callback = callbackName(m, thread);
  const { name } = m.program.threads[thread];
  return { kind: "thread", name, ...(callback === "" ? {} : { callback }) };
}

/** Whether a thread has not started, or has ended. */
function isAbsent(m: Machine, thread: number): boolean {
  const status = m.words[baseOf(m, thread) + T.status];
  return status !== Status.ready && status !== Status.waiting;
}

/** What a thread waits for, a wait that it makes again and again included. */
function pollingOf(m: Machine, thread: number): Polling | undefined {
  const waits = waitingOf(m, thread);
  const timedOut =
    waits !== undefined && (m.words[baseOf(m, thread) + T.wait] & waitFlags.timed) !== 0;
  // One that sleeps between its looks is told as one that looks.
  const looks =
    waits === undefined || (timedOut && waits.what === "time") ? pollOf(m, thread) : undefined;
  return looks ?? (waits !== undefined && timedOut ? { ...waits, polls: true } : waits);
}

/** Of a thread that is not there, or moves: no object is waited for. */
function absenceOf(m: Machine, thread: number): Wait {
  if (!isAbsent(m, thread)) return { kind: "nothing", objects: [] };
  const ended = m.words[baseOf(m, thread) + T.status] === Status.ended;
  return { kind: ended ? "ended" : "start", objects: [] };
}

/** A hop's part of the mechanism: names erased. */
function threadLabel(m: Machine, thread: number): string {
  const absent = isAbsent(m, thread);
  const waiting = absent ? undefined : pollingOf(m, thread);
  const wait = waiting === undefined ? absenceOf(m, thread) : waitFacts(m, waiting, plainNames(m));
  const { isService } = m.program.threads[thread];
  const activity = absent && isService ? "service" : activityOf(m, thread);
  return linkText(activity, wait, waiting?.polls === true);
}

function threadHop(m: Machine, thread: number, names: Names): Member {
  if (isAbsent(m, thread)) return absentHop(m, thread);
  const waiting = pollingOf(m, thread);
  const site = m.program.sites[askedAt(m, thread, waiting?.site ?? siteAt(m, thread))];
  const own = waiting === undefined ? m.program.sites[siteAt(m, thread)] : site;
  const wait = waiting === undefined ? absenceOf(m, thread) : waitFacts(m, waiting, names);
  return {
    key: `thread ${thread}`,
    thread,
    label: threadLabel(m, thread),
    users: own.users,
    isPoll: waiting?.polls === true,
    ...(wait.kind === "lock" ? { lock: waiting?.objects[0] } : {}),
    link: {
      who: threadActor(m, thread),
      operation: own.text,
      opId: own.opId,
      at: own.at,
      wait,
      ...(waiting === undefined ? {} : pollFacts(m, thread, waiting)),
    },
    next: waiting?.objects.flatMap((o) => satisfiersOf(m, waiting, o)) ?? [],
  };
}

/** How often it looks again, where it does. */
function pollFacts(m: Machine, thread: number, waiting: Polling): Pick<Link, "polls"> {
  if (waiting.polls !== true) return {};
  const everyUs =
    waiting.pc === undefined
      ? roundUs(m.program, m.words[baseOf(m, thread) + T.pc])
      : pollUs(m.program, waiting.pc);
  // A single wait that has a timeout is no poll.
  if (waiting.pc === undefined && everyUs === undefined) return {};
  return { polls: everyUs === undefined ? {} : { everyUs } };
}

/** A thread that is not there: it has ended, or its creator has to let it start. */
function absentHop(m: Machine, thread: number): Member {
  const { name } = m.program.threads[thread];
  const wait = absenceOf(m, thread);
  const creator = wait.kind === "ended" ? undefined : creatorOf(m, thread);
  return {
    key: `thread ${thread}`,
    thread,
    label: threadLabel(m, thread),
    users: false,
    link: { who: { kind: "thread", name }, operation: "", opId: name, wait },
    next: creator === undefined ? [] : [{ kind: "thread", thread: creator, relation: "creates" }],
  };
}

/**
 * A thread that moves without getting anywhere: the wait that it comes back to. Only waits on
 * objects that all can reach count.
 */
function pollOf(m: Machine, thread: number): Polling | undefined {
  const { program, words } = m;
  const pc = words[baseOf(m, thread) + T.pc];
  for (const at of reachable(program, pc)) {
    const op = program.code[at];
    if (op !== Op.wait && op !== Op.dequeue && op !== Op.branchShared) continue;
    const operandWord = program.code[at + 2];
    if (operandWord >>> 24 !== 0 || operandWord === 0) continue;
    if (op === Op.dequeue && words[operandWord + Q.count] > 0) continue;
    return {
      thread,
      site: program.code[at + 1],
      objects: [operandWord],
      ...(op === Op.branchShared ? { until: untilOf(program, at) } : {}),
      what: op === Op.dequeue ? "entry" : "object",
      polls: true,
      pc: at,
    };
  }
  return undefined;
}

/** What a test has to say for its loop to be left; undefined where both ways stay in it. */
function untilOf(program: Program, at: number): Until | undefined {
  const { code } = program;
  const loop = comesBackTo(program, at);
  const leaves = (to: number): boolean => !loop.includes(to);
  if (leaves(at + stride) === leaves(code[at + 5])) return undefined;
  return { op: code[at + 3], value: code[at + 4], isMet: leaves(at + stride) };
}

/** The link with everybody who could end its wait; who in a circle comes next is one above. */
function linkOf(
  m: Machine,
  hops: readonly Member[],
  i: number,
  closesAt: number | undefined,
  { heldSince, names }: Told,
): Link {
  const { link, next: satisfiers, lock, thread } = hops[i];
  const last = i === hops.length - 1;
  const next = last && closesAt !== undefined ? hops[closesAt] : hops[i + 1];
  const follows = satisfiers.findIndex((s) => keyOf(s) === next?.key);
  return {
    ...link,
    enders: satisfiers.map((one) => enderOf(m, one, thread, lock, { heldSince, names })),
    ...(follows < 0 ? {} : { follows }),
  };
}

const keyOf = (s: Satisfier): string =>
  s.kind === "thread" ? `thread ${s.thread}` : `item ${s.queue}`;

function enderOf(
  m: Machine,
  one: Satisfier,
  waiter: number,
  lock: number | undefined,
  { heldSince, names }: Told,
): Ender {
  if (one.kind === "item") {
    const isOwn = waiter >= 0 && occupiedWorkers(m, one.queue).includes(waiter);
    return {
      who: itemActor(m, one, names),
      relation: "wouldEnd",
      stands: isOwn ? "behindWaiter" : "queued",
    };
  }
  const { thread, relation } = one;
  const since = lock === undefined || relation !== "holds" ? -1 : heldSince(lock, thread);
  return {
    who: threadActor(m, thread),
    relation,
    stands: standingOf(m, thread, waiter),
    ...(since < 0 ? {} : { since }),
  };
}

function standingOf(m: Machine, thread: number, waiter: number): Ender["stands"] {
  if (thread === waiter) return "behindWaiter";
  const { kind } = absenceOf(m, thread);
  if (kind === "ended") return "ended";
  if (kind === "start") return "notStarted";
  return pollingOf(m, thread) === undefined ? "runs" : "waits";
}
