/**
 * Which transitions can go is said three times: asked of the state alone, kept from step to step, and drawn by
 * hops from lock to lock. All three say the same in each state of a few random runs, in both readings.
 */
import { nextBelow, randomFrom } from "../../../src/base/random.ts";
import { enabled } from "../../../src/machine/enabled.ts";
import { Drawn, hop } from "../../../src/machine/hop.ts";
import { createMachine, type Machine, reset } from "../../../src/machine/machine.ts";
import {
  createStanding,
  fillEnabled,
  settleAll,
  stepStanding,
} from "../../../src/machine/standing.ts";
import { begin } from "../../../src/machine/step.ts";
import { compileScenario } from "../../../src/windows/compile-scenario.ts";
import { arrivalsAtLocks, locksInTurn } from "../draw/lock-runs.ts";
import { drawn } from "../draw.ts";
import { labelled, type Scenario } from "../scenario.ts";

const steps = 70;
/** Draws from one state: enough to come to each of its transitions. */
const draws = 48;
const seeds = Array.from({ length: 30 }, (_, i) => 4_000_001 + i);

const ways = ({ codes, times, count }: Machine, from = 0): string[] =>
  Array.from(codes.subarray(from, count), (code, i) => `${code} at ${times[from + i]}`).sort();

interface State {
  readonly words: Int32Array;
  readonly clocks: Float64Array;
  readonly skewUs: number;
}
const kept = ({ words, clocks, skewUs }: Machine): State => ({
  words: words.slice(),
  clocks: clocks.slice(),
  skewUs,
});
function restore(m: Machine, { words, clocks, skewUs }: State): void {
  m.words.set(words);
  m.clocks.set(clocks);
  m.skewUs = skewUs;
}

/** The first steps that hops from a state draw; where they ask, those that they would be told. */
function drawnFrom(m: Machine, state: State): string[] {
  const found = new Set<string>();
  const codes = new Int32Array(1);
  for (let seed = 1; seed <= draws; seed++) {
    restore(m, state);
    const standing = createStanding(m);
    settleAll(m, standing);
    const taken = hop(m, standing, randomFrom(seed), codes, 0);
    if (taken === 0 && standing.drawn === Drawn.ask) {
      fillEnabled(m, standing);
      return ways(m);
    }
    if (taken === 0 && standing.drawn === Drawn.none) return [];
    const code = taken > 0 ? codes[0] : standing.drawn;
    // When a hop is taken shows in the clocks behind it, which others compare.
    found.add(m.timed && taken === 0 ? `${code} at ${standing.drawnUs}` : String(code));
  }
  return [...found].sort();
}

const codeIn = (way: string): string => way.split(" ")[0];
const codesOf = (ways: readonly string[]): string => [...new Set(ways.map(codeIn))].sort().join();

const isSame = (drawn: readonly string[], all: readonly string[]): boolean =>
  codesOf(drawn) === codesOf(all) && drawn.every((one) => !one.includes(" ") || all.includes(one));

function differencesIn(scenario: Scenario, timed: boolean, seed: number): string[] {
  const program = compileScenario(
    labelled(scenario) as unknown as Parameters<typeof compileScenario>[0],
  );
  const m = createMachine(program, timed);
  const other = createMachine(program, timed);
  const standing = createStanding(m);
  const random = randomFrom(seed);
  const found: string[] = [];
  reset(m);
  begin(m);
  settleAll(m, standing);
  for (let i = 0; i < steps; i++) {
    const state = kept(m);
    restore(other, state);
    enabled(other);
    const all = ways(other);
    const count = fillEnabled(m, standing);
    if (ways(m).join() !== all.join()) found.push(`kept: ${ways(m).join()}, not ${all.join()}`);
    if (all.length === 0) break;
    const drawnNow = drawnFrom(other, state);
    if (!isSame(drawnNow, all)) found.push(`drawn: ${drawnNow.join()}, not ${all.join()}`);
    if (count === 0 || found.length > 0) break;
    const pick = nextBelow(random, count);
    stepStanding(m, standing, m.codes[pick], m.times[pick]);
  }
  return found;
}

export function drawnStepDifferences(): string[] {
  const scenarios = [...seeds.map((seed) => drawn(seed)), ...locksInTurn(), ...arrivalsAtLocks()];
  return scenarios.flatMap((scenario, i) =>
    [false, true].flatMap((timed) =>
      differencesIn(scenario, timed, i + 1).map(
        (one) => `${scenario.world.name}, ${timed ? "in time" : "untimed"}: ${one}`,
      ),
    ),
  );
}
