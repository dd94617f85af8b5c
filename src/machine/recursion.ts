/**
 * Recursion on one stack: a callback that what it does raises again before it has returned (R8).
 *
 * That it stands there several times says nothing: a counter, a list or a lock may end it. It never
 * ends where one whole round has led to the next with everything the same: the frames of the round,
 * what all can see, and where the others stand. What the round made anew (processes, their threads,
 * threads of which it is still told) is left out, and so are the depths of regions and recursive locks and counts that nobody looks at,
 * which end nothing. Where something differs the run goes on, to the end of the stack or of the processes: a bound.
 *
 * Over threads nothing of the kind is claimed: each round needs a thread more, and threads of
 * pools and services end, so that the chain of waits is followed to where it ends.
 */
import { mix } from "../base/hash.ts";
import { frameOf } from "./frames.ts";
import { F, H, isRef, Mode, P, Status, T, Tag } from "./layout.ts";
import { baseOf, type Machine } from "./machine.ts";
import { sharersMax } from "./objects/shared-lock.ts";
import { Op, stride } from "./opcodes.ts";
import type { Program } from "./program.ts";

/** A callback has to stand on a stack this often before its rounds are compared. */
const roundsMin = 3;

/** What a frame's `view` is of a callback that does not stand on the stack yet. */
const noView = 0;

/**
 * To be asked where a callback is about to be entered once more. Returns the view to keep in its
 * frame, or undefined where its rounds repeat.
 */
export function viewOnEntry(m: Machine, t: number, routine: number): number | undefined {
  const { words } = m;
  const base = baseOf(m, t);
  let last = 0;
  let before = 0;
  let count = 0;
  for (let frame = frameOf(m, t); frame !== 0; frame = callerOf(words, base, frame)) {
    if (words[frame + F.routine] - 1 !== routine) continue;
    count++;
    if (count === 1) last = frame;
    else if (count === 2) before = frame;
  }
  if (count === 0) return noView;
  const view = viewOfOthers(m, t);
  if (count < roundsMin) return view;
  const isSame = words[last + F.view] === view && words[before + F.view] === view;
  return isSame && sameRounds(m, t, before, last) ? undefined : view;
}

const callerOf = (words: Int32Array, base: number, frame: number): number =>
  words[frame + F.caller] === 0 ? 0 : base + words[frame + F.caller];

/** Whether the frames from `before` up to `last` are those from `last` up, but for what they refer to. */
function sameRounds(m: Machine, t: number, before: number, last: number): boolean {
  const { words } = m;
  const base = baseOf(m, t);
  let low = callerOf(words, base, last);
  let lowEnd = last;
  let high = frameOf(m, t);
  let highEnd = base + words[base + T.top];
  for (;;) {
    if (!sameFrame(words, low, lowEnd, high, highEnd)) return false;
    if (low === before || high === last) return low === before && high === last;
    lowEnd = low;
    low = callerOf(words, base, low);
    highEnd = high;
    high = callerOf(words, base, high);
  }
}

function sameFrame(words: Int32Array, a: number, aEnd: number, b: number, bEnd: number): boolean {
  if (aEnd - a !== bEnd - b) return false;
  if (words[a + F.routine] !== words[b + F.routine]) return false;
  if (words[a + F.returnPc] !== words[b + F.returnPc]) return false;
  if (words[a + F.flags] !== words[b + F.flags]) return false;
  for (let k = F.size; k < aEnd - a; k++) {
    const one = words[a + k];
    const other = words[b + k];
    if (one !== other && !(isRef(one) && isRef(other))) return false;
  }
  return true;
}

/**
 * What all can see, and where the other threads stand, as one word that is not 0. Parts that are
 * alike count by what they are and hold, not by their place, so that a state and its renaming agree.
 */
function viewOfOthers(m: Machine, t: number): number {
  const { words, program } = m;
  const { isLeftOut, isNew } = growthOf(program);
  let view = words[H.faultsLeft];
  for (let i = 0; i < program.components.length; i++) {
    const { base, size, thread } = program.components[i];
    let end = base + size;
    if (thread >= 0) {
      const status = words[base + T.status];
      // One that is only being created does nothing before this has come back.
      const isMade = status === Status.dormant || status === Status.created;
      if (thread === t || isNew[thread] !== 0 || isMade) continue;
      end = base + Math.max(T.size, words[base + T.top]);
    }
    let h = program.likeness[i];
    for (let at = base; at < end; at++) {
      if (thread >= 0 || isLeftOut[at] === 0) h = mix(h, plain(words[at]));
    }
    view = (view + h) | 0;
  }
  // No reference, whatever it is.
  return view & viewMask || 1;
}

const viewMask = 0x3fffffff;

const plain = (word: number): number => (isRef(word) ? -1 : word);

/** Addresses of shared variables that some code looks at: what is only counted ends nothing. */
function askedOf({ code }: Program): ReadonlySet<number> {
  const asked = new Set<number>();
  for (let pc = 0; pc < code.length; pc += stride) {
    const op = code[pc];
    if (op !== Op.branchShared && op !== Op.branchLocal && op !== Op.readShared) continue;
    if (code[pc + 2] >>> 24 === Mode.global) asked.add(code[pc + 2] & 0xffffff);
  }
  return asked;
}

interface Growth {
  /** By address: 1 for words of what rounds make anew, for depths of locks, for mere counts. */
  readonly isLeftOut: Uint8Array;
  /** By thread: 1 for those of processes that a run creates. */
  readonly isNew: Uint8Array;
}

const growths = new WeakMap<Program, Growth>();

function growthOf(program: Program): Growth {
  const known = growths.get(program);
  if (known !== undefined) return known;
  const isLeftOut = new Uint8Array(program.threadFirst);
  const isNew = new Uint8Array(program.threads.length);
  for (const index of program.childSlots.flat()) {
    const { base } = program.processes[index];
    const size = program.components.find((one) => one.base === base)?.size ?? 0;
    isLeftOut.fill(1, base, base + size);
    program.threads.forEach((thread, t) => {
      if (thread.process === base) isNew[t] = 1;
    });
  }
  // How many threads a process has is asked where one leaves.
  for (const { base } of program.processes) isLeftOut[base + P.live] = 1;
  const asked = askedOf(program);
  for (const [at, { kind }] of program.objects) {
    const tag = program.initial[at];
    if (at >= program.threadFirst) continue;
    if (kind === "variable" && !asked.has(at)) isLeftOut[at] = 1;
    if (tag === Tag.mutex || tag === Tag.resource) isLeftOut[at + 2] = 1;
    if (tag === Tag.resource) {
      for (let i = 0; i < sharersMax; i++) isLeftOut[at + 4 + 2 * i] = 1;
    }
  }
  const growth = { isLeftOut, isNew };
  growths.set(program, growth);
  return growth;
}
