/** Threads that look again and again: waits that time out and that control comes back to. */
import { compare } from "../machine/compare.ts";
import { locate } from "../machine/frames.ts";
import { F, Mode, Q, T } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { Op } from "../machine/opcodes.ts";
import { calledFrom, type Look, lookOf, loopFrom, timeoutOf } from "./loops.ts";
import { framesOf, objectAt } from "./objects.ts";
import { canReturn, comesBackTo, operandKey, routineAt } from "./reach.ts";
import type { Waiting } from "./wait-for.ts";

/** A wait; with `polls`, one that is made again and again, by the instruction at `pc` if not now. */
export type Polling = Waiting & { readonly polls?: boolean; readonly pc?: number };

/**
 * Of a thread that moves without getting anywhere: what it looks at in the loop that it is in, or
 * comes to first.
 */
export function pollOf(m: Machine, thread: number): Polling | undefined {
  const { program, words } = m;
  let pc = words[baseOf(m, thread) + T.pc];
  const levels = [...framesOf(m, thread), 0];
  for (const [level, frame] of levels.entries()) {
    if (pc <= 0) break;
    const found = lookIn(m, thread, loopFrom(program, pc), level === 0);
    if (found !== undefined) return found;
    if (frame === 0 || !canReturn(program, pc)) break;
    pc = words[frame + F.returnPc];
  }
  return undefined;
}

/** Whether a thread is inside a loop: of the routine that it is in, or of one that called it. */
export function goesRound(m: Machine, thread: number): boolean {
  const { program, words } = m;
  let pc = words[baseOf(m, thread) + T.pc];
  for (const frame of framesOf(m, thread)) {
    if (pc > 0 && comesBackTo(program, pc).length > 0) return true;
    pc = words[frame + F.returnPc];
  }
  return false;
}

/** Whether a thread that goes round and round gives a lock back in each round. */
export function givesBackInRounds(m: Machine, thread: number, lock: number): boolean {
  const { program } = m;
  const look = pollOf(m, thread);
  if (look?.pc === undefined) return false;
  const { key } = objectAt(m, lock);
  return comesBackTo(program, look.pc).some(
    (at) =>
      program.code[at] === Op.release &&
      operandKey(program, routineAt(program, at), program.code[at + 2]) === key,
  );
}

/** Kinds of looks, the most telling first: tests, waits or looks into a queue, tries for a lock. */
const telling: readonly (readonly Look["kind"][])[] = [["test"], ["wait", "queue"], ["try"]];

function lookIn(
  m: Machine,
  thread: number,
  loop: readonly number[],
  isRunning: boolean,
): Polling | undefined {
  for (const kinds of telling) {
    const looks = loop.flatMap((at) => lookAt(m, thread, at, kinds, isRunning) ?? []);
    if (kinds.includes("test"))
      looks.push(...loop.flatMap((at) => askAt(m, thread, at, loop) ?? []));
    // A test that would let it out by now is not what keeps it.
    const found = looks.find((look) => !isOver(m, look)) ?? looks[0];
    if (found !== undefined) return found;
  }
  return lookOfCallees(m, thread, loop);
}

/** Looks that routines take which the loop calls: what they come back with decides there. */
function lookOfCallees(m: Machine, thread: number, loop: readonly number[]): Polling | undefined {
  const called = calledFrom(m.program, loop);
  for (const kinds of telling) {
    for (const at of called) {
      const look = lookAt(m, thread, at, kinds, false);
      if (look !== undefined) return look;
    }
  }
  return undefined;
}

function isOver({ words }: Machine, { objects: [address], until }: Polling): boolean {
  return until !== undefined && compare(words[address], until.op, until.value) === until.isMet;
}

/** Kinds of objects that nobody signals: those of a completion or a dialog that is held off (APC-4, APC-7). */
const neverComes: ReadonlySet<string> = new Set(["completion", "dialog"]);

/** What an instruction of the loop looks at. Of outer frames, only what all can reach. */
function lookAt(
  m: Machine,
  thread: number,
  at: number,
  kinds: readonly Look["kind"][],
  isRunning: boolean,
): Polling | undefined {
  const { code } = m.program;
  const op = code[at];
  const look = lookOf(m.program, at, []);
  if (look === undefined || !kinds.includes(look.kind)) return undefined;
  const mode = code[at + 2] >>> 24;
  // A thread of the system's that serves a queue comes back for what is put there.
  const isServing = op === Op.dequeue && (timeoutOf(m.program, at) ?? 0) <= 0;
  if (isServing && !m.program.sites[code[at + 1]].users) return undefined;
  if (mode === Mode.pointer || mode === Mode.none || (mode !== Mode.global && !isRunning))
    return undefined;
  const address = locate(m, thread, code[at + 2]);
  if (address <= 0 || (op === Op.dequeue && m.words[address + Q.count] > 0)) return undefined;
  // Who had come to wait for what never comes would not go round any more.
  if (neverComes.has(m.program.objects.get(address)?.kind ?? "")) return undefined;
  const { until } = look;
  // Of a loop's own tests, only those that can end it.
  if (look.kind === "test" && until === undefined && comesBackTo(m.program, at).length > 0)
    return undefined;
  return {
    thread,
    site: code[at + 1],
    objects: [address],
    ...(until === undefined ? {} : { until }),
    what: whatOf[op] ?? "object",
    polls: true,
    pc: at,
  };
}

/**
 * A call of the loop that hands back a number on which the way out depends: the value of a variable
 * from before it changed (`InterlockedExchange`), or behind that, or the state of an event.
 */
function askAt(
  m: Machine,
  thread: number,
  at: number,
  loop: readonly number[],
): Polling | undefined {
  const { code } = m.program;
  const look = code[at + 2] >>> 24 === Mode.global ? lookOf(m.program, at, loop) : undefined;
  if (look?.kind !== "ask") return undefined;
  const objects = [code[at + 2] & 0xffffff];
  const { until } = look;
  return {
    thread,
    site: code[at + 1],
    objects,
    polls: true,
    pc: at,
    what: "object",
    ...(until === undefined ? {} : { until }),
  };
}

const whatOf: Readonly<Record<number, Waiting["what"]>> = {
  [Op.dequeue]: "entry",
  [Op.acquire]: "lock",
};
