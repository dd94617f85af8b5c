/** What the code under test promises of its objects: that none is in a state in which no object of the kind can be. */
import { E, Q, refTo, T, Tag } from "../../src/machine/layout.ts";
import type { Machine } from "../../src/machine/machine.ts";
import { sharersMax } from "../../src/machine/objects/shared-lock.ts";

/** Kinds with an owner, and a depth or an IRQL that is 0 where there is none. */
const owned: readonly number[] = [
  Tag.fastMutex,
  Tag.guardedMutex,
  Tag.spinLock,
  Tag.waitLock,
  Tag.criticalSection,
  Tag.mutex,
];
const inLine: readonly number[] = [Tag.resource, Tag.pushLock, Tag.sharedSpinLock];

/** Sharers stand one behind the other, each once but of locks that are not recursive, and have a depth. */
function brokenSharers({ words }: Machine, lock: number): string | undefined {
  if (words[lock + 1] === 0 && words[lock + 2] !== 0) return "the depth of nobody";
  let isEnd = false;
  for (let i = 0; i < sharersMax; i++) {
    const [who, depth] = [words[lock + 3 + 2 * i], words[lock + 4 + 2 * i]];
    if (who === 0 && depth !== 0) return "the depth of no sharer";
    if (who !== 0 && (isEnd || depth <= 0)) return "a gap between sharers";
    if (who === 0) isEnd = true;
  }
  return undefined;
}

/** Those who stand in line for a lock have places from 1 on, each one of its own. */
function brokenLine({ words, program }: Machine, lock: number): string | undefined {
  const places = [...program.threadBase]
    .filter((base) => words[base + T.line] !== 0 && words[base + T.waitObject] === refTo(lock))
    .map((base) => words[base + T.line])
    .sort((a, b) => a - b);
  return places.some((place, i) => place !== i + 1) ? "a gap in a line" : undefined;
}

function brokenObject(m: Machine, at: number): string | undefined {
  const { words } = m;
  const tag = words[at];
  if (owned.includes(tag) && words[at + 1] === 0 && words[at + 2] !== 0) return "a depth of nobody";
  if (inLine.includes(tag)) return brokenSharers(m, at) ?? brokenLine(m, at);
  if (tag === Tag.rundown && words[at + 2] < 0) return "less than no protection";
  return undefined;
}

/** Timers that are set stand in the order of the calls that set them, and are no items. */
function brokenTimers({ words, program: { timers } }: Machine): string | undefined {
  if (timers === 0) return undefined;
  const entries = Array.from(
    { length: words[timers + Q.count] },
    (_, i) => timers + Q.entries + i * E.size,
  );
  if (entries.some((at) => words[at + E.routine] !== 0 || words[at + E.context] !== 0))
    return "a timer that is an item";
  return entries.some((at, i) => i > 0 && words[at + E.item] < words[entries[i - 1] + E.item])
    ? "timers that stand in no order"
    : undefined;
}

/** Of these the first word is what they hold, and no tag. */
const holdsWord = (kind: string): boolean => ["variable", "pointer", "PETHREAD"].includes(kind);

export function brokenObjects(m: Machine): string | undefined {
  const { objects, processes, processObjects } = m.program;
  for (const [at, { kind }] of objects) {
    if (holdsWord(kind)) continue;
    const found = brokenObject(m, at);
    if (found !== undefined) return found;
  }
  for (const { base } of processes) {
    for (const [offset, { kind }] of processObjects) {
      if (holdsWord(kind)) continue;
      const found = brokenObject(m, base + offset);
      if (found !== undefined) return found;
    }
  }
  return brokenTimers(m);
}
