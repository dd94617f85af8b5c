/** Sets of threads, one for each state of a graph: bits in as many words as the program's threads take. */

export interface ThreadSets {
  /** Words of one set. */
  readonly width: number;
  words: Int32Array;
}

export const createThreadSets = (threads: number, states = 64): ThreadSets => {
  const width = Math.max(1, Math.ceil(threads / 32));
  return { width, words: new Int32Array(width * states) };
};

export const hasThread = ({ words, width }: ThreadSets, state: number, thread: number): boolean =>
  (words[state * width + (thread >> 5)] & (1 << (thread & 31))) !== 0;

/** Adds a thread to the set of a state that there is room for. */
export function addThread({ words, width }: ThreadSets, state: number, thread: number): void {
  words[state * width + (thread >> 5)] |= 1 << (thread & 31);
}

export function addAllThreads({ words, width }: ThreadSets, state: number): void {
  words.fill(-1, state * width, (state + 1) * width);
}

/** Makes room for the set of a state. */
export function makeRoomFor(sets: ThreadSets, state: number): void {
  const needed = (state + 1) * sets.width;
  if (needed <= sets.words.length) return;
  const bigger = new Int32Array(Math.max(needed, sets.words.length * 2));
  bigger.set(sets.words);
  sets.words = bigger;
}

/** Whether some state below `states` has a thread in `one` that is not in `other`. */
export function hasMore(one: ThreadSets, other: ThreadSets, states: number): boolean {
  const end = states * one.width;
  for (let i = 0; i < end; i++) if ((one.words[i] & ~other.words[i]) !== 0) return true;
  return false;
}
