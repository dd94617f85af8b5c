/**
 * Whether an event that is still to come could end a wait, by the code of the callbacks that are
 * registered. One that would have to get past what is kept, or waited for, comes to nothing. It is
 * asked of those alone who are owed nothing: what a hang lasts for is asked of the model itself
 * (`explore/newcomers.ts`).
 */
import { compare } from "../machine/compare.ts";
import { Mode, T, Tag, waitFlags } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { AcquireMode, Op, stride } from "../machine/opcodes.ts";
import {
  canMeet,
  comesTo,
  hasOperation,
  startedAt,
  startedFrom,
  storing,
  type Until,
} from "./comes-to.ts";
import { endingOps } from "./ending-ops.ts";
import { heldLocks } from "./held-locks.ts";
import { plainNames } from "./instances.ts";
import { pollingOf } from "./members.ts";
import { objectAt } from "./objects.ts";
import { givesBackInRounds } from "./poll.ts";
import { operandKey, type Runner, reachable, routineAt, successors } from "./reach.ts";
import { alive } from "./starting.ts";
import { type Waiting, waitingOf } from "./wait-for.ts";
import { lackingOf, waitFacts } from "./waits.ts";

/** By keys: what no newcomer gets past, of locks that are kept and objects that are waited for. */
interface Barred {
  readonly locks: ReadonlySet<string>;
  readonly waits: ReadonlySet<string>;
  /** No worker is free: what is queued does not run. */
  readonly items: boolean;
  /** Who waits so. */
  readonly threads: readonly number[];
}

/** What stands in the way of a newcomer, where these threads wait, and items may be stuck as well. */
function barredBy(m: Machine, threads: readonly number[], items: boolean): Barred {
  const locks = new Set<string>();
  for (const thread of alive(m)) {
    // A thread that hangs in its loop never comes to where a round would give the lock back.
    const hangs = threads.includes(thread) && waitsWithoutEnd(m, thread);
    for (const { address } of heldLocks(m, thread)) {
      if (hangs || !givesBackInRounds(m, thread, address)) locks.add(objectAt(m, address).key);
    }
  }
  const waits = new Set<string>();
  for (const thread of threads) {
    for (const address of pollingOf(m, thread)?.objects ?? []) {
      const { key, kind } = objectAt(m, address);
      // Who waits for the answer to a message stands in the way of who sends one there.
      waits.add(kind === "message" ? objectAt(m, m.words[address + 2]).key : key);
    }
  }
  return { locks, waits, items, threads };
}

/** Whether a thread waits, and no timeout lets it go on. */
const waitsWithoutEnd = (m: Machine, thread: number): boolean =>
  waitingOf(m, thread) !== undefined &&
  (m.words[baseOf(m, thread) + T.wait] & waitFlags.timed) === 0;

/** Whether a callback that a later event comes to would end the wait of one of these threads. */
export function isEndedLater(m: Machine, threads: readonly number[], items: boolean): boolean {
  const barred = barredBy(m, threads, items);
  return threads.some((thread) => endsWait(m, thread, barred));
}

/** Whether a callback would end the wait of the thread where another event comes to it. */
function endsWait(m: Machine, thread: number, barred: Barred): boolean {
  const waiting = pollingOf(m, thread);
  if (waiting === undefined) return false;
  const lacking = lackingOf(m, waiting);
  const needsAll = lacking.length > 1 && waitFacts(m, waiting, plainNames(m)).all === true;
  return !needsAll && lacking.some((address) => endsWaitFor(m, waiting, address, barred));
}

/** The same of a wait for one object. */
function endsWaitFor(m: Machine, waiting: Waiting, address: number, barred: Barred): boolean {
  const { program, words } = m;
  const ends = endsOf(m, waiting, address);
  if (ends === undefined) return false;
  return [...program.registrations].some(([registration, { routine }]) => {
    // Not of one that is being removed.
    if (words[registration + 1] !== 0) return false;
    const { pc } = program.routines[routine];
    return comesThrough(m, pc, (at) => ends(at, pc), barred);
  });
}

/** Which instructions, of code from a start on, end the wait; undefined where no newcomer's could. */
function endsOf(
  m: Machine,
  waiting: Waiting,
  address: number,
): ((at: number, start: number) => boolean) | undefined {
  const { program, words } = m;
  const { code, objects } = program;
  const isIrp = objectAt(m, address).kind === "message" && words[words[address + 2]] !== Tag.port;
  const target = isIrp ? words[address + 2] : address;
  // What a call has of its own, or a process, is out of a newcomer's reach; a lock is its owner's.
  const declared = objects.get(target);
  if (declared === undefined || declared.kind === "process") return undefined;
  if (words[target] === Tag.mutex || waiting.what === "lock" || waiting.what === "rundown")
    return undefined;
  const { key } = objectAt(m, target);
  const isOn = (at: number): boolean =>
    operandKey(program, routineAt(program, at), code[at + 2]) === key;
  if (isIrp) return (at) => code[at] === Op.pop && isOn(at);
  const ops = endingOps(m, waiting, address);
  const { until } = waiting;
  return (at, start) => {
    const op = code[at] === Op.pulse ? Op.set : code[at];
    if (!ops.includes(op) || !isOn(at)) return false;
    if (until === undefined || !storing.includes(op)) return true;
    if (op !== Op.add) return canMeet(until, code[at], code[at + 3], code[at + 4]);
    const by = code[at + 3];
    const isTakenBack = (one: number): boolean =>
      code[one] === Op.add && isOn(one) && code[one + 3] * by < 0;
    return addsUpTo(words[target], by, until) && !reachable(program, start).some(isTakenBack);
  };
}

/** Whether additions, one for each event to come, bring a number to what a poll looks for. */
function addsUpTo(from: number, by: number, { op, value, isMet }: Until): boolean {
  const isMetAfter = (events: number): boolean => compare(from + events * by, op, value) === isMet;
  // At once, as soon as the value is there, or once it is passed.
  const events = Math.max(1, (value - from) / by);
  return (
    isMetAfter(1) ||
    (Number.isInteger(events) && isMetAfter(events)) ||
    isMetAfter(Math.floor(events) + 1)
  );
}

/** Whether code from `start` on comes to such an instruction without standing at what is barred. */
function comesThrough(
  m: Machine,
  start: number,
  isEnd: (at: number) => boolean,
  barred: Barred,
): boolean {
  const { program } = m;
  const { code, routines } = program;
  const seen = new Set<number>([start]);
  const pending = [start];
  const add = (pc: number): void => {
    if (pc <= 0 || pc >= code.length || seen.has(pc)) return;
    seen.add(pc);
    pending.push(pc);
  };
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (isEnd(at)) return true;
    if (isBarred(m, at, barred) || asksWhatChanged(m, at)) continue;
    const begun = startedAt(program, at);
    const isItem = code[at] === Op.enqueue;
    if (begun >= 0 && !(isItem && barred.items)) add(routines[begun].pc);
    const next = successors(program, at, (routine) => add(routines[routine].pc));
    for (const to of code[at] === Op.branchShared ? waysOf(m, at, barred) : next) add(to);
  }
  return false;
}

/** Where a variable of the drivers lies, −1 for one that is reached in another way. */
const declaredAt = (operand: number): number =>
  operand >>> 24 === Mode.global ? operand & 0xffffff : -1;

/** Which ways a newcomer goes at a test of a variable, as everybody else leaves that. */
function waysOf(m: Machine, at: number, { threads }: Barred): readonly number[] {
  const { program, words } = m;
  const { code } = program;
  const [holds, fails] = [at + stride, code[at + 5]];
  const variable = declaredAt(code[at + 2]);
  if (variable < 0) return [holds, fails];
  const [op, value] = [code[at + 3], code[at + 4]];
  if (!compare(words[variable], op, value)) return [fails];
  const key = operandKey(program, routineAt(program, at), code[at + 2]);
  const isChanged = canStillStore(m, key, { op, value, isMet: false }, threads);
  return isChanged ? [holds, fails] : [holds];
}

/** Whether callbacks, or whoever is there but for these threads, can bring a variable to that. */
function canStillStore(m: Machine, key: string, until: Until, waiting: readonly number[]): boolean {
  const { program } = m;
  const does = (pc: number, runner?: Runner): boolean =>
    storing.some((op) => hasOperation(m, pc, key, op, until, runner));
  const stores = (pc: number, runner?: Runner): boolean =>
    does(pc, runner) ||
    startedFrom(program, pc, runner).some((routine) => does(program.routines[routine].pc));
  const callbacks = [...program.registrations.values()].map(({ routine }) => routine);
  return (
    callbacks.some((routine) => stores(program.routines[routine].pc)) ||
    alive(m).some(
      (thread) =>
        !waiting.includes(thread) && comesTo(m, thread, (pc, _at, runner) => stores(pc, runner)),
    )
  );
}

/**
 * Whether it looks at a number that is not what a run begins with, to decide by it: who comes later
 * goes another way than who came first, and which is not followed here.
 */
function asksWhatChanged({ program, words }: Machine, at: number): boolean {
  const { code, initial } = program;
  const isAdd = code[at] === Op.add;
  if ((!isAdd && code[at] !== Op.readShared) || code[at + stride] !== Op.loadPointer) return false;
  const variable = declaredAt(code[at + 2]);
  // The state of an event is its second word.
  const word = isAdd ? variable : variable + 1;
  return variable >= 0 && words[word] !== initial[word];
}

/** Whether a newcomer would stand at this instruction. */
function isBarred({ program }: Machine, at: number, { locks, waits }: Barred): boolean {
  const { code } = program;
  const key = (operand: number): string => operandKey(program, routineAt(program, at), operand);
  switch (code[at]) {
    case Op.acquire:
      return (code[at + 3] & AcquireMode.try) === 0 && locks.has(key(code[at + 2]));
    case Op.wait: {
      if (code[at + 6] !== -1) return false;
      const count = code[at + 7] & waitFlags.count;
      const objects = Array.from({ length: count }, (_, i) => key(code[at + 2 + i]));
      return count > 0 && objects.every((one) => waits.has(one) || locks.has(one));
    }
    case Op.send:
      return waits.has(key(code[at + 2])) && isEndless(program.code, at + stride);
    case Op.dequeue:
      return code[at + 3] === -1 && waits.has(key(code[at + 2]));
    case Op.runDown:
    case Op.branchShared:
    case Op.readShared:
      return waits.has(key(code[at + 2]));
    default:
      return false;
  }
}

/** Whether what stands here is a wait without a timeout. */
const isEndless = (code: Int32Array, at: number): boolean =>
  code[at] === Op.wait && code[at + 6] === -1;
