/**
 * Who would have ended a wait that nobody can end any more, and why he does not: where it began is
 * with him.
 */
import { F, P, processState, Status, T } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { Op, stride } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";
import { startedFrom } from "./comes-to.ts";
import type { Gone } from "./departed.ts";
import { wouldEnd } from "./ending-ops.ts";
import { framesOf } from "./objects.ts";
import { reachable } from "./reach.ts";
import type { Waiting } from "./wait-for.ts";

/** What a told run knows of how somebody went; steps by index, −1 for none. */
export interface Departures {
  /** A registration was removed, or a process that has not run was told off. */
  readonly goneAt: (address: number) => number;
  /** One of these calls came back with failure. */
  readonly failedAt: (opIds: readonly string[]) => number;
}

const unknown: Departures = { goneAt: () => -1, failedAt: () => -1 };

/** What else could come to it, beside what the state itself can lead to. */
export interface Beyond {
  /** The drivers as their author has them: what a finding is told of can be less. */
  readonly whole: Program;
  /** Nobody has asked the model what later events would do. */
  readonly events: boolean;
}

export function goneEnders(
  m: Machine,
  waiting: Waiting,
  address: number,
  departures: Departures = unknown,
  beyond: Beyond = { whole: m.program, events: false },
): Gone[] {
  const does = (routine: number): boolean => wouldEnd(m, waiting, address, routine);
  const { routines } = m.program;
  const found = [
    ...goneThreads(m, does, departures),
    ...goneCallbacks(m, does, departures),
    // Nobody is about to load or unload the driver, or he would be somebody who could end the wait.
    ...routines.flatMap(({ role, name }, i): Gone[] => {
      if ((role !== "unload" && role !== "entry") || !does(i)) return [];
      if (role === "entry") return [{ who: name, how: "returned" }];
      return hasBegunIn(m, i) ? [] : [{ who: name, how: "unloads" }];
    }),
    ...goneBeyond(m, waiting, address, beyond),
  ];
  return found.filter(({ who }, i) => found.findIndex((one) => one.who === who) === i);
}

/** Whoever comes only with another event, or on request. */
function goneBeyond(
  m: Machine,
  waiting: Waiting,
  address: number,
  { whole, events }: Beyond,
): Gone[] {
  // What lies elsewhere goes by places that each program has for itself.
  if (!m.program.objects.has(address)) return [];
  const listens = new Set([...whole.registrations.values()].map(({ routine }) => routine));
  return whole.routines.flatMap(({ role, name: who, pc }, i): Gone[] => {
    const comes = role === "request" || (role === "callback" && events && listens.has(i));
    if (!comes || isGone(m, who)) return [];
    const does = [i, ...startedFrom(whole, pc)].some((one) =>
      wouldEnd(m, waiting, address, one, whole),
    );
    return does ? [{ who, how: role === "request" ? "asked" : "event" }] : [];
  });
}

/** Whether a callback is registered no more, or not yet. */
const isGone = ({ program, words }: Machine, callback: string): boolean =>
  [...program.registrations].some(
    ([at, { routine }]) => program.routines[routine].name === callback && words[at + 1] !== 0,
  );

function goneThreads(
  m: Machine,
  does: (routine: number) => boolean,
  { goneAt, failedAt }: Departures,
): Gone[] {
  const { threads, routines } = m.program;
  return threads.flatMap(({ name: who, routine, process }, t): Gone[] => {
    const status = m.words[baseOf(m, t) + T.status];
    if (status === Status.ready || status === Status.waiting) return [];
    const isSystem = routines[routine].role === "systemThread";
    const isDead = m.words[process + P.state] === processState.dead;
    const isVetoed = !isSystem && isDead && status !== Status.ended;
    if ((!isSystem && !isVetoed) || !does(routine)) return [];
    if (isVetoed) return [{ who, how: "vetoed", ...stepOf(goneAt(process)) }];
    if (status === Status.ended) return [{ who, how: "ended" }];
    // Of those that a thread can be created as, the first stands for all.
    if (threads.some((one, i) => one.routine === routine && (i < t || hasBegun(m, i)))) return [];
    return [{ who, how: "notCreated", ...stepOf(failedAt(creatingCalls(m, t))) }];
  });
}

const hasBegun = (m: Machine, thread: number): boolean => {
  const status = m.words[baseOf(m, thread) + T.status];
  return status === Status.ready || status === Status.waiting || status === Status.ended;
};

/** The calls that create a thread of a driver's. */
function creatingCalls({ program }: Machine, thread: number): string[] {
  const { code, sites, classes } = program;
  const found: string[] = [];
  for (let pc = 0; pc < code.length; pc += stride) {
    const { users, opId } = sites[code[pc + 1]] ?? {};
    const starts = code[pc] === Op.start && classes.get(code[pc + 2])?.includes(thread) === true;
    if (starts && users) found.push(opId);
  }
  return found;
}

function goneCallbacks(
  m: Machine,
  does: (routine: number) => boolean,
  { goneAt }: Departures,
): Gone[] {
  return [...m.program.registrations].flatMap(([at, { routine }]): Gone[] => {
    const isRegistered = m.words[at + 1] === 0;
    if (isRegistered || !does(routine)) return [];
    const step = goneAt(at);
    const who = m.program.routines[routine].name;
    return [{ who, how: step < 0 ? "notRegistered" : "removed", ...stepOf(step) }];
  });
}

/** Whether a thread that was to run this routine is in it, or has come to its end. */
const hasBegunIn = (m: Machine, routine: number): boolean => {
  const { threads, routines } = m.program;
  return threads.some(
    (info, t) =>
      framesOf(m, t).some((frame) => m.words[frame + F.routine] - 1 === routine) ||
      (m.words[baseOf(m, t) + T.status] === Status.ended &&
        reachable(m.program, routines[info.routine].pc).includes(routines[routine].pc)),
  );
};

const stepOf = (step: number): Pick<Gone, "step"> => (step < 0 ? {} : { step });
