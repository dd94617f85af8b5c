/**
 * Visited states, kept in full: each is a string of component numbers, each component a string of
 * words (collapse compression, after SPIN). Two states are the same only if every word is.
 */
import type { Machine } from "../machine/machine.ts";
import {
  type Canonicalizer,
  chooseRenaming,
  createCanonicalizer,
  liveEnd,
  rename,
} from "./canonical.ts";
import { createInternTable, type InternTable, intern } from "./intern.ts";

export interface StateStore {
  readonly machine: Machine;
  readonly canonical: Canonicalizer;
  readonly parts: InternTable;
  readonly states: InternTable;
  readonly tuple: Int32Array;
  /** A component's words and, in the timed reading, its clocks. */
  readonly buffer: Int32Array;
  /** Whether the last `put` renamed the machine's state. */
  renamed: boolean;
  /** The state that `get` fetched last: parts that a step left alone keep their numbers. */
  readonly fetched: Int32Array;
  readonly fetchedWords: Int32Array;
  readonly fetchedClocks: Float64Array;
  fetchedSkew: number;
  fetchedState: number;
}

export function createStore(machine: Machine): StateStore {
  const { components } = machine.program;
  const parts = components.length + (machine.timed ? 1 : 0);
  return {
    machine,
    canonical: createCanonicalizer(machine.program),
    parts: createInternTable(),
    states: createInternTable(),
    tuple: new Int32Array(parts),
    buffer: new Int32Array(Math.max(...components.map((c) => c.size)) * 4 + 4),
    renamed: false,
    fetched: new Int32Array(parts).fill(-1),
    fetchedWords: new Int32Array(machine.words.length),
    fetchedClocks: new Float64Array(machine.clocks.length),
    fetchedSkew: 0,
    fetchedState: -1,
  };
}

/** Number of the machine's state; the machine is left in its representative. */
export function put(store: StateStore): number {
  const { machine, canonical, tuple } = store;
  const { words, clocks, program, timed } = machine;
  store.renamed = chooseRenaming(canonical, words, timed ? clocks : null);
  if (store.renamed) rename(canonical, words, timed ? clocks : null);
  for (let i = 0; i < program.components.length; i++) {
    const { base } = program.components[i];
    const end = liveEnd(program, words, i);
    tuple[i] = isAsFetched(store, i, base, end) ? store.fetched[i] : putPart(store, base, end);
  }
  if (timed) tuple[program.components.length] = machine.skewUs;
  return intern(store.states, tuple, 0, tuple.length);
}

function isAsFetched(store: StateStore, part: number, base: number, end: number): boolean {
  if (store.fetched[part] < 0) return false;
  const { fetchedWords, fetchedClocks, machine } = store;
  const { words, clocks, timed } = machine;
  if (liveEnd(machine.program, fetchedWords, part) !== end) return false;
  for (let at = base; at < end; at++) if (words[at] !== fetchedWords[at]) return false;
  if (timed) for (let at = base; at < end; at++) if (clocks[at] !== fetchedClocks[at]) return false;
  return true;
}

function putPart(store: StateStore, base: number, end: number): number {
  const { buffer, machine } = store;
  const { words, clocks, timed } = machine;
  if (!timed) return intern(store.parts, words, base, end);
  let size = 0;
  for (let at = base; at < end; at++) buffer[size++] = words[at];
  for (let at = base; at < end; at++) {
    const clock = clocks[at];
    if (clock === 0) continue;
    buffer[size++] = at - base;
    const high = Math.floor(clock / 0x40000000);
    buffer[size++] = high;
    buffer[size++] = clock - high * 0x40000000;
  }
  buffer[size++] = end - base;
  return intern(store.parts, buffer, 0, size);
}

/** Puts the machine into a stored state. */
export function get(store: StateStore, state: number): void {
  const { machine, fetchedWords, fetchedClocks } = store;
  if (store.fetchedState !== state) fetch(store, state);
  machine.words.set(fetchedWords);
  if (!machine.timed) return;
  machine.clocks.set(fetchedClocks);
  machine.skewUs = store.fetchedSkew;
}

function fetch(store: StateStore, state: number): void {
  const { machine, parts, states, fetchedWords, fetchedClocks } = store;
  const { program, timed } = machine;
  fetchedWords.fill(0);
  if (timed) fetchedClocks.fill(0);
  const at = states.offsets[state];
  for (let i = 0; i < program.components.length; i++) {
    const part = states.arena[at + i];
    store.fetched[i] = part;
    const from = parts.offsets[part];
    const to = parts.offsets[part + 1];
    const { base } = program.components[i];
    const live = timed ? parts.arena[to - 1] : to - from;
    for (let k = 0; k < live; k++) fetchedWords[base + k] = parts.arena[from + k];
    if (!timed) continue;
    for (let k = from + live; k < to - 1; k += 3) {
      fetchedClocks[base + parts.arena[k]] = parts.arena[k + 1] * 0x40000000 + parts.arena[k + 2];
    }
  }
  if (timed) store.fetchedSkew = states.arena[at + program.components.length];
  store.fetchedState = state;
}
