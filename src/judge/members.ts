/** Those who stand in a chain of waits: what each waits for, by facts, and who could end that. */
import { unreachable } from "../base/invariant.ts";
import { Status, T, waitFlags } from "../machine/layout.ts";
import { baseOf, type Machine, siteAt } from "../machine/machine.ts";
import { runsDpc } from "../machine/objects/dpc.ts";
import { stoppedAt } from "../machine/stops.ts";
import { satisfiersOf } from "./enders.ts";
import type { Actor, Link, Relation, Wait } from "./finding.ts";
import { type Names, plainNames } from "./instances.ts";
import { interruptersOf } from "./interrupters.ts";
import { pollUs, roundUs } from "./loops.ts";
import { linkText } from "./mechanism-text.ts";
import { askedAt, objectAt } from "./objects.ts";
import { goesRound, type Polling, pollOf } from "./poll.ts";
import { roundOf } from "./rounds.ts";
import type { Satisfier } from "./satisfier.ts";
import { starterOf } from "./starting.ts";
import { activityOf, apcName, callbackName, itemName } from "./thread-activity.ts";
import { waitingOf } from "./wait-for.ts";
import { lackingOf, waitedObject, waitFacts } from "./waits.ts";

export interface Member {
  readonly key: string;
  readonly thread: number;
  readonly label: string;
  readonly link: Omit<Link, "enders" | "follows">;
  readonly users: boolean;
  /** Of one that runs on: the operation that stands for its round, "" for none of a driver's. */
  readonly round?: string;
  readonly isPoll?: boolean;
  readonly next: readonly Satisfier[];
  /** Of a wait for a lock: where that is. */
  readonly lock?: number;
  /** What it waits for, of a wait that is one of the machine's. */
  readonly waiting?: Polling;
  /** Of these objects, what the wait lacks. */
  readonly lacking?: readonly number[];
}

export type QueuedItem = Extract<Satisfier, { kind: "item" }>;

export const occupiedWorkers = (m: Machine, queue: number): readonly number[] =>
  (m.program.workers.get(queue) ?? []).filter((w) => m.words[baseOf(m, w) + T.items] > 0);

export function itemActor(m: Machine, item: QueuedItem, names: Names): Actor {
  if (m.program.dpcQueues.includes(item.queue)) {
    return { kind: "dpc", name: m.program.routines[item.routine].name };
  }
  return {
    kind: "workItem",
    name: names.item(item.routine, item.queue, item.index),
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

export function threadActor(m: Machine, thread: number): Actor {
  const callback = callbackName(m, thread);
  const { name } = m.program.threads[thread];
  const apc = apcName(m, thread);
  const inside = apc === "" ? {} : { apc };
  if (callback !== "") return { kind: "thread", name, callback, ...inside };
  const item = itemName(m, thread);
  if (item !== "") return { kind: "thread", name, item, ...inside };
  if (apc !== "") return { kind: "thread", name, apc };
  return isServing(m, thread) ? { kind: "thread", name, service: true } : { kind: "thread", name };
}

/** Whether a thread has not started, or has ended. */
function isAbsent(m: Machine, thread: number): boolean {
  const status = m.words[baseOf(m, thread) + T.status];
  return status !== Status.ready && status !== Status.waiting;
}

/** The DPC of a timer that is set comes again and again, and does not do it. */
function timerHop(m: Machine, { timer, routine }: DueTimer, names: Names): Member {
  const { name } = m.program.routines[routine];
  const wait: Wait = { kind: "nothing", objects: [] };
  const who: Actor = { kind: "dpc", name, timer: names.object(timer) };
  return {
    key: `timer ${timer}`,
    thread: -1,
    label: linkText("dpc", wait, false),
    users: false,
    link: { who, operation: name, opId: name, wait },
    next: [],
  };
}

export type DueTimer = Extract<Satisfier, { kind: "timer" }>;

export function hopOf(m: Machine, next: Satisfier, names: Names): Member {
  switch (next.kind) {
    case "item":
      return itemHop(m, next, names);
    case "timer":
      return timerHop(m, next, names);
    case "thread":
      return threadHop(m, next, names);
    default:
      return unreachable(next, "satisfier");
  }
}

/** What a thread waits for, a wait that it makes again and again included. */
export function pollingOf(m: Machine, thread: number): Polling | undefined {
  const waits = waitingOf(m, thread);
  const timedOut =
    waits !== undefined && (m.words[baseOf(m, thread) + T.wait] & waitFlags.timed) !== 0;
  // One that sleeps between its looks is told as one that looks.
  const looks =
    waits === undefined || (timedOut && waits.what === "time") ? pollOf(m, thread) : undefined;
  if (looks !== undefined || waits === undefined || !timedOut) return looks ?? waits;
  // A delay in a loop that looks at nothing: it only moves, as between its delays.
  if (waits.what === "time" && goesRound(m, thread)) return undefined;
  return { ...waits, polls: true };
}

/** Of a thread that is not there, or moves: no object is waited for. */
export function absenceOf(m: Machine, thread: number): Wait {
  if (!isAbsent(m, thread)) return { kind: "nothing", objects: [] };
  const ended = m.words[baseOf(m, thread) + T.status] === Status.ended;
  return { kind: ended ? "ended" : "start", objects: [] };
}

/** Whether a thread is one of a service, and in code of its own if it is there. */
const isServing = (m: Machine, thread: number): boolean =>
  isAbsent(m, thread) ? m.program.threads[thread].isService : activityOf(m, thread) === "service";

/** A hop's part of the mechanism: names erased. */
export function threadLabel(m: Machine, thread: number): string {
  const absent = isAbsent(m, thread);
  const waiting = absent ? undefined : pollingOf(m, thread);
  const wait = waiting === undefined ? absenceOf(m, thread) : waitFacts(m, waiting, plainNames(m));
  const activity = isServing(m, thread) ? "service" : activityOf(m, thread);
  return linkText(activity, wait, waiting?.polls === true);
}

/** Why somebody is asked for, where his end would do, too: it gives back what he has, or is asked for. */
const doneByEnd: ReadonlySet<Relation> = new Set([
  "occupied",
  "holds",
  "inLine",
  "hasMessage",
  "wouldFetch",
  "hadMessage",
  "hasToEnd",
  "hasToLeave",
] satisfies Relation[]);

type AskedThread = Extract<Satisfier, { kind: "thread" }>;

/** @param asked The thread, and what is asked of it. */
function threadHop(m: Machine, asked: AskedThread, names: Names): Member {
  const { thread, relation, endDoes } = asked;
  if (isAbsent(m, thread)) return absentHop(m, thread);
  const cut = interruptersOf(m, thread, endDoes === true || doneByEnd.has(relation));
  const waiting = pollingOf(m, thread);
  const stopped = stoppedAt(m, thread);
  if (stopped >= 0 && waiting !== undefined)
    return { ...stoppedHop(m, thread, waiting, stopped, names), next: cut };
  const site = m.program.sites[askedAt(m, thread, waiting?.site ?? siteAt(m, thread))];
  const own = waiting === undefined ? m.program.sites[siteAt(m, thread)] : site;
  const wait = waiting === undefined ? absenceOf(m, thread) : waitFacts(m, waiting, names);
  const lacking = waiting === undefined ? [] : lackingOf(m, waiting);
  return {
    key: `thread ${thread}`,
    thread,
    label: threadLabel(m, thread),
    waiting,
    lacking,
    users: own.users,
    ...(waiting === undefined ? { round: roundOf(m, thread) } : {}),
    isPoll: waiting?.polls === true,
    ...(wait.kind === "lock" ? { lock: lacking[0] } : {}),
    link: {
      who: threadActor(m, thread),
      operation: own.text,
      opId: own.opId,
      ...apiFacts(own.api),
      at: own.at,
      wait,
      ...(waiting === undefined && own.users ? { isAtStatement: true as const } : {}),
      ...(waiting === undefined ? {} : pollFacts(m, thread, waiting)),
    },
    next:
      waiting === undefined
        ? []
        : [
            ...lacking.flatMap((address, object) =>
              satisfiersOf(m, waiting, address).map((one) => ({ ...one, object })),
            ),
            ...cut,
          ],
  };
}

/** A service's thread that hangs: it is told by what it would do next, which it does not wait at. */
function stoppedHop(
  m: Machine,
  thread: number,
  waiting: Polling,
  pc: number,
  names: Names,
): Member {
  const { text, opId, at, api } = m.program.sites[m.program.code[pc + 1]];
  const wait = waitFacts(m, waiting, names);
  return {
    key: `thread ${thread}`,
    thread,
    label: threadLabel(m, thread),
    users: false,
    link: {
      who: threadActor(m, thread),
      operation: text,
      opId,
      ...apiFacts(api),
      at,
      wait,
      isAhead: true,
    },
    next: [],
  };
}

const apiFacts = (api: string): Pick<Link, "api"> => (api === "" ? {} : { api });

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
  const starter = wait.kind === "ended" ? undefined : starterOf(m, thread);
  return {
    key: `thread ${thread}`,
    thread,
    label: threadLabel(m, thread),
    users: false,
    link: { who: threadActor(m, thread), operation: "", opId: name, wait },
    next: starter === undefined ? [] : [{ kind: "thread", ...starter }],
  };
}
