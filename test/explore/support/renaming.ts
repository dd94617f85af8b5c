/** Renaming a state by hand: what the canonical form must not see. */
import fc from "fast-check";
import { randomFrom } from "../../../src/base/random.ts";
import { randomWalk } from "../../../src/explore/choices.ts";
import { run } from "../../../src/explore/run.ts";
import { addressOf, isRef, refTo } from "../../../src/machine/layout.ts";
import { createMachine, type Machine } from "../../../src/machine/machine.ts";
import type { Program } from "../../../src/machine/program.ts";

/** Where each component's content goes. */
export type Renaming = readonly number[];

/** A machine somewhere in a random run. */
export function machineAfter(
  program: Program,
  timed: boolean,
  seed: number,
  steps: number,
): Machine {
  const m = createMachine(program, timed);
  run(m, randomWalk(randomFrom(seed)), { stepMax: steps });
  return m;
}

/** A copy that goes its own way. */
export function copyOf(m: Machine): Machine {
  const copy = createMachine(m.program, m.timed);
  copy.words.set(m.words);
  copy.clocks.set(m.clocks);
  copy.skewUs = m.skewUs;
  copy.earliest = m.earliest;
  return copy;
}

/** Moves whole components and turns every reference with them. */
export function renamedBy(m: Machine, target: Renaming): Machine {
  const { components } = m.program;
  const to = createMachine(m.program, m.timed);
  to.skewUs = m.skewUs;
  to.earliest = m.earliest;
  const moved = (word: number): number => {
    if (!isRef(word)) return word;
    const address = addressOf(word);
    const from = components.findIndex((c) => address >= c.base && address < c.base + c.size);
    return refTo(components[target[from]].base + address - components[from].base);
  };
  components.forEach(({ base, size }, i) => {
    for (let k = 0; k < size; k++) {
      to.words[components[target[i]].base + k] = moved(m.words[base + k]);
      to.clocks[components[target[i]].base + k] = m.clocks[base + k];
    }
  });
  return to;
}

export const identity = (program: Program): number[] => program.components.map((_, i) => i);

const ordersMax = 4;

function orders(size: number): number[][] {
  if (size === 0) return [[]];
  return orders(size - 1).flatMap((order) =>
    Array.from({ length: size }, (_, at) => [...order.slice(0, at), size - 1, ...order.slice(at)]),
  );
}

/** Every order of few; of many, every exchange of two, since these make up all orders. */
function shuffles(size: number): number[][] {
  if (size <= ordersMax) return orders(size);
  const straight = Array.from({ length: size }, (_, i) => i);
  return straight.flatMap((a) =>
    straight.slice(a + 1).map((b) => straight.map((i) => (i === a ? b : i === b ? a : i))),
  );
}

const movesOf = (
  bundles: readonly (readonly number[])[],
  order: readonly number[],
  target: number[],
): void => {
  bundles.forEach((bundle, i) => {
    bundle.forEach((component, k) => {
      target[component] = bundles[order[i]][k];
    });
  });
};

/** Every renaming that touches one class of likes. */
export function renamingsOf(program: Program): Renaming[] {
  return program.symmetry.flatMap(({ bundles }) =>
    shuffles(bundles.length).map((order) => {
      const target = identity(program);
      movesOf(bundles, order, target);
      return target;
    }),
  );
}

/** A renaming of all classes at once. */
export function anyRenaming(program: Program): fc.Arbitrary<Renaming> {
  const order = ({ length }: { length: number }): fc.Arbitrary<number[]> => {
    const straight = Array.from({ length }, (_, i) => i);
    return fc.shuffledSubarray(straight, { minLength: length });
  };
  return fc.tuple(...program.symmetry.map(({ bundles }) => order(bundles))).map((all) => {
    const target = identity(program);
    program.symmetry.forEach(({ bundles }, i) => {
      movesOf(bundles, all[i], target);
    });
    return target;
  });
}
