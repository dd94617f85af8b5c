/**
 * Who waits for what, in a given state, and who holds the locks: what the words of a state say by
 * themselves. Who could end a wait is asked in `enders.ts`.
 */
import { usOf } from "../machine/durations.ts";
import { locate } from "../machine/frames.ts";
import { addressOf, isRef, Q, Status, T, waitFlags } from "../machine/layout.ts";
import { baseOf, type Machine, siteAt, threadAt } from "../machine/machine.ts";
import { dpcsAreDone, queuedDpc } from "../machine/objects/dpc.ts";
import { hasLine, sharersMax } from "../machine/objects/shared-lock.ts";
import { AcquireMode, Op } from "../machine/opcodes.ts";
import type { Until } from "./comes-to.ts";
import { objectAt } from "./objects.ts";

export interface Waiting {
  readonly thread: number;
  readonly site: number;
  /** Addresses, one unless it waits for any or all of several. */
  readonly objects: readonly number[];
  /** Of a variable: what would end the wait. */
  readonly until?: Until;
  readonly what: "object" | "lock" | "entry" | "rundown" | "time" | "nothing";
}

/** What a thread waits for, or undefined while it can move. */
export function waitingOf(m: Machine, thread: number): Waiting | undefined {
  const { words } = m;
  const base = baseOf(m, thread);
  const status = words[base + T.status];
  if (status === Status.waiting) {
    const count = words[base + T.wait] & waitFlags.count;
    const objects = Array.from({ length: count }, (_, i) =>
      addressOf(words[base + T.waitObject + i]),
    );
    return { thread, site: siteAt(m, thread), objects, what: count === 0 ? "time" : "object" };
  }
  if (status !== Status.ready) return undefined;
  const pc = words[base + T.pc];
  const { code } = m.program;
  const op = code[pc];
  if (op === Op.flushDpcs) {
    const queue = dpcsAreDone(m) ? -1 : (m.program.dpcQueues[0] ?? -1);
    const busy = queuedDpc(m);
    const objects = [busy >= 0 ? busy : queue];
    return queue < 0 ? undefined : { thread, site: code[pc + 1], objects, what: "object" };
  }
  const at = addressing.includes(op) ? locate(m, thread, code[pc + 2]) : -1;
  if (at < 0) return undefined;
  const waits = (what: Waiting["what"]): Waiting => ({
    thread,
    site: code[pc + 1],
    objects: [at],
    what,
  });
  switch (op) {
    case Op.acquire:
      // What only tries goes on at once.
      if ((code[pc + 3] & AcquireMode.try) !== 0) return undefined;
      return words[at] !== 0 && isHeld(m, at, thread) ? waits("lock") : undefined;
    case Op.dequeue:
      return words[at + Q.count] > 0 || usOf(m.program.longUs, code[pc + 3]) === 0
        ? undefined
        : waits("entry");
    case Op.runDown:
      return words[at + 2] === 0 ? undefined : waits("rundown");
    default:
      return waits("nothing");
  }
}

/** Operations that a ready thread can stand at and wait. */
const addressing: readonly number[] = [Op.acquire, Op.dequeue, Op.runDown, Op.tick];

function isHeld(m: Machine, lock: number, thread: number): boolean {
  return m.words[baseOf(m, thread) + T.line] !== 0 || holdersOf(m, lock).length > 0;
}

/** Whether a thread is one of those that hold an owned lock. */
export function isHolder(m: Machine, lock: number, thread: number): boolean {
  const { words } = m;
  const isIt = (word: number): boolean => isRef(word) && threadAt(m, addressOf(word)) === thread;
  if (isIt(words[lock + 1])) return true;
  if (!hasLine(m, lock)) return false;
  for (let i = 0; i < sharersMax; i++) if (isIt(words[lock + 3 + 2 * i])) return true;
  return false;
}

/** Threads that hold an owned lock. */
export function holdersOf(m: Machine, lock: number): number[] {
  const { words } = m;
  const holders: number[] = [];
  const add = (word: number): void => {
    if (isRef(word)) holders.push(threadAt(m, addressOf(word)));
  };
  add(words[lock + 1]);
  if (hasLine(m, lock)) {
    for (let i = 0; i < sharersMax; i++) add(words[lock + 3 + 2 * i]);
  }
  return holders;
}

/** Kinds of what a kernel APC would bring about, and does not where it is held off. */
export const heldOff: readonly string[] = ["completion", "dialog"];

/** Whether a thread waits for I/O whose completion no kernel APC can bring (APC-4). */
export function isHeldOff(m: Machine, thread: number): boolean {
  const [object] = waitingOf(m, thread)?.objects ?? [];
  return object !== undefined && heldOff.includes(objectAt(m, object).kind);
}

/** Whether a thread that stands at a request for a lock wants to share it. */
export function asksToShare(m: Machine, thread: number): boolean {
  const pc = m.words[baseOf(m, thread) + T.pc];
  const { code } = m.program;
  return code[pc] === Op.acquire && (code[pc + 3] & AcquireMode.shared) !== 0;
}
