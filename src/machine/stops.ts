/**
 * A thread of a service stops in user mode, ahead of an operation of its own: for good, or for a
 * while. That is offered once a run, and only where the operation itself could go, so that what
 * would never have gone is not hidden by it. Once a thread has stopped for good, its process is one
 * that hangs: each other thread of it stops where it comes to its next operation.
 */
import { invariant } from "../base/invariant.ts";
import { Fore } from "./foresight.ts";
import { frameOf, pushFrame } from "./frames.ts";
import { Alternative, alternativeOf, codeOf, F, H, T, threadFlags, waysMax } from "./layout.ts";
import { baseOf, type Machine } from "./machine.ts";
import { Op } from "./opcodes.ts";

/** Whether a thread that stands at `pc` could stop there. */
export function canStop(m: Machine, base: number, pc: number): boolean {
  const { words, program } = m;
  if (program.fore[pc + Fore.stop] === 0) return false;
  return hasToStop(m, base) || (words[H.stopsLeft] > 0 && stopsMatter(m));
}

/** Who only takes longer is told apart by times alone. */
const stopsMatter = ({ timed, program: { stopping } }: Machine): boolean =>
  timed || stopping?.isForGood === true;

/** Whether its process has stopped. */
const hasToStop = ({ words }: Machine, base: number): boolean =>
  words[H.stopped] !== 0 && words[H.stopped] === words[base + T.process];

/**
 * Adds that the thread stops, behind what it can do otherwise, from the transition `first` on;
 * nothing that it can do but stop is left where it has to.
 */
export function addStop(m: Machine, t: number, base: number, pc: number, first: number): void {
  const { codes, times, words } = m;
  const told = words[base + T.flags] & threadFlags.kill;
  if (told !== 0 || !canStop(m, base, pc)) return;
  const goesOn = firstOrdinary(m, first);
  if (goesOn < 0) return;
  const timeUs = times[goesOn];
  if (hasToStop(m, base)) {
    let kept = first;
    for (let i = first; i < m.count; i++) {
      if (isOrdinary(codes[i])) continue;
      codes[kept] = codes[i];
      times[kept++] = times[i];
    }
    m.count = kept;
  }
  codes[m.count] = codeOf(t, Alternative.stop);
  times[m.count++] = timeUs;
}

/** A way of the operation itself, rather than of a wait for it to end. */
const isOrdinary = (code: number): boolean => alternativeOf(code) < waysMax;

/** A fetch that only times out is none that somebody waits for. */
function firstOrdinary({ codes, count }: Machine, first: number): number {
  for (let i = first; i < count; i++) if (isOrdinary(codes[i])) return i;
  return -1;
}

/** The thread stops where it stands. Returns whether it stays so, so that its wait begins at once. */
export function stop(m: Machine, t: number): boolean {
  const { words, program } = m;
  const base = baseOf(m, t);
  const { stopping } = program;
  invariant(stopping !== undefined, "who stops is in a world in which threads stop");
  words[H.stopsLeft] = 0;
  if (stopping.isForGood) words[H.stopped] = words[base + T.process];
  const frame = frameOf(m, t);
  const subject = frame === 0 ? 0 : words[frame + F.subject];
  if (!pushFrame(m, t, stopping.routine, words[base + T.pc], 0, subject)) return false;
  return program.code[words[base + T.pc]] === Op.wait;
}

/** The operation ahead of which a thread has stopped, by its place in the code; −1 if it has not. */
export function stoppedAt({ words, program }: Machine, thread: number): number {
  const base = program.threadFirst + thread * program.threadWords;
  const offset = words[base + T.frame];
  if (program.stopping === undefined || offset === 0) return -1;
  const isStopped = words[base + offset + F.routine] - 1 === program.stopping.routine;
  return isStopped ? words[base + offset + F.returnPc] : -1;
}
