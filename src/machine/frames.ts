/** Frames, the references into them, and what a reference to a gone one means. */
import { type BoundName, boundNumber, bounds } from "../base/bounds.ts";
import {
  addressOf,
  attachedShift,
  Crash,
  F,
  frameFlags,
  H,
  isRef,
  Mode,
  P,
  refTo,
  Status,
  stale,
  T,
  waitObjectsMax,
} from "./layout.ts";
import { baseOf, Event, emit, type Machine, siteAt, threadAt } from "./machine.ts";

/** What is left of a reference to a counted record that was freed. */
export const staleRecord = stale + 1;

export function crash(m: Machine, thread: number, code: number, site = siteAt(m, thread)): void {
  if (m.words[H.crash] !== 0) return;
  m.words[H.crash] = code;
  m.words[H.crashThread] = refTo(baseOf(m, thread));
  m.words[H.crashSite] = site;
  emit(m, Event.crash, thread, site, code);
}

export function hitBound(m: Machine, thread: number, name: BoundName): void {
  m.words[H.bound] = boundNumber(name);
  emit(m, Event.bound, thread, siteAt(m, thread));
}

/** Counts a number up or down; one that a word would take for a reference is beyond the model. */
export function addNumber(m: Machine, thread: number, address: number, by: number): boolean {
  const sum = m.words[address] + by;
  if (Math.abs(sum) > bounds.numbers.max) {
    hitBound(m, thread, "numbers");
    return false;
  }
  m.words[address] = sum;
  return true;
}

/** Address of the running frame, 0 if the thread has none. */
export function frameOf(m: Machine, thread: number): number {
  const base = baseOf(m, thread);
  const offset = m.words[base + T.frame];
  return offset === 0 ? 0 : base + offset;
}

/** The innermost frame of a routine of this role on the thread's stack, 0 for none. */
export function frameOfRole(m: Machine, thread: number, role: string): number {
  const { words, program } = m;
  const base = baseOf(m, thread);
  let frame = frameOf(m, thread);
  while (frame !== 0 && program.routines[words[frame + F.routine] - 1].role !== role) {
    const caller = words[frame + F.caller];
    frame = caller === 0 ? 0 : base + caller;
  }
  return frame;
}

/** A thread's IRQL and region counts, how often it is attached, and its locks, in one word. */
export const levelsOf = ({ words }: Machine, base: number): number =>
  words[base + T.irql] |
  (words[base + T.critical] << 4) |
  (words[base + T.guarded] << 12) |
  ((words[base + T.flags] >> attachedShift) << 18) |
  (words[base + T.locks] << 23);

/** The IRQL in a word of `levelsOf`. */
export const irqlOf = (levels: number): number => levels & 15;
/** The locks in it, KMUTEXes not counted. */
export const locksIn = (levels: number): number => levels >>> 23;

export function pushFrame(
  m: Machine,
  thread: number,
  routine: number,
  returnPc: number,
  captured: number,
  subject: number,
): boolean {
  const { words } = m;
  const base = baseOf(m, thread);
  const code = m.program.routines[routine];
  const offset = words[base + T.top];
  if (offset + code.frameWords > m.program.threadWords) {
    hitBound(m, thread, "nesting");
    return false;
  }
  const frame = base + offset;
  words[frame + F.routine] = routine + 1;
  words[frame + F.returnPc] = returnPc;
  words[frame + F.caller] = words[base + T.frame];
  words[frame + F.captured] = captured;
  words[frame + F.subject] = subject;
  // Handed down the stack with the subject.
  const caller = words[base + T.frame] === 0 ? 0 : base + words[base + T.frame];
  if (caller !== 0 && words[caller + F.subject] === subject) {
    words[frame + F.thread] = words[caller + F.thread];
  }
  words[frame + F.cause] = words[base + T.cause];
  words[frame + F.entry] = levelsOf(m, base);
  const { template } = code;
  for (let i = 0; i < template.length; i += 2) words[frame + template[i]] = template[i + 1];
  words[base + T.frame] = offset;
  words[base + T.top] = offset + code.frameWords;
  words[base + T.pc] = code.pc;
  return true;
}

/** Pops the running frame and frees what it held. References to it that got out turn stale. */
export function popFrame(m: Machine, thread: number): void {
  const { words, clocks } = m;
  const base = baseOf(m, thread);
  const frame = base + words[base + T.frame];
  const top = base + words[base + T.top];
  words[base + T.pc] = words[frame + F.returnPc];
  words[base + T.frame] = words[frame + F.caller];
  words[base + T.top] = frame - base;
  const escaped = (words[frame + F.flags] & frameFlags.escaped) !== 0;
  // Whom its event was about went along by value with what captured it.
  const about = words[frame + F.thread] || words[frame + F.subject] || stale;
  // Frames are small: a loop is faster than two calls.
  for (let at = frame; at < top; at++) {
    words[at] = 0;
    clocks[at] = 0;
  }
  if (escaped) invalidate(m, thread, frame, top, stale, about);
}

/**
 * Turns every reference into [from, to) stale, and those to `from` itself into what they lead to now.
 * A thread that waits there has been pulled down.
 */
export function invalidate(
  m: Machine,
  thread: number,
  from: number,
  to: number,
  mark: number,
  first = mark,
): void {
  const { words } = m;
  const { threadFirst, threadWords } = m.program;
  replaceReferences(words, H.size, threadFirst, refTo(from), to - from, first, mark);
  for (let base = threadFirst; base < words.length; base += threadWords) {
    // Behind a thread's top there is nothing.
    const end = base + Math.max(T.size, words[base + T.top]);
    replaceReferences(words, base, end, refTo(from), to - from, first, mark);
  }
  for (let base = threadFirst; base < words.length; base += threadWords) {
    if (words[base + T.status] !== Status.waiting) continue;
    for (let k = 0; k < waitObjectsMax; k++) {
      if (words[base + T.waitObject + k] === mark) {
        crash(m, thread, mark === staleRecord ? Crash.useAfterFree : Crash.useAfterReturn);
      }
    }
  }
}

/** In words [from, to): puts `first` in the place of the reference `low`, `mark` in that of the next ones. */
function replaceReferences(
  words: Int32Array,
  from: number,
  to: number,
  low: number,
  size: number,
  first: number,
  mark: number,
): void {
  for (let i = from; i < to; i++) {
    const beyond = (words[i] - low) >>> 0;
    if (beyond < size) words[i] = beyond === 0 ? first : mark;
  }
}

/** Notes that a reference into the frame has got out. */
export function markEscaped(m: Machine, frame: number): void {
  m.words[frame + F.flags] |= frameFlags.escaped;
}

/**
 * Whether a captured reference leads to a frame that is there. One whose frame has ended leads to the
 * process or the thread that the frame's event was about, or is stale where it had none.
 */
export function isFrame({ program }: Machine, reference: number): boolean {
  const offset = addressOf(reference) - program.threadFirst;
  return isRef(reference) && offset >= 0 && offset % program.threadWords >= T.size;
}

/** Gives the running frame the subject that came along with a captured reference, if one did. */
export function takeSubject(m: Machine, thread: number, captured: number): void {
  const { words, program } = m;
  if (captured === 0 || captured === stale) return;
  const frame = frameOf(m, thread);
  const from = addressOf(captured);
  if (isFrame(m, captured)) {
    words[frame + F.subject] = words[from + F.subject];
    words[frame + F.thread] = words[from + F.thread];
  } else if (from < program.threadFirst) {
    words[frame + F.subject] = captured;
    words[frame + F.thread] = 0;
  } else {
    // One that has ended, or has not begun, is of the process that it is made for.
    words[frame + F.subject] =
      words[from + T.process] || refTo(program.threads[threadAt(m, from)].process);
    words[frame + F.thread] = captured;
  }
}

/**
 * What is captured where code hands a routine over that was declared around it: the frame so many
 * captures out, its own at 1, nothing at 0. It lives as long as its own activation, so what is left
 * of one that is gone is handed on as that: only a use of it is a crash.
 */
export function captureFrame(m: Machine, thread: number, captures: number): number {
  let frame = frameOf(m, thread);
  if (captures === 0 || frame === 0) return 0;
  for (let i = 1; i < captures; i++) {
    const reference = m.words[frame + F.captured];
    if (!isFrame(m, reference)) return reference;
    frame = addressOf(reference);
  }
  markEscaped(m, frame);
  return refTo(frame);
}

/** The frame that this thread's captured reference leads to, or a crash's code, below 0. */
function locateCaptured(m: Machine, thread: number, hops: number): number {
  let frame = frameOf(m, thread);
  for (let i = 0; i < hops; i++) {
    const reference = m.words[frame + F.captured];
    if (!isFrame(m, reference)) return -Crash.useAfterReturn;
    frame = addressOf(reference);
  }
  return frame;
}

/** The address that an operand means for this thread, which uses it: −1 after a crash. */
export function resolve(m: Machine, thread: number, operandWord: number): number {
  return orCrash(m, thread, locate(m, thread, operandWord));
}

function orCrash(m: Machine, thread: number, at: number): number {
  if (at >= 0) return at;
  crash(m, thread, -at);
  return -1;
}

/** The address that an operand means for this thread, or the code of the crash that using it is, below 0. */
export function locate(m: Machine, thread: number, operandWord: number): number {
  const mode = operandWord >>> 24;
  const offset = operandWord & 0xffffff;
  const { words } = m;
  switch (mode) {
    case Mode.global:
      return offset;
    case Mode.local:
      return frameOf(m, thread) + offset;
    case Mode.current:
      return addressOf(words[baseOf(m, thread) + T.process]) + offset;
    case Mode.subject:
      // Outside of any event the subject is the process that runs.
      return follow(
        words[frameOf(m, thread) + F.subject] || words[baseOf(m, thread) + T.process],
        offset,
      );
    case Mode.parent: {
      const subject = follow(words[frameOf(m, thread) + F.subject], 0);
      if (subject < 0) return subject;
      const parent = words[subject + P.parent];
      // Nobody of the run created it: it has a parent outside, which never ends.
      return parent === 0 ? m.program.outsideProcess : follow(parent, offset);
    }
    case Mode.pointer:
      return follow(words[baseOf(m, thread) + T.pointer], offset);
    case Mode.currentThread:
      return baseOf(m, thread);
    case Mode.subjectThread: {
      const frame = frameOf(m, thread);
      if (words[frame + F.thread] !== 0) return follow(words[frame + F.thread], 0);
      const process = words[frame + F.subject] || words[baseOf(m, thread) + T.process];
      const subject = follow(process, 0);
      return subject < 0 ? subject : follow(words[subject + P.initialThread], 0);
    }
    default: {
      const frame = locateCaptured(m, thread, mode - Mode.captured + 1);
      return frame < 0 ? frame : frame + offset;
    }
  }
}

function follow(reference: number, offset: number): number {
  if (reference === stale) return -Crash.useAfterReturn;
  if (reference === staleRecord) return -Crash.useAfterFree;
  return isRef(reference) ? addressOf(reference) + offset : -Crash.nullPointer;
}

/** Whether the thread is inside an invocation of the callback that this registration names. */
export function insideCallback(m: Machine, t: number, registration: number): boolean {
  const routine = m.program.registrations.get(registration)?.routine ?? -1;
  const base = baseOf(m, t);
  for (let frame = frameOf(m, t); frame !== 0; ) {
    if (m.words[frame + F.routine] - 1 === routine) return true;
    frame = m.words[frame + F.caller] === 0 ? 0 : base + m.words[frame + F.caller];
  }
  return false;
}
