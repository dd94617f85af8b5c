/**
 * Loops that look at something, sleep and look again until somebody else has changed it: a wait for
 * whoever does that, by other means (R5).
 */
import { memo } from "../base/memo.ts";
import { compare } from "../machine/compare.ts";
import { locate } from "../machine/frames.ts";
import { F, Mode, T, waitFlags } from "../machine/layout.ts";
import { baseOf, type Machine, threadAt } from "../machine/machine.ts";
import { Op, stride } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";
import { canMeet, startedFrom, storing, type Until } from "./comes-to.ts";
import { filling } from "./ending-ops.ts";
import { decides, isSleep, lookOf, timeoutOf, untilAwake, withCallees } from "./loops.ts";
import { framesOf } from "./objects.ts";
import { comesBackTo, operandKey, reachable, routineAt } from "./reach.ts";

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

/** What an instruction has to be for `lookOf` to see a look in it, but for a try: a lock is R5's other way. */
const looking: ReadonlySet<number> = new Set([
  Op.branchShared,
  Op.add,
  Op.readShared,
  Op.wait,
  Op.dequeue,
  Op.pop,
]);

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

function soughtAt(program: Program, pc: number, loop: readonly number[]): Sought | undefined {
  const look = lookOf(program, pc, loop);
  const isAtOnce = timeoutOf(program, pc) === 0;
  switch (look?.kind) {
    case "test": {
      const until = look.until ?? untilAwake(program, pc, loop);
      return until === undefined ? undefined : { until, ops: storing };
    }
    case "ask":
      return look.until === undefined ? { ops: signalling } : { until: look.until, ops: storing };
    case "wait":
      return isAtOnce && decides(program, pc, loop) ? { ops: signalling } : undefined;
    case "queue":
      return isAtOnce && decides(program, pc, loop) ? { ops: filling } : undefined;
    case "list":
      return decides(program, pc, loop) ? { ops: filling } : undefined;
    default:
      return undefined;
  }
}

/** Time that comes, and a lock that is given back, are signals of another kind (R5). */
const signalling: readonly number[] = [Op.set, Op.pulse];

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
