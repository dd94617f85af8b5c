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
}

export function createStore(machine: Machine): StateStore {
  const { components } = machine.program;
  return {
    machine,
    canonical: createCanonicalizer(machine.program),
    parts: createInternTable(),
    states: createInternTable(),
    tuple: new Int32Array(components.length + (machine.timed ? 1 : 0)),
    buffer: new Int32Array(Math.max(...components.map((c) => c.size)) * 4),
    renamed: false,
  };
}

/** Number of the machine's state; the machine is left in its representative. */
export function put(store: StateStore): number {
  const { machine, canonical, tuple, buffer } = store;
  const { words, clocks, program, timed } = machine;
  store.renamed = chooseRenaming(canonical, words, timed ? clocks : null);
  if (store.renamed) rename(canonical, words, clocks);
  for (let i = 0; i < program.components.length; i++) {
    const { base } = program.components[i];
    const end = liveEnd(program, words, i);
    if (!timed) {
      tuple[i] = intern(store.parts, words, base, end);
      continue;
    }
    let size = 0;
    for (let at = base; at < end; at++) buffer[size++] = words[at];
    for (let at = base; at < end; at++) {
      const clock = clocks[at];
      if (clock === 0) continue;
      buffer[size++] = at - base;
      buffer[size++] = clock >= 0x40000000 ? Math.floor(clock / 0x40000000) : 0;
      buffer[size++] = clock % 0x40000000;
    }
    buffer[size++] = end - base;
    tuple[i] = intern(store.parts, buffer, 0, size);
  }
  if (timed) tuple[program.components.length] = machine.skewUs;
  return intern(store.states, tuple, 0, tuple.length);
}

/** Puts the machine into a stored state. */
export function get(store: StateStore, state: number): void {
  const { machine, parts, states } = store;
  const { words, clocks, program, timed } = machine;
  words.fill(0);
  if (timed) clocks.fill(0);
  const at = states.offsets[state];
  for (let i = 0; i < program.components.length; i++) {
    const part = states.arena[at + i];
    const from = parts.offsets[part];
    const to = parts.offsets[part + 1];
    const { base } = program.components[i];
    if (!timed) {
      for (let k = from; k < to; k++) words[base + k - from] = parts.arena[k];
      continue;
    }
    const live = parts.arena[to - 1];
    for (let k = 0; k < live; k++) words[base + k] = parts.arena[from + k];
    for (let k = from + live; k < to - 1; k += 3) {
      clocks[base + parts.arena[k]] = parts.arena[k + 1] * 0x40000000 + parts.arena[k + 2];
    }
  }
  if (timed) machine.skewUs = states.arena[at + program.components.length];
}
