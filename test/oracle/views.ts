/**
 * A single state, as far as both interpreters have words for it: where each thread stands in the drivers'
 * code and how, what the objects are like, and what else is there. The page says of each step whether others
 * can come in between; so the two come to the same set of states, told like this.
 */

import { isManager, nextOf } from "./next-steps.ts";
import { placeOf } from "./places.ts";
import type { Code } from "./scenario.ts";
import type { State, Thread } from "./state.ts";
import { waitingOf } from "./waits.ts";
import { freshWord, isOwn, wordFor, wordOf } from "./words.ts";

/** What is told of a thread that is in a driver's code, or goes on elsewhere. */
export interface ThreadView {
  /** The innermost statement that it is in; of one that an APC took out of it, the routine alone. */
  readonly at: string;
  readonly next: string;
  /** In a driver's code: what it waits for, and what else would end the wait. */
  readonly waitsFor: string;
  /** Outside of it: what is told of where it stands. */
  readonly place: string;
  /** Of each routine that it is in, from the inside: its name, and whom its event is about. */
  readonly inside: readonly string[];
  readonly levels: readonly number[];
  /** As often as it has them; of a KMUTEX its region tells. */
  readonly locks: number;
  /** Roots that are open. */
  readonly owes: number;
  readonly items: number;
  /** Callbacks behind what it does; more than two are counted as two. */
  readonly causes: number;
  readonly told: boolean;
  readonly leaving: boolean;
  readonly alerted: boolean;
  readonly hasApc: boolean;
}

/** What is told beside threads and objects. */
export interface Rest {
  readonly registrations: readonly string[];
  readonly dead: number;
  readonly dpcs: number;
  readonly timers: number;
  readonly faults: number;
  /** Items in each queue of the pool, and whether its manager has marked it. */
  readonly items: readonly string[];
  /** How often each record is referred to. */
  readonly records: readonly number[];
}

const textOfThread = (one: ThreadView): string => {
  const flags = (["told", "leaving", "alerted", "hasApc"] as const).filter((name) => one[name]);
  return [
    one.at,
    `${one.next}${one.waitsFor}${one.place}`,
    one.inside.join("<"),
    one.levels.join("/"),
    one.locks,
    one.owes,
    one.items,
    one.causes,
    ...flags,
  ].join(" ");
};

export function textOfView(
  threads: readonly ThreadView[],
  objects: readonly string[],
  { items, records, registrations, ...counts }: Rest,
): string {
  const sorted = (list: readonly (number | string)[]): string => [...list].sort().join();
  return [
    ...threads.map(textOfThread).sort(),
    ...[...objects].sort(),
    ...[...registrations].sort(),
    ...Object.entries(counts).map(([name, n]) => `${name} ${n}`),
    `items ${sorted(items)}`,
    `records ${sorted(records)}`,
  ].join("; ");
}

/** Labels of statements, which tell them from ends of routines. */
export const isLabelled = (op: string): boolean => /\/s\d+$/.test(op);

/** Where a thread is that is in no driver's code. */
export const outside = "elsewhere";

/** Of one that an APC took out of its step nobody says which one that was. */
export const toldNext = (at: string | undefined, next = "rests"): string =>
  at === undefined || isLabelled(at) ? next : "interrupted";

/** Nobody says between which two steps an APC comes in, only on whose stack: the outermost routine tells. */
function standsAt(
  { opIds }: Code,
  { todo, apc }: Thread,
  outermost: string | undefined,
): string | undefined {
  let isCutIn = apc !== undefined;
  for (let i = todo.length - 1; i >= 0; i--) {
    const { op, k } = todo[i];
    isCutIn ||= k === "apcDone";
    if (!isCutIn && op !== undefined && isLabelled(opIds[op])) return opIds[op];
  }
  return isCutIn ? outermost : undefined;
}

/** Roles whose activations are about somebody. */
const isAbout = ["callback", "workItem", "systemThread", "apc", "dpc"];

/** Which thread an activation is about: the one that runs it, its process's first one, or another; System has no first. */
export type About = "own" | "first" | "other" | "none";

/** An activation, and whom it is about, beside whoever runs it. */
export function activationText(
  routine: string,
  role: string,
  { process, thread }: { process: "own" | "other" | "none"; thread: About },
): string {
  if (!isAbout.includes(role) || process === "none") return routine;
  return `${routine} of its ${process} process and ${thread} thread`;
}

/** `thread`: "" or 0 where there is none. */
export function aboutOf<T extends string | number>(thread: T, runs: T, first?: T): About {
  if (thread === "" || thread === 0) return "none";
  if (thread === runs) return "own";
  return thread === first ? "first" : "other";
}

function insideOf(state: State, { id, process, todo }: Thread): string[] {
  return [...todo].reverse().flatMap(({ k, f, role }) => {
    const frame = k === "ret" ? state.frames[String(f)] : undefined;
    if (frame === undefined) return [];
    const { routine, subject, subjectThread } = frame;
    const first = state.processes[subject]?.first;
    const whose = subject === "" ? "none" : subject === process ? "own" : "other";
    const thread = aboutOf(subjectThread || first || "", id, first);
    return [activationText(routine, String(role), { process: whose, thread })];
  });
}

export const itemsText = (count: number, isMarked: boolean): string =>
  `${count}${isMarked ? " marked" : ""}`;

/** Objects by their names, and what a wait is like. */
export const waitText = (
  names: readonly string[],
  ends: Readonly<Record<"all" | "timed" | "broken" | "alertable", boolean>>,
): string => {
  const words = Object.entries(ends).filter(([, is]) => is);
  return ` for ${[...names, ...words.map(([word]) => word)].join("+") || "nothing"}`;
};

function waitsForOf(t: Thread): string {
  const wait = waitingOf(t);
  if (wait === undefined) return "";
  const { handles, any, timeout, user, isBreakable, alertable } = wait;
  return waitText(
    handles.map(({ kind, key }) => (kind === "thing" ? (/[^/:]*$/.exec(key)?.[0] ?? "") : kind)),
    {
      all: handles.length > 1 && !any,
      timed: timeout !== "none",
      broken: user || isBreakable === true,
      alertable,
    },
  );
}

const locksOf = ({ things }: State, { id }: Thread): number =>
  Object.values(things).reduce(
    (sum, { owner, mutex, depth = 1, sharers }) =>
      sum + (owner === id && mutex !== true ? depth : 0) + (sharers?.[id] ?? 0),
    0,
  );

/** Whoever is at rest is told of only where he owes something, or has an item. */
export const isTold = (at: string | undefined, next: string | undefined, open: number): boolean =>
  at !== undefined || next !== undefined || open !== 0;

function viewOfThread(code: Code, state: State, t: Thread): ThreadView[] {
  if (t.ended || !t.begun) return [];
  const inside = insideOf(state, t);
  const at = standsAt(code, t, inside.at(-1));
  const next = nextOf(t, at !== undefined);
  if (!isTold(at, next, isManager(t) ? 0 : t.owes + t.items)) return [];
  return [
    {
      at: at ?? outside,
      next: toldNext(at, next),
      waitsFor: at !== undefined && isLabelled(at) ? waitsForOf(t) : "",
      place: at === undefined ? placeOf(code, t) : "",
      inside,
      levels: [t.irql, t.critical, t.guarded, t.attached],
      locks: locksOf(state, t),
      owes: t.owes,
      items: t.items,
      causes: Math.min(2, t.causes),
      told: t.told && !t.leaving,
      leaving: t.leaving,
      alerted: t.alerted,
      hasApc: t.apc !== undefined || t.inApc,
    },
  ];
}

/** What a driver has, its activations' locals, and what processes have where it is not as it was at first. */
function objectsOf({ scenario }: Code, state: State): string[] {
  return scenario.drivers.flatMap(({ objects, services, routines, perProcess }, d) => {
    const once = [...objects, ...services.flatMap((one) => one.objects)];
    const locals = Object.entries(state.frames)
      .filter(([, { driver }]) => driver === d)
      .flatMap(([f, { routine }]) =>
        (routines.find(({ name }) => name === routine)?.locals ?? []).filter(isOwn).map((decl) => {
          const it = state.things[`${f}/${decl.name}`];
          return `${decl.name} ${it === undefined ? freshWord(decl) : wordOf(it, decl.kind)}`;
        }),
      );
    const each = perProcess.flatMap((decl) =>
      Object.entries(state.things)
        .filter(([key]) => key.endsWith(`/${d}:${decl.name}`))
        .map(([, it]) => wordOf(it, decl.kind))
        .filter((word) => word !== freshWord(decl))
        .map((word) => `${decl.name} ${word}`),
    );
    return [...once.map((decl) => `${decl.name} ${wordFor(state, decl, d)}`), ...locals, ...each];
  });
}

export function viewOf(code: Code, state: State): string {
  // Where none can change nobody counts who is inside.
  const registrations = code.registrations.map(({ routine }, r) => {
    const { on, inside } = state.registrations[r];
    return code.registrationsChange ? `${routine} ${on ? "on" : "off"} ${inside}` : `${routine} 0`;
  });
  const due = Object.values(state.things).filter((one) => one.due === true);
  return textOfView(
    Object.values(state.threads).flatMap((t) => viewOfThread(code, state, t)),
    objectsOf(code, state),
    {
      registrations,
      dead: Object.values(state.processes).filter(({ dead }) => dead).length,
      dpcs: Object.keys(state.dpcs).length,
      timers: due.length + state.strayTimers.length,
      faults: state.faults,
      items: Object.values(state.pool).map(({ entries, marked }) =>
        itemsText(entries.length, marked),
      ),
      records: Object.values(state.records).map(({ count }) => count),
    },
  );
}
