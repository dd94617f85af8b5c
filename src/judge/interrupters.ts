/**
 * Who could cut a wait short: by the end of the waiter's process, which a UserMode or alertable wait
 * hears of, or by an alert or a user APC, which an alertable one does (SY-20), unless the waiter is
 * where these are held off (APC-2, APC-5).
 */
import { hearsUserApcs } from "../machine/alerts.ts";
import { isSuspended } from "../machine/apc.ts";
import { locate } from "../machine/frames.ts";
import {
  addressOf,
  F,
  Mode,
  P,
  refTo,
  Status,
  T,
  Tag,
  toldNever,
  waitFlags,
} from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { AlertKind, Op, stride } from "../machine/opcodes.ts";
import { comesTo } from "./comes-to.ts";
import type { Relation } from "./finding.ts";
import { framesOf } from "./objects.ts";
import { type Runner, reachable } from "./reach.ts";
import { alive } from "./starting.ts";

interface Interrupter {
  readonly kind: "thread";
  readonly thread: number;
  readonly relation: Relation;
}

/**
 * Threads whose code comes to what cuts the wait of this one short.
 *
 * @param endHelps Whether the end of the thread is of use to who waits for it: one that has ended does
 * nothing more.
 */
export function interruptersOf(m: Machine, thread: number, endHelps: boolean): Interrupter[] {
  const found: Interrupter[] = [];
  const ends = endHelps && hearsOfItsEnd(m, thread);
  const alerts = alertKindsHeard(m, thread);
  const resumed = resumedFrom(m, thread);
  if (!ends && alerts.length === 0 && resumed === 0) return found;
  const routines = framesOf(m, thread).map((frame) => m.words[frame + F.routine] - 1);
  for (const other of alive(m)) {
    if (other === thread) continue;
    const ended = (pc: number, at: number, runner: Runner): boolean =>
      reachable(m.program, pc, runner).some((one) =>
        isToldOf(m, thread, other, Op.terminate, one, at),
      );
    const goesOn = (pc: number, at: number, runner: Runner): boolean =>
      reachable(m.program, pc, runner).some((one) =>
        isToldOf(m, thread, other, Op.resume, one, at),
      );
    if (ends && comesTo(m, other, ended))
      found.push({ kind: "thread", thread: other, relation: "wouldTerminate" });
    else if (resumed !== 0 && comesTo(m, other, goesOn))
      found.push({ kind: "thread", thread: other, relation: "wouldResume" });
    else if (comesTo(m, other, (pc, _at, runner) => alertsOneOf(m, routines, alerts, pc, runner)))
      found.push({ kind: "thread", thread: other, relation: "wouldAlert" });
  }
  return found;
}

/** Whether the wait that a thread is in ends when its process is told to end. */
function hearsOfItsEnd(m: Machine, thread: number): boolean {
  const { words, program } = m;
  const base = baseOf(m, thread);
  if (!hearsUserApcs(m, base)) return false;
  if (words[addressOf(words[base + T.process]) + P.told] === toldNever) return false;
  if (words[base + T.status] === Status.waiting)
    return (words[base + T.wait] & (waitFlags.interruptible | waitFlags.alertable)) !== 0;
  const pc = words[base + T.pc];
  const at = program.code[pc];
  if (at === Op.dequeue) return program.code[pc + 4] !== 0;
  if (at !== Op.acquire) return false;
  const lock = locate(m, thread, program.code[pc + 2]);
  return lock >= 0 && words[lock] === Tag.criticalSection;
}

/** What an alertable wait hears: an alert anywhere, a user APC only where none is held off. */
function alertKindsHeard(m: Machine, thread: number): readonly number[] {
  const { words } = m;
  const base = baseOf(m, thread);
  const isAlertable =
    words[base + T.status] === Status.waiting && (words[base + T.wait] & waitFlags.alertable) !== 0;
  if (!isAlertable) return [];
  return hearsUserApcs(m, base) ? [AlertKind.alert, AlertKind.userApc] : [AlertKind.alert];
}

/** The routine, from 1, in which the thread is suspended, if it is: what resumes it names that. */
function resumedFrom(m: Machine, thread: number): number {
  const { code } = m.program;
  for (let pc = 0; pc < code.length; pc += stride) {
    if (code[pc] === Op.resume && isSuspended(m, thread, code[pc + 3])) return code[pc + 3];
  }
  return 0;
}

/** Whether an instruction is this operation and, in a frame of `other`, on the process of `thread`. */
function isToldOf(
  m: Machine,
  thread: number,
  other: number,
  op: number,
  one: number,
  at: number,
): boolean {
  const { words, program } = m;
  if (program.code[one] !== op) return false;
  const process = words[baseOf(m, thread) + T.process];
  const operand = program.code[one + 2];
  const subject = at === 0 ? 0 : words[at + F.subject];
  switch (operand >>> 24) {
    case Mode.global:
      return refTo(operand & 0xffffff) === process;
    case Mode.current:
      return words[baseOf(m, other) + T.process] === process;
    case Mode.subject:
      return (subject || words[baseOf(m, other) + T.process]) === process;
    case Mode.parent:
      return subject !== 0 && parentOf(m, subject) === process;
    default:
      return false;
  }
}

const parentOf = ({ words, program }: Machine, subject: number): number => {
  const known = program.processes.find(({ base }) => refTo(base) === subject);
  return known === undefined ? 0 : words[known.base + P.parent];
};

const alertsOneOf = (
  { program: { code }, program }: Machine,
  routines: readonly number[],
  kinds: readonly number[],
  pc: number,
  runner: Runner,
): boolean =>
  kinds.length > 0 &&
  reachable(program, pc, runner).some(
    (at) =>
      code[at] === Op.alert && routines.includes(code[at + 2]) && kinds.includes(code[at + 3]),
  );
