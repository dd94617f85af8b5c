/**
 * Who could end a wait, by trying: each other thread is let go past all that it waits for, as often as
 * it takes, while nobody else moves but those that it starts. It knows nothing of what code can reach.
 */
import { enabled } from "../../../src/machine/enabled.ts";
import { locate } from "../../../src/machine/frames.ts";
import { H, Result, Status, T, threadOf } from "../../../src/machine/layout.ts";
import { advance } from "../../../src/machine/local.ts";
import { baseOf, createMachine, type Machine } from "../../../src/machine/machine.ts";
import { Op, stride } from "../../../src/machine/opcodes.ts";
import { step } from "../../../src/machine/step.ts";

/** A state on the way, and the locks that the thread is only taken to have. */
interface Try {
  readonly words: Int32Array;
  readonly pretended: ReadonlySet<number>;
}

/** States that are tried for a thread, at most. */
const triesMax = 1_500;

const copyOf = (m: Machine): Machine => {
  const copy = createMachine(m.program, false);
  copy.words.set(m.words);
  return copy;
};

/** Threads that can be let go so that this one's wait ends. */
export function whoEnds(m: Machine, waiter: number): number[] {
  return m.program.threads.flatMap((_, t) =>
    t !== waiter && isThere(m, t) && !isHelper(m, t) && canEnd(m, waiter, t) ? [t] : [],
  );
}

function isThere(m: Machine, t: number): boolean {
  const status = m.words[baseOf(m, t) + T.status];
  return status === Status.ready || status === Status.waiting;
}

/** Workers, the clock, the pool's manager. */
const waitsForWork: readonly number[] = [Op.dequeue, Op.expire, Op.tick];

/** Whether it has nothing to do until somebody gives it something: it stands in no callback or item. */
function isIdle(m: Machine, t: number): boolean {
  const base = baseOf(m, t);
  if (!isThere(m, t) || m.words[base + T.items] !== 0 || m.words[base + T.roots] !== 0)
    return false;
  return waitsForWork.includes(m.program.code[m.words[base + T.pc]]);
}

const isHelper = (m: Machine, t: number): boolean =>
  isIdle(m, t) && (m.program.threads[t].owner === "Windows" || m.program.dpcThreads.includes(t));

function canEnd(m: Machine, waiter: number, thread: number): boolean {
  const live = copyOf(m);
  const started = new Set<number>([thread]);
  m.program.threads.forEach((_, t) => {
    if (isHelper(m, t)) started.add(t);
  });
  const seen = new Set<string>();
  const pending: Try[] = [{ words: m.words.slice(), pretended: new Set() }];
  for (let n = 0; n < triesMax; n++) {
    const at = pending.pop();
    if (at === undefined) return false;
    const key = `${at.words.join()} ${[...at.pretended].join()}`;
    if (seen.has(key)) continue;
    seen.add(key);
    for (const next of stepsFrom(live, at, thread, waiter, started)) {
      live.words.set(next.words);
      if (hasEnded(live, m, waiter)) return true;
      if (live.words[H.crash] === 0 && live.words[H.bound] === 0) pending.push(next);
    }
  }
  return false;
}

const hasEnded = (live: Machine, m: Machine, waiter: number): boolean => {
  const base = baseOf(m, waiter);
  return (
    live.words[base + T.status] !== m.words[base + T.status] ||
    live.words[base + T.pc] !== m.words[base + T.pc]
  );
};

function stepsFrom(
  live: Machine,
  { words, pretended }: Try,
  thread: number,
  waiter: number,
  started: ReadonlySet<number>,
): Try[] {
  const found: Try[] = [];
  const restore = (): void => live.words.set(words);
  restore();
  const base = baseOf(live, thread);
  const pc = words[base + T.pc];
  const { code } = live.program;
  const locked = code[pc] === Op.acquire || code[pc] === Op.release;
  const lock = locked ? locate(live, thread, code[pc + 2]) : -1;
  if (code[pc] === Op.release && pretended.has(lock)) {
    const left = new Set(pretended);
    left.delete(lock);
    return [{ words: skipped(live, thread, Result.success), pretended: left }];
  }
  const count = enabled(live);
  const codes = Array.from({ length: count }, (_, i) => live.codes[i]);
  const wasThere = live.program.threads.map((_, t) => isThere(live, t));
  for (const one of codes) {
    const mover = threadOf(one);
    // Who is started joins, and so does the waiter once its wait can end: then it has.
    const joins = !isThere(live, mover) || started.has(mover) || mover === waiter;
    if (!joins && wasThere[mover]) continue;
    restore();
    enabled(live);
    step(live, one, 0);
    found.push({ words: live.words.slice(), pretended });
  }
  restore();
  if (codes.some((one) => threadOf(one) === thread)) return found;
  if (code[pc] === Op.acquire) {
    const more = new Set(pretended).add(lock);
    return [...found, { words: skipped(live, thread, Result.success), pretended: more }];
  }
  const blocks =
    words[base + T.status] === Status.waiting ||
    code[pc] === Op.runDown ||
    code[pc] === Op.flushDpcs;
  if (!blocks) return found;
  for (const result of [Result.success, Result.timeout, Result.disconnected]) {
    found.push({ words: skipped(live, thread, result), pretended });
    restore();
  }
  return found;
}

/** The thread behind its instruction, with a result. */
function skipped(live: Machine, thread: number, result: number): Int32Array {
  const { words } = live;
  const base = baseOf(live, thread);
  words[base + T.status] = Status.ready;
  words.fill(0, base + T.wait, base + T.line + 1);
  words[base + T.result] = result;
  words[base + T.pc] += stride;
  live.actor = thread;
  live.wokenCount = 0;
  advance(live, thread);
  return words.slice();
}
