/**
 * Loops as code: where one is, what in it is a look, what that has to find for the loop to be left, and
 * how long it sleeps in between. What a thread in such a loop waits for by now is asked in `poll.ts`,
 * and who would bring that about, in `awaited-polls.ts`.
 */
import { compare } from "../machine/compare.ts";
import { usOf } from "../machine/durations.ts";
import { Mode, waitFlags } from "../machine/layout.ts";
import { AcquireMode, Op, StoreMode, stride } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";
import type { Until } from "./comes-to.ts";
import { comesBackTo, reachable, routineAt, successors } from "./reach.ts";

/** The loop around an instruction, or else the first that its routine comes to behind it. */
export function loopFrom(program: Program, pc: number): readonly number[] {
  const around = comesBackTo(program, pc);
  if (around.length > 0) return around;
  const routine = routineAt(program, pc);
  const ahead = reachable(program, pc).find(
    (at) => at > pc && routineAt(program, at) === routine && comesBackTo(program, at).length > 0,
  );
  return ahead === undefined ? [] : comesBackTo(program, ahead);
}

/** A look that a loop takes: at what, and of a variable, what it has to be for the loop to be left. */
export interface Look {
  readonly kind: /** A test of a variable. */
    | "test"
    /** A call that hands back a variable, or the state of an event, on which the way out depends. */
    | "ask"
    | "wait"
    | "queue"
    | "list"
    /** It tries to get a lock. */
    | "try";
  readonly until?: Until;
}

/** What an instruction of a loop looks at; undefined where it looks at nothing. */
export function lookOf(program: Program, at: number, loop: readonly number[]): Look | undefined {
  const { code } = program;
  switch (code[at]) {
    case Op.branchShared:
      return { kind: "test", until: untilOf(program, at) };
    case Op.add:
    case Op.readShared: {
      const asked = askedAt(program, at, loop);
      return asked && { kind: "ask", ...asked };
    }
    case Op.wait:
      return (code[at + 7] & waitFlags.count) === 0 ? undefined : { kind: "wait" };
    case Op.dequeue:
      return { kind: "queue" };
    case Op.pop:
      return { kind: "list" };
    case Op.acquire:
      return (code[at + 3] & AcquireMode.try) === 0 ? undefined : { kind: "try" };
    default:
      return undefined;
  }
}

/** What the routines run that a loop calls, in the order of its calls. */
export const calledFrom = (program: Program, loop: readonly number[]): readonly number[] =>
  loop.flatMap((at) =>
    program.code[at] === Op.call
      ? reachable(program, program.routines[program.code[at + 2]].pc)
      : [],
  );

/** The instructions of a loop, and of what it calls. */
export const withCallees = (program: Program, loop: readonly number[]): ReadonlySet<number> =>
  new Set([...loop, ...calledFrom(program, loop)]);

/**
 * What a loop asks for by a call that hands back a number on which the way out depends: of a variable
 * which value, as it stands ahead of the call; of an event that it is signalled.
 */
function askedAt(
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

/** A delay, or another wait that can end by time alone. */
export const isSleep = (program: Program, at: number): boolean => (timeoutOf(program, at) ?? 0) > 0;

/**
 * What a test has to say for its loop to be left before the next sleep, be it behind further tests;
 * undefined where that may be so either way.
 */
export function untilAwake(
  program: Program,
  pc: number,
  loop: readonly number[],
): Until | undefined {
  const { code } = program;
  const [isMet, isElse] = [pc + stride, code[pc + 5]].map((to) =>
    leavesAwake(program, pc, to, loop),
  );
  return isMet === isElse ? undefined : { op: code[pc + 3], value: code[pc + 4], isMet };
}

/** Whether control can leave the loop from here by a test, ahead of any sleep and of the look at `pc`. */
function leavesAwake(program: Program, pc: number, from: number, loop: readonly number[]): boolean {
  const seen = new Set([pc]);
  const pending = [from];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (!loop.includes(at)) return true;
    if (seen.has(at) || isSleep(program, at) || callSleeps(program, at)) continue;
    seen.add(at);
    const next = successors(program, at, () => {});
    // Its rounds are over: that is no answer.
    pending.push(...(isCount(program, at, loop) ? next.filter((to) => loop.includes(to)) : next));
  }
  return false;
}

const callSleeps = (program: Program, at: number): boolean =>
  [...withCallees(program, [at])].some((one) => isSleep(program, one));

/** Whether it asks how many rounds the loop has made, which the loop counts. */
const isCount = ({ code }: Program, at: number, loop: readonly number[]): boolean =>
  code[at] === Op.branchLocal &&
  loop.some(
    (one) =>
      code[one] === Op.storeLocal &&
      code[one + 2] === code[at + 2] &&
      code[one + 4] === StoreMode.add,
  );

/** Whether the loop is left by what the call comes back with. */
export function decides(program: Program, pc: number, loop: readonly number[]): boolean {
  const { code } = program;
  const saved = loop.find((at) => code[at] === Op.saveResult && code[at + 1] === code[pc + 1]);
  if (saved === undefined) return false;
  return loop.some(
    (at) =>
      code[at] === Op.branchLocal &&
      code[at + 2] === code[saved + 2] &&
      untilOf(program, at) !== undefined,
  );
}
