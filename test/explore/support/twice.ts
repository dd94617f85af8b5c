/**
 * A source of choices that has every step taken a second time, on a machine of its own, and
 * compares: what can go, when, and every word and clock that comes of it.
 */
import { expect } from "vitest";
import type { ChoiceSource } from "../../../src/explore/choices.ts";
import { enabled } from "../../../src/machine/enabled.ts";
import { createMachine, type Machine } from "../../../src/machine/machine.ts";
import { begin, step } from "../../../src/machine/step.ts";
import { firstDifference } from "./differences.ts";

export interface Twice extends ChoiceSource {
  /** Compares what the last step led to; steps taken so far. */
  finish(m: Machine): number;
}

export function twice(source: ChoiceSource): Twice {
  let second: Machine | undefined;
  let steps = 0;
  const compare = (m: Machine): Machine => {
    if (second === undefined) {
      second = createMachine(m.program, m.timed);
      begin(second);
    }
    enabled(second);
    expect(firstDifference(second.words, m.words)).toBe(-1);
    expect(firstDifference(second.clocks, m.clocks)).toBe(-1);
    expect(second.skewUs).toBe(m.skewUs);
    return second;
  };
  return {
    pick(m, last) {
      const other = compare(m);
      expect(other.count).toBe(m.count);
      const { codes, times } = m;
      for (let i = 0; i < m.count; i++) {
        if (other.codes[i] === codes[i] && other.times[i] === times[i]) continue;
        expect([other.codes[i], other.times[i]]).toEqual([codes[i], times[i]]);
      }
      const index = source.pick(m, last);
      step(other, other.codes[index], other.times[index]);
      steps++;
      return index;
    },
    finish(m) {
      enabled(m);
      compare(m);
      return steps;
    },
  };
}
