/**
 * Loops that look at something, sleep and look again until somebody else has changed it: a wait for
 * whoever does that, by other means (R5).
 */
import { memo } from "../base/memo.ts";
import { compare } from "../machine/compare.ts";
import { locate } from "../machine/frames.ts";
import { F, Mode, T, waitFlags } from "../machine/layout.ts";
import { baseOf, type Machine, threadAt } from "../machine/machine.ts";
import { Op, StoreMode, stride } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";
import { canMeet, startedFrom, storing, type Until } from "./comes-to.ts";
import { filling } from "./ending-ops.ts";
import { framesOf } from "./objects.ts";
import { askedAt, timeoutOf, untilOf } from "./poll.ts";
import { comesBackTo, operandKey, reachable, routineAt, successors } from "./reach.ts";

/** A look that decides whether a loop is left, which sleeps where it is not. */
export interface AwaitedPoll {
  readonly pc: number;
  readonly site: number;
  /** Instructions of the loop, in its own routine. */
  readonly loop: readonly number[];
  /** Of a variable: what would end the loop. */
  readonly until?: Until;
  /** Instructions elsewhere that can bring about what it looks for. */
  readonly enders: readonly number[];
  /** The loop itself could bring it about, too. */
  readonly isOwnDoing: boolean;
}

const known = new WeakMap<Program, readonly AwaitedPoll[]>();

/** Those of a program's drivers, where there is somebody who could end the loop. */
export const awaitedPolls = (program: Program): readonly AwaitedPoll[] =>
  memo(known, program, () => {
    const found: AwaitedPoll[] = [];
    for (let pc = 0; pc < program.code.length; pc += stride) {
      const poll = looking.has(program.code[pc]) ? pollAt(program, pc) : undefined;
      if (poll !== undefined && poll.enders.length > 0) found.push(poll);
    }
    return found;
  });

const looking: ReadonlySet<number> = new Set([
  Op.branchShared,
  Op.add,
  Op.readShared,
  Op.wait,
  Op.dequeue,
  Op.pop,
]);

/** What a look is for, and what brings that about. */
interface Sought {
  readonly until?: Until;
  readonly ops: readonly number[];
}

function pollAt(program: Program, pc: number): AwaitedPoll | undefined {
  const { code, sites } = program;
  const site = code[pc + 1];
  const loop = sites[site]?.users === true ? comesBackTo(program, pc) : [];
  if (loop.length === 0) return undefined;
  const body = withCallees(program, loop);
  if (![...body].some((at) => isSleep(program, at))) return undefined;
  const sought = soughtAt(program, pc, loop);
  if (sought === undefined) return undefined;
  const brings = bringersOf(program, pc, sought);
  const isOwnDoing = brings.some((at) => body.has(at));
  return { pc, site, loop, ...sought, isOwnDoing, enders: brings.filter((at) => !body.has(at)) };
}

function withCallees(program: Program, loop: readonly number[]): ReadonlySet<number> {
  const { code, routines } = program;
  const called = loop.flatMap((at) =>
    code[at] === Op.call ? reachable(program, routines[code[at + 2]].pc) : [],
  );
  return new Set([...loop, ...called]);
}

/** A delay, or another wait that can end by time alone. */
const isSleep = (program: Program, at: number): boolean => (timeoutOf(program, at) ?? 0) > 0;

function soughtAt(program: Program, pc: number, loop: readonly number[]): Sought | undefined {
  const { code } = program;
  switch (code[pc]) {
    case Op.branchShared: {
      const until = untilOf(program, pc) ?? untilAwake(program, pc, loop);
      return until === undefined ? undefined : { until, ops: storing };
    }
    case Op.add:
    case Op.readShared: {
      const asked = askedAt(program, pc, loop);
      if (asked === undefined) return undefined;
      return asked.until === undefined ? { ops: signalling } : { ...asked, ops: storing };
    }
    case Op.wait: {
      const isLook = timeoutOf(program, pc) === 0 && (code[pc + 7] & waitFlags.count) > 0;
      return isLook && decides(program, pc, loop) ? { ops: signalling } : undefined;
    }
    case Op.dequeue:
      return timeoutOf(program, pc) === 0 && decides(program, pc, loop)
        ? { ops: filling }
        : undefined;
    default:
      return decides(program, pc, loop) ? { ops: filling } : undefined;
  }
}

/**
 * What a test has to say for its loop to be left before the next sleep, be it behind further tests;
 * undefined where that may be so either way.
 */
function untilAwake(program: Program, pc: number, loop: readonly number[]): Until | undefined {
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

/** Time that comes, and a lock that is given back, are signals of another kind (R5). */
const signalling: readonly number[] = [Op.set, Op.pulse];

/** Whether the loop is left by what the call comes back with. */
function decides(program: Program, pc: number, loop: readonly number[]): boolean {
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

/** Instructions of drivers and services that bring about what is looked for. */
function bringersOf(program: Program, pc: number, { ops, until }: Sought): number[] {
  const { code, sites } = program;
  const keys = keysAt(program, pc);
  const others = othersOf(program, pc);
  const found: number[] = [];
  for (let at = 0; at < code.length; at += stride) {
    if (!ops.includes(code[at]) || sites[code[at + 1]]?.users !== true) continue;
    if (until !== undefined && !canMeet(until, code[at], code[at + 3], code[at + 4])) continue;
    if (others !== undefined && !others.has(at)) continue;
    if (keys.includes(keyOf(program, at, code[at + 2]))) found.push(at);
  }
  return found;
}

/** Of what a routine's own frame holds, whom it starts; of all else, anybody: undefined. */
function othersOf(program: Program, pc: number): ReadonlySet<number> | undefined {
  const mode = program.code[pc + 2] >>> 24;
  const isOfFrame = mode === Mode.local || (mode >= Mode.captured && mode < Mode.subject);
  if (!isOfFrame) return undefined;
  const started = program.routines.flatMap((routine) => startedFrom(program, routine.pc));
  return new Set(started.flatMap((routine) => reachable(program, program.routines[routine].pc)));
}

function keysAt(program: Program, pc: number): string[] {
  const { code } = program;
  const count = code[pc] === Op.wait ? code[pc + 7] & waitFlags.count : 1;
  return Array.from({ length: count }, (_, i) => keyOf(program, pc, code[pc + 2 + i]));
}

/** As `operandKey`, with the field of a record told apart from others. */
function keyOf(program: Program, at: number, operand: number): string {
  const key = operandKey(program, routineAt(program, at), operand);
  return key === "*" ? `* ${operand & 0xffffff}` : key;
}

/**
 * The polls that a thread is in between two looks of, in code above a frame of its own or in that.
 */
export function pollsOf(m: Machine, thread: number, below: number): AwaitedPoll[] {
  const polls = awaitedPolls(m.program);
  if (polls.length === 0) return [];
  const found: AwaitedPoll[] = [];
  let pc = m.words[baseOf(m, thread) + T.pc];
  for (const frame of framesOf(m, thread)) {
    found.push(...polls.filter((poll) => pc !== poll.pc && poll.loop.includes(pc)));
    if (frame === below) break;
    pc = m.words[frame + F.returnPc];
  }
  return found;
}

/** A change that can end a poll, by the instruction that makes it. */
export interface PollEnder {
  readonly poll: AwaitedPoll;
  readonly by: number;
}

/** By the visible operation that they are part of. */
export function endersOf(program: Program): ReadonlyMap<number, readonly PollEnder[]> {
  const byPc = new Map<number, PollEnder[]>();
  for (const poll of awaitedPolls(program)) {
    for (const by of poll.enders) {
      const pc = visibleAt(program, by);
      byPc.set(pc, [...(byPc.get(pc) ?? []), { poll, by }]);
    }
  }
  return byPc;
}

/** Where an exchange begins that ends in this store. */
function visibleAt({ code }: Program, by: number): number {
  let pc = by;
  while (pc > 0 && code[pc] < Op.firstVisible && code[pc - stride + 1] === code[by + 1])
    pc -= stride;
  return pc;
}

/**
 * Whether what a thread is about to do brings about what another's poll looks for. What lies in a
 * frame has to be the other's; of a field any record of the kind is taken for his.
 */
export function endsPoll(
  m: Machine,
  actor: number,
  other: number,
  { poll, by }: PollEnder,
): boolean {
  const { program, words } = m;
  const { code, threadFirst } = program;
  const address = locate(m, actor, code[by + 2]);
  if (address <= 0) return false;
  const isOfFrame = address >= threadFirst && code[by + 2] >>> 24 !== Mode.pointer;
  if (isOfFrame && threadAt(m, address) !== other) return false;
  const { until } = poll;
  if (until === undefined) return true;
  const isMet = (value: number): boolean => compare(value, until.op, until.value) === until.isMet;
  const value = words[address];
  return !isMet(value) && isMet(valueBehind(program, by, value));
}

/** What becomes of a variable's value; an exchange that compares may leave it. */
function valueBehind(program: Program, by: number, value: number): number {
  const { code } = program;
  if (code[by] === Op.add) return value + code[by + 3];
  for (let pc = visibleAt(program, by); pc < by; pc += stride) {
    const isTest = code[pc] === Op.branchLocal && code[pc + 2] === code[by + 2];
    if (isTest && !compare(value, code[pc + 3], code[pc + 4])) return value;
  }
  return code[by + 3];
}
