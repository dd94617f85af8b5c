/** A single state of the code under test, in the words of `views.ts`. */
import {
  addressOf,
  apcFlags,
  attachedShift,
  F,
  H,
  isRef,
  P,
  processState,
  Q,
  refTo,
  Status,
  T,
  Tag,
  threadFlags,
  waitFlags,
} from "../../src/machine/layout.ts";
import type { Machine } from "../../src/machine/machine.ts";
import { stride } from "../../src/machine/opcodes.ts";
import { nameAt } from "./adapter-objects.ts";
import { isManager, nextOf } from "./adapter-steps.ts";
import {
  aboutOf,
  activationText,
  isLabelled,
  isTold,
  itemsText,
  outside,
  type Rest,
  type ThreadView,
  textOfView,
  toldNext,
  waitText,
} from "./views.ts";

/** The innermost statement of a driver that a thread is in; of one that an APC took out of it, the routine alone. */
function standsAt(
  { program, words }: Machine,
  base: number,
  outermost: string | undefined,
): string | undefined {
  const { sites, code } = program;
  const labelAt = (pc: number): string | undefined => {
    const { users, opId } = sites[code[pc + 1]];
    return users && isLabelled(opId) ? opId : undefined;
  };
  let op = labelAt(words[base + T.pc]);
  let isCutIn = words[base + T.apcRoutine] !== 0;
  for (let f = words[base + T.frame]; f !== 0; f = words[base + f + F.caller]) {
    if (op !== undefined && !isCutIn) return op;
    const back = words[base + f + F.returnPc];
    // An APC and a stop come in ahead of an instruction, calls go on behind theirs.
    const routine = words[base + f + F.routine] - 1;
    const isApc = program.routines[routine].role === "apc";
    isCutIn ||= isApc;
    const isAhead = isApc || routine === program.stopping?.routine;
    if (back >= stride) op = labelAt(isAhead ? back : back - stride) ?? op;
  }
  return isCutIn ? outermost : op;
}

/** Whose routines are in no driver under test. */
const others = ["Windows", "user", "another driver"];

/** Routines of drivers alone: what Windows runs has other parts there. */
function insideOf({ program, words }: Machine, base: number): string[] {
  const found: string[] = [];
  const system = refTo(program.processes.find(({ name }) => name === "System")?.base ?? 0);
  for (let f = words[base + T.frame]; f !== 0; f = words[base + f + F.caller]) {
    const { name, owner, role } = program.routines[words[base + f + F.routine] - 1];
    if (others.includes(owner) || role === "base") continue;
    const subject = words[base + f + F.subject];
    // System has threads in an order that the page says nothing of.
    const hasFirst = isRef(subject) && subject !== system;
    const first = hasFirst ? firstOf({ program, words }, addressOf(subject)) : 0;
    const isOwn = subject === words[base + T.process];
    found.push(
      activationText(name, role, {
        process: isRef(subject) ? (isOwn ? "own" : "other") : "none",
        thread: aboutOf(words[base + f + F.thread] || first, refTo(base), first),
      }),
    );
  }
  return found;
}

/** The initial thread of a process; where no driver asks, those that are there have none noted. */
function firstOf({ program, words }: Pick<Machine, "program" | "words">, process: number): number {
  const noted = words[process + P.initialThread];
  if (noted !== 0) return noted;
  const thread = program.threads.findIndex((one) => one.process === process);
  return thread < 0 ? 0 : refTo(program.threadFirst + thread * program.threadWords);
}

/** Of messages and IRPs it is told elsewhere whether they are answered. */
function waitsForOf({ program, words }: Machine, base: number): string {
  if (words[base] !== Status.waiting) return "";
  const wait = words[base + T.wait];
  const count = wait & waitFlags.count;
  const objects = Array.from({ length: count }, (_, i) =>
    addressOf(words[base + T.waitObject + i]),
  );
  if (objects.some((at) => words[at] === Tag.message)) return "";
  return waitText(
    objects.map((at) => nameAt({ program, words }, at)).filter((name) => name !== ""),
    {
      all: count > 1 && (wait & waitFlags.all) !== 0,
      timed: (wait & waitFlags.timed) !== 0,
      broken: (wait & waitFlags.interruptible) !== 0,
      alertable: (wait & waitFlags.alertable) !== 0,
    },
  );
}

/** Steps of which nothing is told that both could say. */
const untold: readonly string[] = [
  "endThread",
  "arrive",
  "stopPoint",
  "start",
  "waits",
  "leaveCode",
];

function placeOf({ program, words }: Machine, base: number, next: string | undefined): string {
  if (next === undefined || untold.includes(next)) return "";
  const { text } = program.sites[program.code[words[base + T.pc] + 1]];
  // Behind a callback nobody says any more what it was called for.
  return `, ${next === "unprotect" ? text.replace(/ \(.*\)$/, "") : text}`;
}

/** Of a thread, by its flags. */
export const isLeaving = (flags: number): boolean => (flags & threadFlags.leaving) !== 0;

function viewOfThread(m: Machine, base: number): ThreadView[] {
  const { words } = m;
  if (words[base] !== Status.ready && words[base] !== Status.waiting) return [];
  const inside = insideOf(m, base);
  const at = standsAt(m, base, inside.at(-1));
  const next = nextOf(m, base, at !== undefined);
  if (!isTold(at, next, isManager(m, base) ? 0 : words[base + T.roots] | words[base + T.items]))
    return [];
  const flags = words[base + T.flags];
  const leaving = isLeaving(flags);
  const inApc = (words[base + T.apcFlags] & apcFlags.active) !== 0;
  return [
    {
      at: at ?? outside,
      next: toldNext(at, next),
      waitsFor: at !== undefined && isLabelled(at) ? waitsForOf(m, base) : "",
      place: at === undefined ? placeOf(m, base, next) : "",
      inside,
      levels: [
        words[base + T.irql],
        words[base + T.critical],
        words[base + T.guarded],
        flags >> attachedShift,
      ],
      locks: words[base + T.locks],
      owes: words[base + T.roots],
      items: words[base + T.items],
      causes: words[base + T.cause],
      told: (flags & threadFlags.kill) !== 0 && !leaving,
      leaving,
      alerted: (flags & threadFlags.alerted) !== 0,
      hasApc: words[base + T.apcRoutine] !== 0 || inApc,
    },
  ];
}

function restOf({ program, words }: Machine, registrationsChange: boolean): Rest {
  const records = program.records.flatMap(({ bases }) => bases).filter((at) => words[at] !== 0);
  return {
    registrations: [...program.registrations].map(([at, { routine }]) => {
      const on = words[at + 1] === 0 ? "on " : "off ";
      return `${program.routines[routine].name} ${registrationsChange ? on : ""}${words[at + 2]}`;
    }),
    dead: program.processes.filter(({ base }) => words[base + P.state] === processState.dead)
      .length,
    dpcs: program.dpcQueues.filter((at) => words[at + Q.count] > 0).length,
    timers: program.timers === 0 ? 0 : words[program.timers + Q.count],
    faults: words[H.faultsLeft],
    items: [...program.workers.keys()].map((at) =>
      itemsText(words[at + Q.count], words[at + Q.flag] !== 0),
    ),
    records: records.map((at) => words[at + 1]),
  };
}

export const viewOf = (
  m: Machine,
  objects: readonly string[],
  registrationsChange: boolean,
): string =>
  textOfView(
    [...m.program.threadBase].flatMap((base) => viewOfThread(m, base)),
    objects,
    restOf(m, registrationsChange),
  );
