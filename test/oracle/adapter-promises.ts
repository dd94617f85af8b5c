/**
 * What the code under test promises of its own state: that freed words are zero, so that states which mean
 * the same are the same words; and that each place in the text of Windows is one of one routine.
 */
import {
  apcFlags,
  E,
  H,
  P,
  processState,
  Q,
  Status,
  T,
  threadFlags,
  toldNever,
  waitFlags,
  waitObjectsMax,
} from "../../src/machine/layout.ts";
import type { Machine } from "../../src/machine/machine.ts";
import { stride } from "../../src/machine/opcodes.ts";
import type { Program } from "../../src/machine/program.ts";
import { brokenObjects } from "./promised-objects.ts";

const isZero = ({ words, clocks }: Machine, from: number, to: number): boolean => {
  for (let at = from; at < to; at++) if (words[at] !== 0 || clocks[at] !== 0) return false;
  return true;
};

function brokenOfThread(m: Machine, base: number): string | undefined {
  const { words, clocks, program } = m;
  const status = words[base + T.status];
  if (status === Status.dormant && words[base + T.apcRoutine] !== 0) return undefined;
  const top = base + Math.max(T.size, words[base + T.top]);
  if (!isZero(m, top, base + program.threadWords)) return "behind a thread's top";
  const wait = words[base + T.wait];
  const isWaiting = status === Status.waiting;
  if (!isWaiting && (wait !== 0 || clocks[base + T.wait] !== 0)) return "a wait that is over";
  const count = isWaiting ? wait & waitFlags.count : Math.min(1, words[base + T.line]);
  if (!isZero(m, base + T.waitObject + count, base + T.waitObject + waitObjectsMax))
    return "what nobody waits for";
  if (words[base + T.apcRoutine] === 0 && words[base + T.apcFrame] !== 0)
    return "an APC that nobody has";
  if (status === Status.ended && words.subarray(base + 1, base + T.size).some((word) => word !== 0))
    return "a thread that has ended";
  return brokenCounts(m, base);
}

/** Counts that are never below 0. */
const counts: readonly number[] = [
  T.critical,
  T.guarded,
  T.roots,
  T.items,
  T.locks,
  T.line,
  T.request,
];

function brokenCounts({ words, clocks }: Machine, base: number): string | undefined {
  if (counts.some((at) => words[base + at] < 0)) return "less than none";
  if (words[base + T.items] === 0 && clocks[base + T.items] !== 0)
    return "since when no item is open";
  const flags = words[base + T.flags];
  if ((flags & threadFlags.kill) === 0 && clocks[base + T.flags] !== 0)
    return "when nobody was told";
  if (
    words[base + T.entryRoutine] === 0 &&
    (words[base + T.entryFrame] !== 0 || words[base + T.entryContext] !== 0)
  )
    return "what came along with no entry";
  const inApc = (words[base + T.apcFlags] & apcFlags.active) !== 0;
  if (!inApc && (words[base + T.savedResult] !== 0 || words[base + T.savedPointer] !== 0))
    return "what an APC that is over has kept";
  return undefined;
}

/** Where something is left of what is gone. */
export function leftIn(m: Machine): string | undefined {
  const { words, program } = m;
  for (const base of program.threadBase) {
    const found = brokenOfThread(m, base);
    if (found !== undefined) return found;
  }
  // Its work is never done.
  const hasEnded = program.threads.some(
    ({ routine }, t) =>
      program.routines[routine].role === "poolManager" &&
      words[program.threadBase[t]] === Status.ended,
  );
  if (hasEnded) return "a queue without its manager";
  for (const queue of program.queues) {
    const end = queue + Q.entries + words[queue + Q.capacity] * E.size;
    if (!isZero(m, queue + Q.entries + words[queue + Q.count] * E.size, end))
      return "behind a queue's last entry";
  }
  for (const { bases, words: size } of program.records)
    for (const at of bases)
      if (words[at] === 0 && !isZero(m, at, at + size)) return "a record that is free";
  for (const { base } of program.processes)
    if (words[base + P.state] === processState.dead && words[base + P.live] !== 0)
      return "threads of a process that is dead";
  for (const { base } of program.processes)
    if (words[base + P.live] < 0) return "less than no thread of a process";
  if (words[H.faultsLeft] < 0 || words[H.stopsLeft] < 0) return "less than no fault, or stop";
  return brokenObjects(m);
}

/** Places of Windows' that code of two routines has. */
export function sharedPlaces({ code, sites, routines }: Program): string[] {
  const begins = routines
    .map(({ pc }, routine) => ({ pc, routine }))
    .filter(({ pc }) => pc > 0)
    .sort((one, other) => one.pc - other.pc);
  const routineOf = new Map<number, number>();
  const found = new Set<string>();
  let next = 0;
  for (let pc = 0; pc < code.length; pc += stride) {
    while (next < begins.length && begins[next].pc <= pc) next++;
    const routine = begins[next - 1]?.routine ?? -1;
    const site = code[pc + 1];
    const known = routineOf.get(site) ?? routine;
    if (known !== routine) found.add(`a place of two routines: ${sites[site].opId}`);
    routineOf.set(site, routine);
  }
  return [...found];
}

/** Threads that run a service's code, and are not said to be a service's; or the other way round. */
export function strangers({ threads, processes, initial }: Program): string[] {
  // Nobody ends System, which has a role, too.
  const services = processes.filter(
    ({ base }) => initial[base + P.role] > 0 && initial[base + P.told] !== toldNever,
  );
  return threads
    .filter(({ isService, process }) => isService !== services.some(({ base }) => base === process))
    .map(({ name }) => `whose thread ${name} is`);
}

/** Where nothing may be left to do: no service has handles, and callbacks of the thread come in between. */
const empty: readonly string[] = ["PspExitThread close", "NtCreateUserProcess ready"];

/** Places of Windows' that no code has. */
export function idlePlaces({ code, sites }: Program): string[] {
  const used = new Set<number>();
  for (let pc = 0; pc < code.length; pc += stride) used.add(code[pc + 1]);
  return sites
    .filter(({ owner, opId }, i) => owner === "Windows" && !used.has(i) && !empty.includes(opId))
    .map(({ opId }) => `a place without code: ${opId}`);
}
