/** Local operations: they touch nothing that another thread can see, and run on at once. */
import { bounds } from "../base/bounds.ts";
import { runUserApcs } from "./alerts.ts";
import { deliver, isDeliverable } from "./apc.ts";
import { checkCall, checkRequest, leaveLevels, leaveRoutine, raiseIrql } from "./checks.ts";
import { compare } from "./compare.ts";
import { dispatch } from "./dispatch.ts";
import { usOf } from "./durations.ts";
import { Fore, Way } from "./foresight.ts";
import {
  addNumber,
  captureFrame,
  crash,
  frameOf,
  frameOfRole,
  hitBound,
  insideCallback,
  isFrame,
  pushFrame,
  resolve,
} from "./frames.ts";
import { tellHeldUp } from "./held-up.ts";
import {
  addressOf,
  attachedShift,
  Crash,
  causesMax,
  eventShift,
  F,
  frameFlags,
  H,
  Irql,
  isRef,
  P,
  processState,
  refTo,
  Status,
  T,
  threadFlags,
} from "./layout.ts";
import { hearAtBirth, leaveUserMode, unloadModule } from "./life.ts";
import { baseOf, Event, emit, emitRun, listens, type Machine, threadAt } from "./machine.ts";
import { ownsMutex } from "./objects/mutex.ts";
import { isOfTimesOnly, Op, StoreMode, stride } from "./opcodes.ts";
import { loadAddress, loadPointer, storePointer } from "./pointers.ts";
import { viewOnEntry } from "./recursion.ts";
import { restRequest, rootBegin, rootEnd } from "./roots.ts";
import { canStop } from "./stops.ts";

const regionsMax = bounds.regions.max;
/** More local operations than any real routine runs between two visible ones. */
const localMax = bounds.localSteps.max;

/** Local operations that take as long as one transition of an ordinary program. */
const localsOfTransition = 64;

/** Runs a thread on to its next visible operation, and notes how far that was. */
export function advance(m: Machine, t: number): void {
  m.calls = 0;
  m.callsAtApc = 0;
  m.work += Math.floor(runLocals(m, t) / localsOfTransition);
  if (m.observer !== null) tellHeldUp(m, t);
}

/** Returns how many local operations there were. */
function runLocals(m: Machine, t: number): number {
  const { words, clocks } = m;
  const { code, fore } = m.program;
  const base = baseOf(m, t);
  for (let i = 0; i < localMax; i++) {
    if (words[H.crash] !== 0 || words[H.bound] !== 0 || words[base + T.status] !== Status.ready)
      return i;
    if (words[base + T.apcRoutine] !== 0 && isDeliverable(m, t)) deliver(m, t);
    const pc = words[base + T.pc];
    const end = fore[pc + Fore.end];
    if (end !== 0 && words[base + T.irql] <= fore[pc + Fore.irqlMax] && !listens(m, code[pc + 1])) {
      words[base + T.pc] = end;
      clocks[base] += fore[pc + Fore.costUs];
      return i;
    }
    const op = code[pc];
    if (op >= Op.firstVisible && (fore[pc + Fore.way] !== Way.ask || !isLocalNow(m, t, op)))
      return i;
    local(m, t, base, op);
  }
  hitBound(m, t, "localSteps");
  return localMax;
}

/** An opaque condition that has fallen already is a plain branch; so is a fault that cannot come. */
function isLocalNow(m: Machine, t: number, op: number): boolean {
  const { code } = m.program;
  const pc = m.words[baseOf(m, t) + T.pc];
  if (op === Op.fault) return m.words[H.faultsLeft] === 0;
  if (op === Op.systemCall) return !canStop(m, baseOf(m, t), pc);
  if (!m.timed && isOfTimesOnly(code, pc)) return true;
  if (op !== Op.choose || code[pc + 4] > 0) return false;
  const variable = resolve(m, t, code[pc + 2]);
  return variable >= 0 && m.words[variable] !== 0;
}

function local(m: Machine, t: number, base: number, op: number): void {
  const { words, clocks } = m;
  const { code } = m.program;
  const pc = words[base + T.pc];
  const a = code[pc + 2];
  words[base + T.pc] = pc + stride;
  switch (op) {
    case Op.cost: {
      const us = usOf(m.program.longUs, a);
      clocks[base] += us;
      emitRun(m, Event.local, t, code[pc + 1], us);
      return;
    }
    case Op.jump:
      words[base + T.pc] = a;
      return;
    case Op.branchResult:
      if (words[base + T.result] !== a) words[base + T.pc] = code[pc + 3];
      return;
    case Op.saveResult: {
      const variable = resolve(m, t, a);
      // One more than the result: 0 is "not called yet", which no test of it matches.
      if (variable >= 0) words[variable] = words[base + T.result] + 1;
      return;
    }
    case Op.subjectCurrent:
      words[frameOf(m, t) + F.subject] = words[base + T.process];
      if (a === 1) words[base + T.flags] |= threadFlags.leaving;
      words[frameOf(m, t) + F.thread] = refTo(base);
      return;
    case Op.setResult:
      words[base + T.result] = a;
      return;
    case Op.branchLocal: {
      const variable = resolve(m, t, a);
      if (variable >= 0 && !compare(words[variable], code[pc + 3], code[pc + 4])) {
        words[base + T.pc] = code[pc + 5];
      }
      return;
    }
    case Op.storeLocal: {
      const variable = resolve(m, t, a);
      if (variable < 0) return;
      const mode = code[pc + 4];
      if (mode === StoreMode.set) words[variable] = code[pc + 3];
      else if (mode === StoreMode.add) addNumber(m, t, variable, code[pc + 3]);
      else addNumber(m, t, variable, -2 * words[variable]);
      return;
    }
    case Op.readyProcess:
      readyProcess(m, t, base, a);
      return;
    case Op.call: {
      const frame = frameOf(m, t);
      const captured = captureFrame(m, t, code[pc + 3]);
      const hasNone = frame === 0 || code[pc + 4] === 1;
      pushFrame(m, t, a, pc + stride, captured, hasNone ? 0 : words[frame + F.subject]);
      return;
    }
    case Op.return:
      leaveRoutine(m, t, base);
      return;
    case Op.critical:
      words[base + T.critical] += a;
      if (words[base + T.critical] < 0) crash(m, t, Crash.regionUnderflow, code[pc + 1]);
      else if (words[base + T.critical] > regionsMax) hitBound(m, t, "regions");
      return;
    case Op.guarded:
      words[base + T.guarded] += a;
      if (words[base + T.guarded] < 0) crash(m, t, Crash.regionUnderflow, code[pc + 1]);
      else if (words[base + T.guarded] > regionsMax) hitBound(m, t, "regions");
      return;
    case Op.attach:
      words[base + T.flags] += a << attachedShift;
      if (words[base + T.flags] < 0) crash(m, t, Crash.notAttached, code[pc + 1]);
      else if (words[base + T.flags] >> attachedShift > regionsMax) hitBound(m, t, "regions");
      return;
    case Op.irql: {
      // Raising does not lower and lowering does not raise: either is a bug check.
      const before = words[base + T.irql];
      words[base + T.irql] = a;
      if (code[pc + 3] !== 0 ? a < before : a > before) crash(m, t, Crash.irql, code[pc + 1]);
      return;
    }
    case Op.branchInside:
      if (insideCallback(m, t, a)) words[base + T.pc] = code[pc + 3];
      return;
    case Op.raiseIrql:
      raiseIrql(m, t, a, code[pc + 3]);
      return;
    case Op.leaveLevels:
      leaveLevels(m, t, base, pc, 2);
      return;
    case Op.check:
      m.calls++;
      checkCall(m, t, base, pc);
      return;
    case Op.branchCalled:
      if (m.calls === (code[pc + 3] !== 0 ? m.callsAtApc : 0)) words[base + T.pc] = a;
      return;
    case Op.rootBegin:
      rootBegin(m, t, base, a, code[pc + 3], code[pc + 1]);
      return;
    case Op.rootEnd:
      rootEnd(m, t, base, a, code[pc + 3], code[pc + 1]);
      return;
    case Op.rest:
      restRequest(m, t, base, a === 1, code[pc + 1]);
      return;
    case Op.branchRole:
      if (!role(m, t, base, a, code[pc + 3])) words[base + T.pc] = code[pc + 4];
      return;
    case Op.branchEvent:
      // Which event raised this: of the activation, so also asked through captured frames.
      if (eventOf(m, t) !== a) words[base + T.pc] = code[pc + 3];
      return;
    case Op.veto: {
      // CreationStatus belongs to the path that raised the callback (CB-P2).
      const frame = frameOfRole(m, t, "path");
      if (frame !== 0) words[frame + F.flags] |= frameFlags.veto;
      return;
    }
    case Op.branchVeto:
      if ((words[frameOf(m, t) + F.flags] & frameFlags.veto) === 0) words[base + T.pc] = a;
      return;
    case Op.callback: {
      const frame = frameOf(m, t);
      const subject = words[frame + F.subject];
      const view = viewOnEntry(m, t, a);
      if (view === undefined) {
        crash(m, t, Crash.recursion);
        return;
      }
      if (!pushFrame(m, t, a, pc + stride, 0, subject)) return;
      const entered = frameOf(m, t);
      words[entered + F.flags] |= code[pc + 3];
      words[entered + F.view] = view;
      if (words[base + T.cause] < causesMax) words[base + T.cause]++;
      return;
    }
    case Op.loadPointer:
      if (code[pc + 3] !== 0) loadAddress(m, t, base, a);
      else loadPointer(m, t, base, a);
      return;
    case Op.storePointer:
      storePointer(m, t, base, a);
      return;
    case Op.branchCause:
      // The running callback counts itself.
      if (words[base + T.cause] <= a) words[base + T.pc] = code[pc + 3];
      return;
    case Op.branchApcs:
      // b: normal kernel APCs too, which a critical region holds off.
      if (
        words[base + T.irql] < Irql.apc &&
        words[base + T.guarded] === 0 &&
        (code[pc + 3] === 0 || words[base + T.critical] === 0)
      )
        words[base + T.pc] = a;
      return;
    case Op.branchKernelHandle:
      // Only object callbacks know of handles (CB-E2); no such family is modelled yet.
      words[base + T.pc] = a;
      return;
    case Op.branchPended:
      if (!checkRequest(m, t, base)) return;
      if ((words[frameOf(m, t) + F.flags] & frameFlags.pended) === 0) words[base + T.pc] = a;
      return;
    case Op.dispatch:
      dispatch(m, t, base, pc);
      return;
    case Op.userPoint:
      // Its region may have been left by hand.
      if (ownsMutex(m, t)) {
        crash(m, t, Crash.keepsMutex, code[pc + 1]);
        return;
      }
      // Back in user mode, a thread that was told to end does so.
      if ((words[base + T.flags] & (threadFlags.kill | threadFlags.exiting)) === threadFlags.kill) {
        leaveUserMode(m, t);
      } else runUserApcs(m, base);
      return;
    case Op.choose: {
      const variable = resolve(m, t, a);
      if (code[pc + 4] === 0 && variable >= 0 && words[variable] === 2)
        words[base + T.pc] = code[pc + 3];
      return;
    }
    case Op.subjectThread: {
      const frame = frameOf(m, t);
      const thread = words[base + T.pointer];
      words[frame + F.thread] = thread;
      words[frame + F.subject] = words[addressOf(thread) + T.process];
      return;
    }
    case Op.readyThread: {
      const thread = addressOf(words[frameOf(m, t) + F.thread]);
      words[thread + T.status] = Status.ready;
      clocks[thread] = clocks[base];
      m.woken[m.wokenCount++] = threadAt(m, thread);
      return;
    }
    case Op.unloadCode:
      unloadModule(m, t, a);
      return;
    case Op.effect:
      emit(m, Event.breach, t, code[pc + 1], a);
      return;
    default:
  }
}

/** The event of the callback activation that the running frame belongs to; −1 if that has returned, or there is none. */
function eventOf(m: Machine, t: number): number {
  const { words } = m;
  let frame = frameOf(m, t);
  for (;;) {
    const routine = m.program.routines[words[frame + F.routine] - 1];
    if (routine.role === "callback")
      return (words[frame + F.flags] & frameFlags.event) >> eventShift;
    const captured = words[frame + F.captured];
    if (isFrame(m, captured)) frame = addressOf(captured);
    else if (captured !== 0) return -1;
    else if (words[frame + F.caller] !== 0) frame = baseOf(m, t) + words[frame + F.caller];
    else return -1;
  }
}

/** who: 0 current, 1 subject, 2 parent. is: role number of a service, 0 system, −1 the subject. */
function role(m: Machine, t: number, base: number, who: number, is: number): boolean {
  const { words } = m;
  const current = words[base + T.process];
  const frame = frameOf(m, t);
  const subject = words[frame + F.subject];
  const process =
    who === 0
      ? current
      : who === 1
        ? subject
        : isRef(subject)
          ? words[addressOf(subject) + P.parent]
          : 0;
  // Where there is none, nobody is it: not who is not there, either.
  if (!isRef(process)) return false;
  if (is < 0) return process === subject;
  return words[addressOf(process) + P.role] === is;
}

/**
 * The new process's thread may run from here on (CB-Q2). Local: nothing can tell when exactly it
 * was readied, only when it runs.
 */
function readyProcess(m: Machine, t: number, base: number, begun: number): void {
  const { words, clocks } = m;
  const process = addressOf(words[frameOf(m, t) + F.subject]);
  const b = addressOf(words[process + P.initialThread]);
  const thread = m.program.processes.find((p) => p.base === process)?.thread ?? -1;
  words[process + P.state] = processState.alive;
  words[b + T.status] = Status.ready;
  words[b + T.top] = T.size;
  words[b + T.process] = refTo(process);
  words[b + T.cause] = words[base + T.cause];
  clocks[b] = clocks[base];
  hearAtBirth(m, b);
  pushFrame(m, thread, m.program.threads[thread].routine, 0, 0, refTo(process));
  // The launch began where the creation did.
  const from = frameOf(m, t) + begun;
  const to = frameOf(m, thread) + F.size;
  clocks[to] = clocks[from];
  clocks[to + 1] = clocks[from + 1];
  // It is owed from the creation on, and so before an APC that came before the thread's first step.
  if (m.program.code[words[b + T.pc]] === Op.rootBegin) local(m, thread, b, Op.rootBegin);
  m.woken[m.wokenCount++] = thread;
  words[base + T.pointer] = refTo(process);
}
