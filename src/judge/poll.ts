/** Threads that look again and again: waits that time out and that control comes back to. */
import { compare } from "../machine/compare.ts";
import { usOf } from "../machine/durations.ts";
import { locate } from "../machine/frames.ts";
import { F, Mode, Q, T, waitFlags } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { AcquireMode, Op, stride } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";
import type { Until } from "./comes-to.ts";
import { framesOf, objectAt } from "./objects.ts";
import { canReturn, comesBackTo, operandKey, reachable, routineAt } from "./reach.ts";
import type { Waiting } from "./wait-for.ts";

/** A wait; with `polls`, one that is made again and again, by the instruction at `pc` if not now. */
export type Polling = Waiting & { readonly polls?: boolean; readonly pc?: number };

/**
 * Of a thread that moves without getting anywhere: what it looks at in the loop that it is in, or
 * comes to first.
 */
export function pollOf(m: Machine, thread: number): Polling | undefined {
  const { program, words } = m;
  let pc = words[baseOf(m, thread) + T.pc];
  const levels = [...framesOf(m, thread), 0];
  for (const [level, frame] of levels.entries()) {
    if (pc <= 0) break;
    const found = lookIn(m, thread, loopFrom(program, pc), level === 0);
    if (found !== undefined) return found;
    if (frame === 0 || !canReturn(program, pc)) break;
    pc = words[frame + F.returnPc];
  }
  return undefined;
}

/** Whether a thread is inside a loop: of the routine that it is in, or of one that called it. */
export function goesRound(m: Machine, thread: number): boolean {
  const { program, words } = m;
  let pc = words[baseOf(m, thread) + T.pc];
  for (const frame of framesOf(m, thread)) {
    if (pc > 0 && comesBackTo(program, pc).length > 0) return true;
    pc = words[frame + F.returnPc];
  }
  return false;
}

/** The loop around an instruction, or else the first that its routine comes to behind it. */
function loopFrom(program: Program, pc: number): readonly number[] {
  const around = comesBackTo(program, pc);
  if (around.length > 0) return around;
  const routine = routineAt(program, pc);
  const ahead = reachable(program, pc).find(
    (at) => at > pc && routineAt(program, at) === routine && comesBackTo(program, at).length > 0,
  );
  return ahead === undefined ? [] : comesBackTo(program, ahead);
}

/** Whether a thread that goes round and round gives a lock back in each round. */
export function givesBackInRounds(m: Machine, thread: number, lock: number): boolean {
  const { program } = m;
  const look = pollOf(m, thread);
  if (look?.pc === undefined) return false;
  const { key } = objectAt(m, lock);
  return comesBackTo(program, look.pc).some(
    (at) =>
      program.code[at] === Op.release &&
      operandKey(program, routineAt(program, at), program.code[at + 2]) === key,
  );
}

/** Kinds of looks, the most telling first: a test, a wait or a look into a queue, a try for a lock. */
const looking: readonly (readonly number[])[] = [
  [Op.branchShared],
  [Op.wait, Op.dequeue],
  [Op.acquire],
];

function lookIn(
  m: Machine,
  thread: number,
  loop: readonly number[],
  isRunning: boolean,
): Polling | undefined {
  for (const ops of looking) {
    const looks = loop.flatMap((at) =>
      ops.includes(m.program.code[at]) ? (lookAt(m, thread, at, isRunning) ?? []) : [],
    );
    if (ops.includes(Op.branchShared))
      looks.push(...loop.flatMap((at) => askAt(m, thread, at, loop) ?? []));
    // A test that would let it out by now is not what keeps it.
    const found = looks.find((look) => !isOver(m, look)) ?? looks[0];
    if (found !== undefined) return found;
  }
  return lookOfCallees(m, thread, loop);
}

/** Looks that routines take which the loop calls: what they come back with decides there. */
function lookOfCallees(m: Machine, thread: number, loop: readonly number[]): Polling | undefined {
  const { code, routines } = m.program;
  const called = loop.flatMap((at) =>
    code[at] === Op.call ? reachable(m.program, routines[code[at + 2]].pc) : [],
  );
  for (const ops of looking) {
    for (const at of called) {
      const look = ops.includes(code[at]) ? lookAt(m, thread, at, false) : undefined;
      if (look !== undefined) return look;
    }
  }
  return undefined;
}

function isOver({ words }: Machine, { objects: [address], until }: Polling): boolean {
  return until !== undefined && compare(words[address], until.op, until.value) === until.isMet;
}

/** Kinds of objects that nobody signals: those of a completion or a dialog that is held off (APC-4, APC-7). */
const neverComes: ReadonlySet<string> = new Set(["completion", "dialog"]);

/** What an instruction of the loop looks at. Of outer frames, only what all can reach. */
function lookAt(m: Machine, thread: number, at: number, isRunning: boolean): Polling | undefined {
  const { code } = m.program;
  const op = code[at];
  const mode = code[at + 2] >>> 24;
  if (op === Op.wait && (code[at + 7] & waitFlags.count) === 0) return undefined;
  // A thread of the system's that serves a queue comes back for what is put there.
  const isServing = op === Op.dequeue && (timeoutOf(m.program, at) ?? 0) <= 0;
  if (isServing && !m.program.sites[code[at + 1]].users) return undefined;
  if (op === Op.acquire && (code[at + 3] & AcquireMode.try) === 0) return undefined;
  if (mode === Mode.pointer || mode === Mode.none || (mode !== Mode.global && !isRunning))
    return undefined;
  const address = locate(m, thread, code[at + 2]);
  if (address <= 0 || (op === Op.dequeue && m.words[address + Q.count] > 0)) return undefined;
  // Who had come to wait for what never comes would not go round any more.
  if (neverComes.has(m.program.objects.get(address)?.kind ?? "")) return undefined;
  const until = op === Op.branchShared ? untilOf(m.program, at) : undefined;
  // Of a loop's own tests, only those that can end it.
  if (op === Op.branchShared && until === undefined && comesBackTo(m.program, at).length > 0)
    return undefined;
  return {
    thread,
    site: code[at + 1],
    objects: [address],
    ...(until === undefined ? {} : { until }),
    what: whatOf[op] ?? "object",
    polls: true,
    pc: at,
  };
}

/**
 * A call of the loop that hands back a number on which the way out depends: the value of a variable
 * from before it changed (`InterlockedExchange`), or behind that, or the state of an event.
 */
function askAt(
  m: Machine,
  thread: number,
  at: number,
  loop: readonly number[],
): Polling | undefined {
  const { code } = m.program;
  const asked = code[at + 2] >>> 24 === Mode.global ? askedAt(m.program, at, loop) : undefined;
  if (asked === undefined) return undefined;
  const objects = [code[at + 2] & 0xffffff];
  return { thread, site: code[at + 1], objects, polls: true, pc: at, what: "object", ...asked };
}

/**
 * What a loop asks for by a call that hands back a number on which the way out depends: of a variable
 * which value, as it stands ahead of the call; of an event that it is signalled.
 */
export function askedAt(
  program: Program,
  at: number,
  loop: readonly number[],
): { readonly until?: Until } | undefined {
  const { code } = program;
  if (code[at] !== Op.add && code[at] !== Op.readShared) return undefined;
  const word = numberOf(program, at);
  if (word === undefined) return undefined;
  const test = loop.find((pc) => code[pc] === Op.branchLocal && code[pc + 2] === word);
  const until = test === undefined ? undefined : untilOf(program, test);
  if (until === undefined) return undefined;
  if (code[at] === Op.add) return { until: { ...until, value: until.value - code[at + 3] } };
  // What is signalled has a state that is not 0: for the opposite nobody has to signal it.
  return leaves(until, 1) && !leaves(until, 0) ? {} : undefined;
}

const leaves = ({ op, value, isMet }: Until, state: number): boolean =>
  compare(state, op, value) === isMet;

/** Where the number is kept that a call comes back with, as `compileValueCall` lays it. */
export function numberOf({ code }: Program, at: number): number | undefined {
  let pc = at + stride;
  while (code[pc] === Op.loadPointer) pc += stride;
  return code[pc] === Op.storePointer ? code[pc + 2] : undefined;
}

const whatOf: Readonly<Record<number, Waiting["what"]>> = {
  [Op.dequeue]: "entry",
  [Op.acquire]: "lock",
};

/** What a test has to say for its loop to be left; undefined where both ways stay in it. */
export function untilOf(program: Program, at: number): Until | undefined {
  const { code } = program;
  const loop = comesBackTo(program, at);
  const leaves = (to: number): boolean => !loop.includes(to);
  if (leaves(at + stride) === leaves(code[at + 5])) return undefined;
  return { op: code[at + 3], value: code[at + 4], isMet: leaves(at + stride) };
}

/** Microseconds from one look to the next, of a timed wait that its own routine comes back to. */
export function roundUs(program: Program, pc: number): number | undefined {
  const us = timeoutOf(program, pc);
  if (us === undefined || us <= 0) return undefined;
  const loop = comesBackTo(program, pc);
  // What a pointer leads to can be another thing each time: that is no second look.
  if (!loop.includes(pc) || program.code[pc + 2] >>> 24 === Mode.pointer) return undefined;
  // A delay is part of a poll where something is tested beside it.
  const isDelay = program.code[pc] === Op.wait && (program.code[pc + 7] & waitFlags.count) === 0;
  return isDelay && !loop.some((at) => isTest(program, at)) ? undefined : us;
}

/** Of a loop around what a thread asks for: its own timeout, or the only delay in between. */
export function pollUs(program: Program, pc: number): number | undefined {
  const own = timeoutOf(program, pc);
  if (own !== undefined && own > 0) return own;
  const delays = comesBackTo(program, pc)
    .map((at) => timeoutOf(program, at))
    .filter((us) => us !== undefined && us > 0);
  return delays.length === 1 ? delays[0] : undefined;
}

const testing: readonly number[] = [Op.branchShared, Op.choose, Op.pop, Op.walk];

/** Whether something is looked at there: to wait for a lock, and get it, is none. */
const isTest = ({ code }: Program, at: number): boolean =>
  testing.includes(code[at]) || (code[at] === Op.acquire && (code[at + 3] & AcquireMode.try) !== 0);

/** The timeout of a wait in microseconds: below 0 where it has none; undefined of what is no wait. */
export function timeoutOf({ code, longUs }: Program, pc: number): number | undefined {
  if (code[pc] === Op.wait) return usOf(longUs, code[pc + 6]);
  return code[pc] === Op.dequeue ? usOf(longUs, code[pc + 3]) : undefined;
}
