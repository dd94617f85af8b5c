/** The chain of waits from a hung obligation to its end, and its mechanism with names erased. */
import { E, Q, Status, T, Tag, waitFlags } from "../machine/layout.ts";
import { baseOf, type Machine, siteAt } from "../machine/machine.ts";
import { runsDpc } from "../machine/objects/dpc.ts";
import { Op } from "../machine/opcodes.ts";
import { activityOf, callbackName, describe } from "./activity.ts";
import type { Link } from "./finding.ts";
import { type Names, plainNames } from "./instances.ts";
import { askedAt, objectAt } from "./objects.ts";
import { pollUs, roundUs } from "./poll.ts";
import { reachable } from "./reach.ts";
import { creatorOf, isHeldOff, type Satisfier, satisfiersOf, waitingOf } from "./wait-for.ts";
import { kindWords, type Polling, verb, waitWords } from "./wait-words.ts";

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
  /** Threads on the chain, the first being the one that it starts from. */
  readonly threads: readonly number[];
}

interface Member {
  readonly key: string;
  readonly thread: number;
  readonly label: string;
  readonly link: Link;
  readonly users: boolean;
  readonly next: Satisfier[];
  readonly lock?: boolean;
  readonly objects?: readonly number[];
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
  let next: Satisfier | undefined = { kind: "thread", thread, how: "" };
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
    const following = choose(m, hop.next, hops);
    if (i === 0) first = firstKind(m, following, thread);
    next = following;
  }
  const identity = [...new Set(hops.filter((h) => h.users).map((h) => h.link.opId))].sort();
  const end = closesAt === undefined ? "" : " (circle)";
  return {
    links: hops.map((_, i) => linkOf(m, hops, i, closesAt, told)),
    mechanism: labels.join(" > ") + end,
    identity: identity.join(" + "),
    first,
    closesAt,
    startsInCallback: activityOf(m, thread) === "callback",
    callback: callbackName(m, thread),
    threads: hops.flatMap((h) => (h.thread < 0 ? [] : [h.thread])),
  };
}

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

function itemWords(m: Machine, { queue, index, routine }: QueuedItem, names: Names): string {
  const entry = queue + Q.entries + index * E.size;
  return `work item ${names.item(routine, m.words[entry + E.reference])}`;
}

function itemHop(m: Machine, item: QueuedItem, names: Names): Member {
  const queue = objectAt(m, item.queue);
  const routine = m.program.routines[item.routine];
  const workers = m.program.workers.get(item.queue) ?? [];
  const occupied = workers.filter((w) => m.words[baseOf(m, w) + T.items] > 0);
  if (m.program.dpcQueues.includes(item.queue)) return dpcHop(m, item);
  return {
    key: `item ${item.queue}`,
    thread: -1,
    label: "queued work item waits for a free worker",
    users: false,
    link: {
      who: itemWords(m, item, names),
      operation:
        item.index === 0
          ? `first in ${queue.name}`
          : `queued in ${queue.name}, behind ${item.index} other${item.index === 1 ? "" : "s"}`,
      opId: routine.name,
      what: `a free worker of ${queue.name}`,
      because:
        occupied.length === 1
          ? "its only worker is occupied"
          : occupied.length === 0
            ? "no worker takes it"
            : `all ${occupied.length} workers are occupied`,
    },
    next: occupied.map((thread) => ({ kind: "thread", thread, how: "is occupied" })),
  };
}

function dpcHop(m: Machine, { queue, routine }: QueuedItem): Member {
  const { name } = m.program.routines[routine];
  const running = m.program.dpcThreads.filter((thread) => runsDpc(m, thread));
  return {
    key: `item ${queue}`,
    thread: -1,
    label: "queued DPC waits for a processor",
    users: false,
    link: {
      who: `DPC ${name}`,
      operation: "is queued",
      opId: name,
      what: "a processor",
      because: "those that could run it are in a DPC that does not end",
    },
    next: Array.from(running, (thread) => ({ kind: "thread", thread, how: "is occupied" })),
  };
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

/** A hop's part of the mechanism: names erased. */
function threadLabel(m: Machine, thread: number): string {
  if (isAbsent(m, thread)) {
    const ended = m.words[baseOf(m, thread) + T.status] === Status.ended;
    return ended ? "service has ended" : "service waits for its process to be created";
  }
  const waiting = pollingOf(m, thread);
  const activity = activityOf(m, thread);
  if (waiting === undefined) return `${activity} runs`;
  return `${activity} ${verb(waiting)} ${kindWords(m, waiting)}`;
}

function threadHop(m: Machine, thread: number, names: Names): Member {
  if (isAbsent(m, thread)) return absentHop(m, thread);
  const waiting = pollingOf(m, thread);
  const label = threadLabel(m, thread);
  const who = describe(m, thread);
  if (waiting === undefined) {
    const spins = m.program.sites[siteAt(m, thread)];
    return {
      key: `thread ${thread}`,
      thread,
      label,
      users: spins.users,
      link: {
        who,
        operation: spins.text,
        opId: spins.opId,
        at: spins.at,
        what: "nothing",
        because: "",
      },
      next: [],
    };
  }
  const site = m.program.sites[askedAt(m, thread, waiting.site)];
  const what = waitWords(m, waiting, names);
  const next = waiting.objects.flatMap((o) => satisfiersOf(m, waiting, o));
  return {
    key: `thread ${thread}`,
    thread,
    label,
    users: site.users,
    lock: waiting.what === "lock" || m.words[waiting.objects[0]] === Tag.mutex,
    objects: waiting.objects,
    link: {
      who,
      operation: site.text,
      opId: site.opId,
      at: site.at,
      what,
      because: "",
      ...pollWords(m, thread, waiting),
    },
    next,
  };
}

/** How often it looks again, where it does. */
function pollWords(m: Machine, thread: number, waiting: Polling): Pick<Link, "polls"> {
  if (waiting.polls !== true) return {};
  const everyUs =
    waiting.pc === undefined
      ? roundUs(m.program, m.words[baseOf(m, thread) + T.pc])
      : pollUs(m.program, waiting.pc);
  // A single wait that has a timeout is no poll.
  if (waiting.pc === undefined && everyUs === undefined) return {};
  return { polls: everyUs === undefined ? {} : { everyUs } };
}

/** A service's thread that is not there: it has ended, or waits for its process to be created. */
function absentHop(m: Machine, thread: number): Member {
  const { name } = m.program.threads[thread];
  const ended = m.words[baseOf(m, thread) + T.status] === Status.ended;
  const creator = ended ? undefined : creatorOf(m, thread);
  return {
    key: `thread ${thread}`,
    thread,
    label: threadLabel(m, thread),
    users: false,
    link: {
      who: name,
      operation: ended ? "has ended" : "has not started",
      opId: name,
      what: ended ? "nothing" : "the creation of its process",
      because: ended ? "its process has ended, and nobody else would do it" : "",
    },
    next:
      creator === undefined
        ? []
        : [{ kind: "thread", thread: creator, how: "is still creating it" }],
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
      what: op === Op.dequeue ? "entry" : "object",
      polls: true,
      pc: at,
    };
  }
  return undefined;
}

/** The link with who could end its wait, who in a circle is one above. */
function linkOf(
  m: Machine,
  hops: readonly Member[],
  i: number,
  closesAt: number | undefined,
  { heldSince, names }: Told,
): Link {
  const { link, next: satisfiers, lock, objects = [] } = hops[i];
  if (link.because !== "") return link;
  const last = i === hops.length - 1;
  const next = last && closesAt !== undefined ? hops[closesAt] : hops[i + 1];
  if (next === undefined) {
    const nobody = satisfiers.length === 0 && link.what !== "nothing";
    return { ...link, because: nobody ? "nobody is left who would end this wait" : "" };
  }
  const how = satisfiers.find((s) => `thread ${s.kind === "thread" ? s.thread : ""}` === next.key);
  if (how?.kind !== "thread") {
    // Items of one queue are one link: they all wait for its workers.
    const item = satisfiers.find((s) => s.kind === "item" && `item ${s.queue}` === next.key);
    const who = item?.kind === "item" ? itemWords(m, item, names) : next.link.who;
    const beside = who === next.link.who ? "" : `, in the same queue as ${next.link.who}`;
    return { ...link, because: `${who} would end it${beside}` };
  }
  const since = lock === true ? heldSince(objects[0], how.thread) : -1;
  return {
    ...link,
    because: `${m.program.threads[how.thread].name} ${how.how}`,
    ...(since < 0 ? {} : { since }),
  };
}
