/** Threads, processes, records and drivers come and go. */
import { captureFrame, crash, frameOf, hitBound, popFrame, pushFrame } from "./frames.ts";
import {
  addressOf,
  Crash,
  F,
  H,
  P,
  processState,
  Result,
  refTo,
  Status,
  T,
  Tag,
  threadFlags,
  toldNever,
} from "./layout.ts";
import { baseOf, type Machine, siteAt, threadAt } from "./machine.ts";
import { setTimerOf } from "./objects/timer.ts";
import { Op, StartFlags } from "./opcodes.ts";

export function startThread(m: Machine, t: number, base: number, pc: number): boolean {
  const { words, clocks } = m;
  const { code } = m.program;
  const slots = m.program.classes.get(code[pc + 2]) ?? [];
  const all = code[pc + 5] !== 0;
  if (code[pc + 5] === 2) words[H.started] = 1;
  const isHere = (code[pc + 7] & StartFlags.here) !== 0;
  const own = isHere ? addressOf(words[base + T.process]) : 0;
  if (isHere && (words[own + P.told] === 1 || words[own + P.live] === 0)) {
    words[base + T.result] = Result.failure;
    return true;
  }
  for (const slot of slots) {
    const b = baseOf(m, slot);
    if (words[b + T.status] !== Status.dormant) continue;
    const frame = frameOf(m, t);
    const captured = captureFrame(m, t, code[pc + 3]);
    const handed = code[pc + 6] !== 0 ? words[base + T.pointer] : 0;
    // One that its creator's callbacks are told of first is made ready by them (CB-Q2).
    const isClaim = (code[pc + 7] & StartFlags.claim) !== 0;
    const process = isHere ? own : m.program.threads[slot].process;
    words[b + T.status] = isClaim ? Status.created : Status.ready;
    words[b + T.top] = T.size;
    words[b + T.process] = refTo(process);
    words[b + T.cause] = words[base + T.cause];
    clocks[b] = clocks[base];
    hearAtBirth(m, b);
    words[process + P.live]++;
    pushFrame(
      m,
      slot,
      m.program.threads[slot].routine,
      m.program.threads[slot].endPc,
      captured,
      frame === 0 ? 0 : words[frame + F.subject],
    );
    // It is about the thread and the process that its starter is about, as a captured frame is, too.
    if (frame !== 0) words[frameOf(m, slot) + F.thread] = words[frame + F.thread];
    const { context } = m.program.routines[m.program.threads[slot].routine];
    if (context !== undefined) words[frameOf(m, slot) + context] = handed;
    words[base + T.pointer] = refTo(b);
    words[base + T.result] = Result.success;
    if (!isClaim) m.woken[m.wokenCount++] = slot;
    if (!all) return true;
  }
  if (all) return true;
  if (code[pc + 4] !== 0) {
    // The pool's cap: no thread, no harm.
    words[base + T.result] = Result.failure;
    return true;
  }
  hitBound(m, t, "threads");
  return false;
}

export function newProcess(m: Machine, t: number, childClass: number): number {
  const { words } = m;
  const base = baseOf(m, t);
  for (const index of m.program.childSlots[childClass]) {
    const { base: process, thread } = m.program.processes[index];
    if (words[process + P.state] !== processState.none) continue;
    words[process + P.state] = processState.created;
    words[process + P.live] = 1;
    words[process + P.parent] = words[base + T.process];
    words[process + P.initialThread] = refTo(baseOf(m, thread));
    return process;
  }
  hitBound(m, t, "processes");
  return -1;
}

/** What is created in a process that was told to end is told, too: it never comes to user mode. */
export function hearAtBirth({ words, clocks }: Machine, base: number): void {
  const process = addressOf(words[base + T.process]);
  if (words[process + P.told] !== 1) return;
  words[base + T.flags] |= threadFlags.kill;
  clocks[base + T.flags] = clocks[process + P.told];
}

export function terminate(m: Machine, t: number, process: number, others: boolean): void {
  const { words, clocks } = m;
  if (words[process + P.tag] !== Tag.process) return;
  const reference = refTo(process);
  const now = clocks[baseOf(m, t)];
  if (words[process + P.state] === processState.none) return;
  if (words[process + P.told] === toldNever) return;
  if (words[process + P.told] === 0) {
    words[process + P.told] = 1;
    clocks[process + P.told] = now;
  }
  for (let i = 0; i < m.program.threads.length; i++) {
    if (others && i === t) continue;
    const b = baseOf(m, i);
    const status = words[b + T.status];
    if (words[b + T.process] !== reference) continue;
    if (status === Status.dormant || status === Status.ended) continue;
    if (words[b + T.flags] & (threadFlags.exiting | threadFlags.leaving)) continue;
    words[b + T.flags] |= threadFlags.kill;
    // The news reaches a thread when it is told, not when its wait began.
    if (clocks[b + T.flags] === 0) clocks[b + T.flags] = now;
    // One at rest in user mode, or still to come, has nothing else to hear it at.
    const op = m.program.code[words[b + T.pc]];
    if (status === Status.ready && (op === Op.park || op === Op.arrive)) leaveUserMode(m, i);
  }
}

/** A thread that was told to end goes where it ends, from wherever it was in user mode. */
export function leaveUserMode(m: Machine, thread: number): void {
  const { words, clocks, program } = m;
  const base = baseOf(m, thread);
  const { exitPc } = program.threads[thread];
  if (exitPc === 0) return;
  while (words[base + T.frame] !== 0) popFrame(m, thread);
  words[base + T.flags] |= threadFlags.exiting;
  if (clocks[base] < clocks[base + T.flags]) clocks[base] = clocks[base + T.flags];
  words[base + T.pc] = exitPc;
  if (thread !== m.actor) m.woken[m.wokenCount++] = thread;
}

export function allocate(m: Machine, t: number, base: number, type: number): boolean {
  const { words } = m;
  const { bases, template } = m.program.records[type];
  for (const record of bases) {
    if (words[record] !== 0) continue;
    for (let i = 0; i < template.length; i += 2) words[record + template[i]] = template[i + 1];
    words[base + T.pointer] = refTo(record);
    words[base + T.result] = Result.success;
    return true;
  }
  hitBound(m, t, "records");
  return false;
}

/** Whether a thread runs, or will run on in, routines of this kind. */
function isInside(m: Machine, t: number, isOne: (routine: number) => boolean): boolean {
  const { words } = m;
  const base = baseOf(m, t);
  const status = words[base + T.status];
  if (status !== Status.ready && status !== Status.waiting) return false;
  for (let frame = frameOf(m, t); frame !== 0; ) {
    if (isOne(words[frame + F.routine] - 1)) return true;
    frame = words[frame + F.caller] === 0 ? 0 : base + words[frame + F.caller];
  }
  return false;
}

/** The thread to which a crash is told: of code that is gone, the first that stands where it says. */
export function crashedThread(m: Machine): number {
  const actor = threadAt(m, addressOf(m.words[H.crashThread]));
  if (m.words[H.crash] !== Crash.codeIsGone) return actor;
  const stands = m.program.threads.findIndex(
    (_, t) => t !== actor && siteAt(m, t) === m.words[H.crashSite] && isInside(m, t, () => true),
  );
  return stands < 0 ? actor : stands;
}

/** Whether the run crashed at a timer that is set, and is told at the call that set it. */
export function crashedOfTimer(m: Machine): boolean {
  const { words, program } = m;
  const site = words[H.crashSite];
  return (
    words[H.crash] !== 0 &&
    program.sites[site].does?.includes("setTimer") === true &&
    siteAt(m, crashedThread(m)) !== site
  );
}

/** What a driver object's second word says of the driver's code. */
export const codeState = { there: 0, gone: 1, goesWithLastCount: 2 } as const;

/** DriverUnload has returned: the code goes, at once or with the last work item that counts (W4). */
export function unloadModule(m: Machine, actor: number, module: number): void {
  if (m.words[module + 2] > 0) m.words[module + 1] = codeState.goesWithLastCount;
  else codeGoes(m, actor, module);
}

/** A count on this was given back. If it is a driver object that waits for that, its code goes. */
export function countGivenBack(m: Machine, actor: number, module: number): void {
  if (m.words[module + 1] === codeState.goesWithLastCount && m.words[module + 2] === 0)
    codeGoes(m, actor, module);
}

function codeGoes(m: Machine, actor: number, module: number): void {
  const { routines } = m.program;
  const first = routines.findIndex((one) => one.module === module);
  let last = first;
  while (routines[last]?.module === module) last++;
  unloadCode(m, actor, first, last, module);
}

/**
 * Whoever is inside of code that goes is lost (P10). What is queued with a reference to the driver
 * keeps it in memory (W4); whoever takes what is queued without one finds nothing there.
 */
function unloadCode(m: Machine, actor: number, first: number, last: number, module: number): void {
  const { words, program } = m;
  const setAt = setTimerOf(m, first, last);
  if (setAt >= 0) return crash(m, actor, Crash.codeIsGone, setAt);
  const goes = (routine: number): boolean =>
    routine >= first && routine < last && program.routines[routine].role !== "userThread";
  let site = Number.POSITIVE_INFINITY;
  for (let t = 0; t < program.threads.length; t++) {
    if (isInside(m, t, goes)) site = Math.min(site, siteAt(m, t));
  }
  // Of several who are inside, whoever it is stands for all: threads that are alike have no first.
  if (site !== Number.POSITIVE_INFINITY) return crash(m, actor, Crash.codeIsGone, site);
  words[module + 1] = codeState.gone;
}
