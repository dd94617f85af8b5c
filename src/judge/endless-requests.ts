/**
 * Requests that never come back, though nobody waits for them: in kernel mode and without a timeout
 * they wait for what no code there is would ever bring about. Whoever asked cannot be ended any more,
 * since no end of his process breaks such a wait (SY-1, APC-5). An inverted call waits for what
 * somebody may or may not do, and is at rest.
 */
import { memo } from "../base/memo.ts";
import { Mode, Status, T, waitFlags } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { Op, stride } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";
import { timeoutOf } from "./loops.ts";
import { frameWithRole } from "./objects.ts";
import { handedOver, operandKey, reachable, routineAt } from "./reach.ts";

const known = new WeakMap<Program, ReadonlySet<number>>();

/** Waits in requests that nobody would end, by instruction. */
export const endlessWaits = (program: Program): ReadonlySet<number> =>
  memo(known, program, () => {
    const inRequests = program.routines.flatMap(({ role, pc }) =>
      role === "request" ? reachable(program, pc) : [],
    );
    return new Set([...new Set(inRequests)].filter((pc) => isEndless(program, pc)));
  });

/** Kinds of objects that only code signals. */
const signalled: ReadonlySet<string> = new Set([
  "NotificationEvent",
  "SynchronizationEvent",
  "KSEMAPHORE",
]);

const cuts = waitFlags.interruptible | waitFlags.alertable;

function isEndless(program: Program, pc: number): boolean {
  const { code } = program;
  const isPlain = code[pc] === Op.wait && timeoutOf(program, pc) === -1;
  if (!isPlain || (code[pc + 7] & cuts) !== 0) return false;
  const operands = Array.from(
    { length: code[pc + 7] & waitFlags.count },
    (_, i) => code[pc + 2 + i],
  );
  const isNobodys = (operand: number): boolean =>
    signalled.has(kindOf(program, pc, operand) ?? "") && !isSignalledAt(program, pc, operand);
  if (operands.length === 0) return false;
  return (code[pc + 7] & waitFlags.all) === 0
    ? operands.every(isNobodys)
    : operands.some(isNobodys);
}

/** The kind of an object of the driver's, or of the routine's own; of what a pointer leads to, none. */
function kindOf(program: Program, pc: number, operand: number): string | undefined {
  const offset = operand & 0xffffff;
  const mode = operand >>> 24;
  if (mode === Mode.global) return program.objects.get(offset)?.kind;
  if (mode !== Mode.local) return undefined;
  return program.frameObjects.get(`${routineAt(program, pc)}:${offset}`)?.kind;
}

const signals: readonly number[] = [Op.set, Op.pulse, Op.release];

/** Whether some code signals it, or what it was handed, which may be that. */
function isSignalledAt(program: Program, pc: number, operand: number): boolean {
  const { code } = program;
  const key = operandKey(program, routineAt(program, pc), operand);
  for (let at = 0; at < code.length; at += stride) {
    if (!signals.includes(code[at])) continue;
    const named = operandKey(program, routineAt(program, at), code[at + 2]);
    if (named === key || named === handedOver) return true;
  }
  return false;
}

/** Whether a thread stands in such a wait, and owes nothing to anybody. */
export function isEndlessRequest(m: Machine, thread: number): boolean {
  const endless = endlessWaits(m.program);
  if (endless.size === 0) return false;
  const base = baseOf(m, thread);
  return (
    m.words[base + T.status] === Status.waiting &&
    m.words[base + T.roots] === 0 &&
    endless.has(m.words[base + T.pc]) &&
    frameWithRole(m, thread, "request") !== 0
  );
}
