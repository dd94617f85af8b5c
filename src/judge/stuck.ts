/**
 * Threads that stand still for good whatever the others do, by who could end their waits alone: a
 * state of many threads that run on has too many successors to look at each.
 */
import { enabled } from "../machine/enabled.ts";
import { Status, T, Tag, threadOf, waitFlags } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { Op } from "../machine/opcodes.ts";
import { hasOperation, startedFrom } from "./comes-to.ts";
import { satisfiersOf } from "./enders.ts";
import { endingOps } from "./ending-ops.ts";
import { objectAt } from "./objects.ts";
import { type Runner, runnerOf } from "./reach.ts";
import { alive } from "./starting.ts";
import { type Waiting, waitingOf } from "./wait-for.ts";

/**
 * Threads each of which can only be let go by others of them (the greatest such set), in a machine
 * without times. Whatever may be let go by something else is not among them.
 */
export function stuckThreads(m: Machine): ReadonlySet<number> {
  const waits = new Map(
    blockedThreads(m).flatMap((waiting) =>
      mayEndByOthers(m, waiting) ? [] : [[waiting.thread, waiting] as const],
    ),
  );
  const enders = new Map(
    [...waits.values()].map((waiting) => [waiting.thread, endersOf(m, waiting)] as const),
  );
  for (let changed = true; changed; ) {
    changed = false;
    for (const [thread, others] of enders) {
      if (others?.every((t) => enders.has(t))) continue;
      enders.delete(thread);
      changed = true;
    }
  }
  return new Set(enders.keys());
}

/** Threads that can go on from here. */
export function movingThreads(m: Machine): ReadonlySet<number> {
  const moving = new Set<number>();
  const count = enabled(m);
  for (let i = 0; i < count; i++) moving.add(threadOf(m.codes[i]));
  return moving;
}

/** Who cannot move now, and whose wait neither time nor an end of his process or an alert cuts short. */
function blockedThreads(m: Machine): Waiting[] {
  const moving = movingThreads(m);
  const cuts = waitFlags.timed | waitFlags.interruptible | waitFlags.alertable;
  return alive(m).flatMap((t) => {
    if (moving.has(t)) return [];
    const base = baseOf(m, t);
    const waiting = waitingOf(m, t);
    if (waiting === undefined) return [];
    const isAsking = waiting.what === "lock" && m.program.code[m.words[base + T.pc]] === Op.acquire;
    const isWaiting =
      waiting.what === "object" &&
      m.words[base + T.status] === Status.waiting &&
      (m.words[base + T.wait] & cuts) === 0;
    return isAsking || isWaiting ? [waiting] : [];
  });
}

/** What has no owner, or who holds it says. */
const decidedByCode: readonly number[] = [
  Tag.notificationEvent,
  Tag.synchronizationEvent,
  Tag.semaphore,
];

/** Whether somebody may come who would end the wait, or what is waited for is none of the plain things. */
function mayEndByOthers(m: Machine, waiting: Waiting): boolean {
  if (waiting.what === "lock") return false;
  return waiting.objects.some((address) => {
    const tag = m.words[address];
    const { kind, key } = objectAt(m, address);
    if (tag === Tag.mutex) return false;
    if (!decidedByCode.includes(tag) || !kindsAsDeclared.has(kind)) return true;
    const ops = endingOps(m, waiting, address);
    const has = (pc: number, runner?: Runner): boolean =>
      ops.some((op) => hasOperation(m, pc, key, op, undefined, runner));
    const { routines, threads } = m.program;
    const there = new Set(alive(m));
    return threads.some(({ routine }, t) => {
      if (there.has(t)) return false;
      const { pc } = routines[routine];
      const runner = runnerOf(m.program, t);
      return (
        has(pc, runner) || startedFrom(m.program, pc, runner).some((one) => has(routines[one].pc))
      );
    });
  });
}

const kindsAsDeclared: ReadonlySet<string> = new Set([
  "NotificationEvent",
  "SynchronizationEvent",
  "KSEMAPHORE",
]);

/** Threads that could end the wait; undefined where something else could. */
function endersOf(m: Machine, waiting: Waiting): readonly number[] | undefined {
  const enders = waiting.objects.flatMap((address) => satisfiersOf(m, waiting, address));
  const threads = enders.flatMap((one) => (one.kind === "thread" ? [one.thread] : []));
  return threads.length === enders.length ? threads : undefined;
}
