/** Whether code can still come to an operation on an object: of a thread, and from a place on. */
import { memo } from "../base/memo.ts";
import { compare } from "../machine/compare.ts";
import { addressOf, F, isRef, T } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { Connection, Op, StoreMode } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";
import { framesOf } from "./objects.ts";
import {
  type ByRunner,
  canReturn,
  knownFor,
  operandKey,
  type Runner,
  reachable,
  routineAt,
  runnerOf,
} from "./reach.ts";

/** What a poll of a variable looks for: a comparison with a constant, and what it has to say. */
export interface Until {
  readonly op: number;
  readonly value: number;
  readonly isMet: boolean;
}

/**
 * Whether what a thread still has to run holds an `op` on the object: from where it stands, and
 * behind each call on its stack. For an object in a frame, that frame has to be in its reach.
 *
 * @param has Of code from a place on, in a frame, that this thread runs.
 */
export function comesTo(
  m: Machine,
  thread: number,
  has: (pc: number, at: number, runner: Runner) => boolean,
  frame = 0,
): boolean {
  const { words } = m;
  const base = baseOf(m, thread);
  const runner = runnerOf(m.program, thread);
  let pc = words[base + T.pc];
  for (const at of [...framesOf(m, thread), 0]) {
    if (pc !== 0 && has(pc, at, runner) && (frame === 0 || inReach(m, at, frame))) return true;
    if (at === 0 || !canReturn(m.program, pc, runner)) break;
    pc = words[at + F.returnPc];
  }
  return false;
}

function inReach(m: Machine, from: number, wanted: number): boolean {
  for (let at = from; at !== 0; ) {
    if (at === wanted) return true;
    const captured = m.words[at + F.captured];
    at = isRef(captured) && addressOf(captured) >= m.program.threadFirst ? addressOf(captured) : 0;
  }
  return false;
}

/** In place of an object's key: of any, or of none. */
export const anything = "";

/** By the operation's name, then by who runs the code. */
const operations = new WeakMap<Program, Map<string, Map<Runner, Map<number, boolean>>>>();

/** Whether code that begins here can come to the operation: asked of few places, many times. */
export function hasOperation(
  { program }: Pick<Machine, "program">,
  pc: number,
  key: string,
  op: number,
  until?: Until,
  runner?: Runner,
): boolean {
  const ofProgram = memo(
    operations,
    program,
    () => new Map<string, Map<Runner, Map<number, boolean>>>(),
  );
  const name = until === undefined ? key : `${key} ${until.op} ${until.value}`;
  const ofKey = memo(ofProgram, name, () => new Map<Runner, Map<number, boolean>>());
  const ofRunner = memo(ofKey, runner, () => new Map<number, boolean>());
  return memo(ofRunner, pc * opcodesMax + op, () =>
    findOperation(program, pc, { key, op, until, runner }),
  );
}

const started: ByRunner<readonly number[]> = new WeakMap();

/**
 * Routines that somebody else runs because of code from `pc` on: work items, APCs and DPCs that it
 * queues, of timers too, threads that drivers create; and what those would start in turn.
 */
export const startedFrom = (program: Program, pc: number, runner?: Runner): readonly number[] =>
  memo(knownFor(started, program, runner), pc, () => {
    const found = new Set<number>();
    // What is started runs in a thread of somebody's.
    const pending = [reachable(program, pc, runner)];
    for (let code = pending.pop(); code !== undefined; code = pending.pop()) {
      for (const at of code) {
        const routine = startedAt(program, at);
        if (routine < 0 || found.has(routine)) continue;
        found.add(routine);
        pending.push(reachable(program, program.routines[routine].pc));
      }
    }
    return [...found].sort((a, b) => a - b);
  });

/** The routine that the instruction has somebody else run, −1 if none. */
export function startedAt({ code, sites, classes, threads }: Program, at: number): number {
  switch (code[at]) {
    case Op.enqueue:
    case Op.insertDpc:
      return code[at + 3] - 1;
    case Op.setTimer:
      return code[at + 6] - 1;
    case Op.queueApc:
      return code[at + 2] - 1;
    case Op.start: {
      if (!sites[code[at + 1]].users) return -1;
      const [thread] = classes.get(code[at + 2]) ?? [];
      return thread === undefined ? -1 : threads[thread].routine;
    }
    default:
      return -1;
  }
}

/** More than there are opcodes. */
const opcodesMax = 128;

interface Sought {
  readonly key: string;
  readonly op: number;
  readonly until: Until | undefined;
  readonly runner: Runner;
}

function findOperation(program: Program, pc: number, { key, op, until, runner }: Sought): boolean {
  const { code } = program;
  // A field of a record is only ever reached through a pointer.
  const isRecord = program.recordKeys.has(key);
  return reachable(program, pc, runner).some((at) => {
    const does = code[at];
    if (does !== op && !(op === Op.set && does === Op.pulse))
      return op === Op.set && does === Op.reply && key === "message";
    if (key === anything) return does === op;
    // Connecting again opens a port.
    if (op === Op.disconnect && code[at + 3] === Connection.opens) return false;
    if (until !== undefined && !canMeet(until, does, code[at + 3], code[at + 4])) return false;
    const named = operandKey(program, routineAt(program, at), code[at + 2]);
    return named === key || (named === "*" && isRecord);
  });
}

/** Whether a store of the value, or an addition of it, can bring what a poll looks for. */
export function canMeet(
  { op, value, isMet }: Until,
  does: number,
  by: number,
  mode: number,
): boolean {
  if (does === Op.store || (does === Op.storeLocal && mode === StoreMode.set))
    return compare(by, op, value) === isMet;
  return by !== 0;
}

/** What changes a shared variable; an exchange is an addition of 0 and then a store of its own. */
export const storing: readonly number[] = [Op.store, Op.add, Op.storeLocal];
