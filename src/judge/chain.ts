/** The chain of waits from a hung obligation to its end, and its mechanism with names erased. */
import { Q, Status, T, Tag, waitFlags } from "../machine/layout.ts";
import { baseOf, type Machine, siteAt } from "../machine/machine.ts";
import { Op } from "../machine/opcodes.ts";
import { activityOf, callbackFrame } from "./activity.ts";
import type { Link } from "./finding.ts";
import { objectAt } from "./objects.ts";
import { reachable } from "./reach.ts";
import { creatorOf, type Satisfier, satisfiersOf, type Waiting, waitingOf } from "./wait-for.ts";

export interface Chain {
  readonly links: readonly Link[];
  readonly mechanism: string;
  /** Wait operations of users' drivers, by stable id. */
  readonly identity: string;
  /** Who the first wait is for: what the rules ask. */
  readonly first: "item" | "service" | "thread" | "lock" | "none";
  readonly closed: boolean;
  /** The link that the chain leads back to, if it does. */
  readonly closesAt: number | undefined;
  /** The rules are about callbacks: other roots that hang break none of them. */
  readonly startsInCallback: boolean;
  /** The callback that it starts in, "" if none. */
  readonly callback: string;
  /** Threads on the chain, the first being the one that it starts from. */
  readonly threads: readonly number[];
}

interface Hop {
  readonly key: string;
  readonly thread: number;
  readonly label: string;
  readonly link: Link;
  readonly users: boolean;
  readonly next: Satisfier[];
}

export function chainFrom(m: Machine, thread: number): Chain {
  const hops: Hop[] = [];
  const labels: string[] = [];
  let closed = false;
  let closesAt: number | undefined;
  let merged = false;
  let next: Satisfier | undefined = { kind: "thread", thread, how: "" };
  let first: Chain["first"] = "none";
  for (let i = 0; next !== undefined && i < 64; i++) {
    const hop: Hop = next.kind === "item" ? itemHop(m, next) : threadHop(m, next.thread);
    if (hops.some((h) => h.key === hop.key)) {
      closed = true;
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
  const end = closed ? " (circle)" : "";
  return {
    links: hops.map((hop, i) => ({ ...hop.link, because: because(m, hops, i, closed) })),
    mechanism: labels.join(" > ") + end,
    identity: identity.join(" + "),
    first,
    closed,
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
  hops: readonly Hop[],
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
  const label = (s: Satisfier): string => (s.kind === "item" ? "" : threadHop(m, s.thread).label);
  return [...from].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      told(a) - told(b) ||
      (label(a) < label(b) ? -1 : label(a) > label(b) ? 1 : 0),
  )[0];
}

function firstKind(m: Machine, next: Satisfier | undefined, thread: number): Chain["first"] {
  if (next === undefined) return "none";
  if (next.kind === "item") return "item";
  const what = waitingOf(m, thread)?.what;
  if (what === "lock") return "lock";
  if (m.program.threads[next.thread].isService) return "service";
  return activityOf(m, next.thread) === "work item" ? "item" : "thread";
}

function itemHop(m: Machine, item: Extract<Satisfier, { kind: "item" }>): Hop {
  const queue = objectAt(m, item.queue);
  const routine = m.program.routines[item.routine];
  const workers = m.program.workers.get(item.queue) ?? [];
  const occupied = workers.filter((w) => m.words[baseOf(m, w) + T.items] > 0);
  return {
    key: `item ${item.queue}`,
    thread: -1,
    label: "queued work item waits for a free worker",
    users: false,
    link: {
      who: `work item ${routine.name}`,
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

function threadHop(m: Machine, thread: number): Hop {
  const status = m.words[baseOf(m, thread) + T.status];
  if (status === Status.dormant || status === Status.ended)
    return absentHop(m, thread, status === Status.ended);
  const waits = waitingOf(m, thread);
  const timedOut =
    waits !== undefined && (m.words[baseOf(m, thread) + T.wait] & waitFlags.timed) !== 0;
  const waiting: (Waiting & { polls?: boolean }) | undefined =
    waits === undefined ? pollOf(m, thread) : timedOut ? { ...waits, polls: true } : waits;
  const activity = activityOf(m, thread);
  const who = describe(m, thread);
  if (waiting === undefined) {
    const spins = m.program.sites[siteAt(m, thread)];
    return {
      key: `thread ${thread}`,
      thread,
      label: `${activity} runs`,
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
  const site = m.program.sites[waiting.site];
  const what = waitWords(m, waiting);
  const next = waiting.objects.flatMap((o) => satisfiersOf(m, waiting, o));
  return {
    key: `thread ${thread}`,
    thread,
    label: `${activity} ${verb(waiting)} ${kindWords(m, waiting)}`,
    users: site.users,
    link: { who, operation: site.text, opId: site.opId, at: site.at, what, because: "" },
    next,
  };
}

/** A service's thread that is not there: it has ended, or waits for its process to be created. */
function absentHop(m: Machine, thread: number, ended: boolean): Hop {
  const { name } = m.program.threads[thread];
  const creator = ended ? undefined : creatorOf(m, thread);
  return {
    key: `thread ${thread}`,
    thread,
    label: ended ? "service has ended" : "service waits for its process to be created",
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

const verb = (waiting: Waiting & { polls?: boolean }): string =>
  waiting.polls === true ? "polls" : "waits for";

function kindWords(m: Machine, waiting: Waiting): string {
  if (waiting.what === "time") return "nothing: it is hung";
  if (waiting.what === "rundown") return "rundown";
  const [first] = waiting.objects;
  const { kind } = objectAt(m, first);
  if (waiting.what === "entry") return m.words[first] === Tag.port ? "a message" : "a queue";
  const base = baseOf(m, waiting.thread);
  const all = (m.words[base + T.wait] & waitFlags.all) !== 0;
  const many = waiting.objects.length > 1 ? (all ? "all of several: " : "any of several: ") : "";
  const words = kind.endsWith("Event")
    ? "an event"
    : kind === "message"
      ? "a reply"
      : kind === "process"
        ? "a process's end"
        : kind === "thread"
          ? "a thread's end"
          : /^[AEIO]/.test(kind)
            ? `an ${kind}`
            : `a ${kind}`;
  return `${many}${words}`;
}

function waitWords(m: Machine, waiting: Waiting): string {
  if (waiting.what === "time") return "nothing that would ever come";
  const names = waiting.objects.map((o) => {
    const { name, kind } = objectAt(m, o);
    if (kind === "message") return "the reply to its message";
    if (kind === "process") return `the end of process ${name}`;
    if (kind === "thread") return `the end of thread ${name}`;
    if (waiting.what === "rundown") return `the rundown of ${name}`;
    return kind.endsWith("Event") ? `event ${name}` : `${kind} ${name}`;
  });
  return names.join(" or ");
}

function callbackName(m: Machine, thread: number): string {
  const frame = callbackFrame(m, thread);
  return frame === 0 ? "" : m.program.routines[m.words[frame] - 1].name;
}

/** Thread and callback or item, for people: "user1 in callback AcmeCreateProcess". */
export function describe(m: Machine, thread: number): string {
  const { name } = m.program.threads[thread];
  const frame = callbackFrame(m, thread);
  if (frame !== 0) return `${name}, in callback ${m.program.routines[m.words[frame] - 1].name}`;
  return name;
}

/**
 * A thread that moves without getting anywhere: the wait that it comes back to. Only waits on
 * objects that all can reach count.
 */
function pollOf(m: Machine, thread: number): (Waiting & { polls: boolean }) | undefined {
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
    };
  }
  return undefined;
}

function because(m: Machine, hops: readonly Hop[], i: number, closed: boolean): string {
  const hop = hops[i];
  if (hop.link.because !== "") return hop.link.because;
  const next = hops[i + 1];
  if (next === undefined) {
    if (closed) return "";
    return hop.next.length === 0 && hop.link.what !== "nothing"
      ? "nobody is left who would end this wait"
      : "";
  }
  const how = hop.next.find((s) => `thread ${s.kind === "thread" ? s.thread : ""}` === next.key);
  return how?.kind === "thread"
    ? `${m.program.threads[how.thread].name} ${how.how}`
    : `${next.link.who} would end it`;
}
