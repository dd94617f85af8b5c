/** Who will stop behind a hang, too: entries to drivers that ask for a lock which is kept for good. */
import { refTo, T } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { AcquireMode, Op } from "../machine/opcodes.ts";
import type { Stop } from "./finding.ts";
import { heldLocks } from "./held-locks.ts";
import type { Names } from "./instances.ts";
import { objectAt } from "./objects.ts";
import { givesBackInRounds } from "./poll.ts";
import { operandKey, reachable, routineAt } from "./reach.ts";
import { asksToShare } from "./wait-for.ts";
import { waitedObject } from "./waits.ts";

/** The first request for a kept lock in each callback and request routine of a driver. */
export function stopsBehind(m: Machine, threads: readonly number[], names: Names): Stop[] {
  const { program } = m;
  const kept = threads.flatMap((thread) =>
    [...heldLocks(m, thread)]
      .filter(({ address }) => !givesBackInRounds(m, thread, address))
      .map(({ address }) => address),
  );
  const stops: Stop[] = [];
  for (const { name, role, pc } of program.routines) {
    if (role !== "callback" && role !== "request") continue;
    if (role === "callback" && !isRegistered(m, name)) continue;
    for (const address of new Set(kept)) {
      const site = requestOf(m, pc, address);
      if (site < 0) continue;
      const { at } = program.sites[site];
      const what = waitedObject(m, address, names);
      stops.push({ routine: name, role, ...(at === undefined ? {} : { at }), what });
      break;
    }
  }
  return stops;
}

/** The place of a request that has to wait while the lock is kept as it is, −1 if none. */
function requestOf(m: Machine, pc: number, lock: number): number {
  const { program, words } = m;
  const { key } = objectAt(m, lock);
  // Who shares a lock lets others share it, unless somebody waits to have it alone (SY-11, SY-15).
  const lets = words[lock + 1] === 0 && !isWantedAlone(m, lock) ? AcquireMode.shared : 0;
  const asks = reachable(program, pc).find((at) => {
    if (program.code[at] !== Op.acquire) return false;
    const mode = program.code[at + 3];
    if ((mode & (AcquireMode.try | lets)) !== 0) return false;
    return operandKey(program, routineAt(program, at), program.code[at + 2]) === key;
  });
  return asks === undefined ? -1 : program.code[asks + 1];
}

const isWantedAlone = (m: Machine, lock: number): boolean =>
  m.program.threads.some((_, t) => {
    const base = baseOf(m, t);
    const waits = m.words[base + T.line] > 0 && m.words[base + T.waitObject] === refTo(lock);
    return waits && !asksToShare(m, t);
  });

/** Whether events still come to a callback: it is registered, and not being removed. */
function isRegistered({ program, words }: Machine, name: string): boolean {
  for (const [address, { routine }] of program.registrations) {
    if (program.routines[routine].name === name) return words[address + 1] === 0;
  }
  return false;
}
