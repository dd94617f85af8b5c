/**
 * Visited states, kept in full: each is a string of part numbers, one for each component. Two
 * states are the same only if every word is. Between neighbouring states little differs, so what
 * a step left alone is neither hashed nor copied again.
 */
import { E, Q, refTo, T } from "../machine/layout.ts";
import type { Machine } from "../machine/machine.ts";
import { type Canonicalizer, chooseRenaming, createCanonicalizer } from "./canonical.ts";
import { createInternTable, type InternTable, intern } from "./intern.ts";
import { createParts, internPart, liveWords, type Parts } from "./parts.ts";

export interface StateStore {
  readonly machine: Machine;
  readonly canonical: Canonicalizer;
  readonly parts: Parts;
  readonly states: InternTable;
  /** Where each component begins, and where it ends if it is no thread or queue. */
  readonly bases: Int32Array;
  readonly ends: Int32Array;
  /** The word that says where the live words of a thread or queue end, −1 for others. */
  readonly sizedBy: Int32Array;
  /** The part of each component of the machine's state; of its representative; skew behind. */
  readonly tuple: Int32Array;
  readonly renamedTuple: Int32Array;
  /** A part that is being put together. */
  readonly buffer: Int32Array;
  /** Whether the last state that was put away was renamed. */
  renamed: boolean;
  /** The state that was fetched last, and where the machine's state differed when put away. */
  readonly fetched: Int32Array;
  /** Where the live words of each of its components end, −1 before the first. */
  readonly fetchedEnds: Int32Array;
  readonly fetchedWords: Int32Array;
  readonly fetchedClocks: Float64Array;
  fetchedSkew: number;
  fetchedState: number;
  readonly changed: Int32Array;
  changedCount: number;
}

export function createStore(machine: Machine): StateStore {
  const { components } = machine.program;
  const words = components.length + (machine.timed ? 1 : 0);
  return {
    machine,
    canonical: createCanonicalizer(machine.program),
    parts: createParts(machine.timed),
    bases: Int32Array.from(components, (c) => c.base),
    ends: Int32Array.from(components, (c) => c.base + c.size),
    sizedBy: Int32Array.from(components, (c) =>
      c.queue ? c.base + Q.count : c.thread >= 0 ? c.base + T.top : -1,
    ),
    states: createInternTable(),
    tuple: new Int32Array(words),
    renamedTuple: new Int32Array(words),
    buffer: new Int32Array(Math.max(...components.map((c) => c.size)) * 4 + 4),
    renamed: false,
    fetched: new Int32Array(components.length).fill(-1),
    fetchedEnds: new Int32Array(components.length).fill(-1),
    fetchedWords: new Int32Array(machine.words.length),
    fetchedClocks: new Float64Array(machine.clocks.length),
    fetchedSkew: 0,
    fetchedState: -1,
    changed: new Int32Array(components.length),
    changedCount: 0,
  };
}

/** Where the words of a component that can be other than zero end. */
function liveEnd(store: StateStore, words: Int32Array, component: number): number {
  const sizedBy = store.sizedBy[component];
  if (sizedBy < 0) return store.ends[component];
  const base = store.bases[component];
  const size = words[sizedBy];
  if (sizedBy === base + Q.count) return base + Q.entries + size * E.size;
  return base + (size > T.size ? size : T.size);
}

/** Number of the machine's state; the machine is left in its representative. */
export function put(store: StateStore): number {
  const number = numberOf(store);
  if (store.renamed) get(store, number);
  return number;
}

/** Number of the machine's state. The machine is left alone. */
export function numberOf(store: StateStore): number {
  const { machine, canonical, parts, tuple, fetched, fetchedEnds, changed, bases } = store;
  const { words, clocks, timed } = machine;
  const { fetchedWords, fetchedClocks } = store;
  const count = bases.length;
  let changedCount = 0;
  for (let i = 0; i < count; i++) {
    const base = bases[i];
    const end = liveEnd(store, words, i);
    if (
      end === fetchedEnds[i] &&
      areSameWords(words, fetchedWords, base, end) &&
      (!timed || areSameClocks(clocks, fetchedClocks, base, end))
    ) {
      tuple[i] = fetched[i];
    } else {
      tuple[i] = partOf(store, base, end);
      changed[changedCount++] = i;
    }
  }
  store.changedCount = changedCount;
  if (timed) tuple[count] = machine.skewUs;
  store.renamed = chooseRenaming(canonical, parts, tuple);
  return intern(store.states, store.renamed ? rename(store) : tuple, 0, tuple.length);
}

/** Four at a time: this is asked of every word of every state. */
function areSameWords(one: Int32Array, other: Int32Array, from: number, to: number): boolean {
  let at = from;
  for (; at + 3 < to; at += 4) {
    const differing =
      (one[at] ^ other[at]) |
      (one[at + 1] ^ other[at + 1]) |
      (one[at + 2] ^ other[at + 2]) |
      (one[at + 3] ^ other[at + 3]);
    if (differing !== 0) return false;
  }
  for (; at < to; at++) if (one[at] !== other[at]) return false;
  return true;
}

function areSameClocks(one: Float64Array, other: Float64Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (one[at] !== other[at]) return false;
  return true;
}

function partOf(store: StateStore, base: number, end: number): number {
  const { buffer, machine, parts } = store;
  const { words, clocks, timed } = machine;
  if (!timed) return internPart(parts, words, base, end);
  let size = 0;
  for (let at = base; at < end; at++) buffer[size++] = words[at];
  for (let at = base; at < end; at++) {
    const clock = clocks[at];
    if (clock === 0) continue;
    buffer[size++] = at - base;
    const high = Math.floor(clock / 0x40000000);
    buffer[size++] = high;
    // With the half of a marked one.
    buffer[size++] = (clock - high * 0x40000000) * 2;
  }
  buffer[size++] = end - base;
  return internPart(parts, buffer, 0, size);
}

/** The parts of the representative: each in its new place, its references turned. */
function rename(store: StateStore): Int32Array {
  const { canonical, parts, tuple, renamedTuple, buffer, machine } = store;
  const { componentOf, target } = canonical;
  const { components } = machine.program;
  const { table, firstReference, referenceAt, referenceTo } = parts;
  for (let i = 0; i < components.length; i++) {
    let part = tuple[i];
    let turned = false;
    for (let r = firstReference[part]; r < firstReference[part + 1]; r++) {
      const from = componentOf[referenceTo[r]];
      const to = target[from];
      if (to === from) continue;
      if (!turned) copyPart(table, part, buffer);
      turned = true;
      const address = referenceTo[r] - components[from].base + components[to].base;
      buffer[referenceAt[r]] = refTo(address);
    }
    if (turned) part = internPart(parts, buffer, 0, table.offsets[part + 1] - table.offsets[part]);
    renamedTuple[target[i]] = part;
  }
  if (machine.timed) renamedTuple[components.length] = tuple[components.length];
  return renamedTuple;
}

function copyPart(table: InternTable, part: number, to: Int32Array): void {
  const from = table.offsets[part];
  const end = table.offsets[part + 1];
  for (let i = from; i < end; i++) to[i - from] = table.arena[i];
}

/** Puts the machine into a stored state, wherever it stood. */
export function get(store: StateStore, state: number): void {
  const { machine, fetchedWords } = store;
  fetch(store, state, false);
  machine.words.set(fetchedWords);
  if (!machine.timed) return;
  machine.clocks.set(store.fetchedClocks);
  machine.skewUs = store.fetchedSkew;
}

/**
 * Puts the machine into a stored state: only for a machine that stands where it was last fetched
 * to, or where it stood when its state was last put away since.
 */
export function move(store: StateStore, state: number): void {
  const { machine, changed, fetchedEnds, fetchedWords, fetchedClocks, bases } = store;
  const { words, clocks, timed } = machine;
  for (let k = 0; k < store.changedCount; k++) {
    const component = changed[k];
    const base = bases[component];
    const now = liveEnd(store, words, component);
    const then = fetchedEnds[component];
    const end = now > then ? now : then;
    for (let at = base; at < end; at++) words[at] = fetchedWords[at];
    if (timed) for (let at = base; at < end; at++) clocks[at] = fetchedClocks[at];
  }
  fetch(store, state, true);
  machine.skewUs = store.fetchedSkew;
}

function fetch(store: StateStore, state: number, along: boolean): void {
  store.changedCount = 0;
  if (store.fetchedState === state) return;
  const { states, fetched, machine } = store;
  const at = states.offsets[state];
  const count = machine.program.components.length;
  for (let i = 0; i < count; i++) {
    const part = states.arena[at + i];
    if (fetched[i] === part) continue;
    fetchPart(store, i, part, along);
    fetched[i] = part;
  }
  if (machine.timed) store.fetchedSkew = states.arena[at + count];
  store.fetchedState = state;
}

function fetchPart(store: StateStore, component: number, part: number, along: boolean): void {
  const { machine, parts, fetched, fetchedWords, fetchedClocks } = store;
  const { base } = machine.program.components[component];
  const { arena, offsets } = parts.table;
  const from = offsets[part];
  const live = liveWords(parts, part);
  const before = fetched[component] < 0 ? 0 : liveWords(parts, fetched[component]);
  store.fetchedEnds[component] = base + live;
  const end = base + (before > live ? before : live);
  for (let k = 0; k < live; k++) fetchedWords[base + k] = arena[from + k];
  for (let at = base + live; at < end; at++) fetchedWords[at] = 0;
  if (along) for (let k = base; k < end; k++) machine.words[k] = fetchedWords[k];
  if (!machine.timed) return;
  for (let k = base; k < end; k++) fetchedClocks[k] = 0;
  for (let k = from + live; k < offsets[part + 1] - 1; k += 3) {
    fetchedClocks[base + arena[k]] = arena[k + 1] * 0x40000000 + arena[k + 2] / 2;
  }
  if (along) for (let k = base; k < end; k++) machine.clocks[k] = fetchedClocks[k];
}
