/** Who will stop behind a hang, too: entries to drivers that ask for a lock which is kept for good. */
import { refTo, T } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { AcquireMode, Op, stride } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";
import type { Stop } from "./finding.ts";
import { heldLocks } from "./held-locks.ts";
import type { Names } from "./instances.ts";
import { objectAt } from "./objects.ts";
import { givesBackInRounds } from "./poll.ts";
import { comesBackTo, operandKey, reachableItself, routineAt, successors } from "./reach.ts";
import { asksToShare } from "./wait-for.ts";
import { waitedObject } from "./waits.ts";

/**
 * The first request for a kept lock in each callback and request routine of a driver.
 * @param program Of the drivers as their author has them, which can be more than the run has.
 */
export function stopsBehind(
  m: Machine,
  threads: readonly number[],
  names: Names,
  program = m.program,
): Stop[] {
  const kept = threads.flatMap((thread) =>
    [...heldLocks(m, thread)]
      .filter(({ address }) => !givesBackInRounds(m, thread, address))
      .map(({ address }) => address),
  );
  const stops: Stop[] = [];
  for (const { name, role, pc } of program.routines) {
    if (role !== "callback" && role !== "request") continue;
    if (role === "callback" && !isRegistered(m, name, program)) continue;
    const first = [...new Set(kept)]
      .flatMap((address) =>
        requestsOf(m, program, pc, address).map((request) => ({ address, ...request })),
      )
      .sort((one, other) => one.pc - other.pc)
      .at(0);
    if (first === undefined) continue;
    const { at } = program.sites[program.code[first.pc + 1]];
    stops.push({
      routine: name,
      role,
      ...(at === undefined ? {} : { at }),
      what: waitedObject(m, first.address, names),
      ...(first.polls ? { polls: true } : {}),
    });
  }
  return stops;
}

/** The places where a routine itself asks for a lock and gets no further while that is kept as it is. */
function requestsOf(
  m: Machine,
  program: Program,
  pc: number,
  lock: number,
): { readonly pc: number; readonly polls: boolean }[] {
  // What lies elsewhere goes by places that each program has for itself.
  if (program !== m.program && !m.program.objects.has(lock)) return [];
  const { key } = objectAt(m, lock);
  const lets = letsShare(m, lock) ? AcquireMode.shared : 0;
  return reachableItself(program, pc).flatMap((at) => {
    if (program.code[at] !== Op.acquire) return [];
    const mode = program.code[at + 3];
    const polls = (mode & AcquireMode.try) !== 0;
    if ((mode & lets) !== 0 || (polls && !asksForEver(program, at))) return [];
    const named = operandKey(program, routineAt(program, at), program.code[at + 2]);
    return named === key ? [{ pc: at, polls }] : [];
  });
}

/** Whether the loop around what only tries is left by nothing but that it comes off. */
function asksForEver(program: Program, at: number): boolean {
  const { code } = program;
  const loop = comesBackTo(program, at);
  if (loop.length === 0) return false;
  const saved = at + stride;
  const isOfResult = (pc: number): boolean =>
    code[pc] === Op.branchResult ||
    (code[pc] === Op.branchLocal &&
      code[saved] === Op.saveResult &&
      code[pc + 2] === code[saved + 2]);
  return loop.every((pc) => {
    const leaves = successors(program, pc, () => {}).some((to) => !loop.includes(to));
    return !leaves || isOfResult(pc);
  });
}

/**
 * Of a lock that is held: whether others can share it. Who shares it lets them, unless somebody waits
 * to have it alone (SY-11, SY-15).
 */
export const letsShare = (m: Machine, lock: number): boolean =>
  m.words[lock + 1] === 0 && !isWantedAlone(m, lock);

const isWantedAlone = (m: Machine, lock: number): boolean =>
  m.program.threads.some((_, t) => {
    const base = baseOf(m, t);
    const waits = m.words[base + T.line] > 0 && m.words[base + T.waitObject] === refTo(lock);
    return waits && !asksToShare(m, t);
  });

/** Whether events still come to a callback: it is registered, and not being removed. */
function isRegistered({ program, words }: Machine, name: string, whole: Program): boolean {
  for (const [address, { routine }] of program.registrations) {
    if (program.routines[routine].name === name) return words[address + 1] === 0;
  }
  // What the run does without is as the driver's start leaves it.
  return [...whole.registrations.values()].some(
    ({ routine }) => whole.routines[routine].name === name,
  );
}
