/**
 * Code that only takes and gives back locks: a random run goes through it from lock to lock, and is asked
 * step by step for nothing but the last of each thread, behind which its routine returns.
 */
import { randomFrom } from "../../../src/base/random.ts";
import type { Statement } from "../../../src/language/model.ts";
import { Drawn, hop } from "../../../src/machine/hop.ts";
import { threadOf } from "../../../src/machine/layout.ts";
import { createMachine, type Machine, reset, siteAt } from "../../../src/machine/machine.ts";
import {
  createStanding,
  fillEnabled,
  settleAll,
  stepStanding,
} from "../../../src/machine/standing.ts";
import { begin } from "../../../src/machine/step.ts";
import { compileScenario } from "../../../src/windows/compile-scenario.ts";
import { call, drafted, object, routine, to } from "../draw/draft.ts";
import { lockPairs } from "../draw/lock-pairs.ts";
import { labelled, type Scenario } from "../scenario.ts";

const kinds = ["FAST_MUTEX", "KSPIN_LOCK"] as const;
type Kind = (typeof kinds)[number];
const names = ["First", "Second", "Third"];
const rounds = 3;

/** All calls for one lock, each taken and given back again and again. */
function bodyOf(kind: Kind): Statement[] {
  const pairs = lockPairs.filter(
    (one) => one.kind === kind && one.tries === undefined && one.region === undefined,
  );
  return Array.from({ length: rounds }, () =>
    pairs.flatMap(({ param, take, give }) =>
      [take, give].map((api) => call(api, { [param]: to(kind) })),
    ),
  ).flat();
}

const scenarioOf = (kind: Kind): Scenario =>
  labelled(
    drafted(
      1,
      {
        objects: [object(kind, kind)],
        routines: [
          routine(
            "entry",
            "DriverEntry",
            names.map((name) => call("PsCreateSystemThread", { StartRoutine: { routine: name } })),
          ),
          ...names.map((name) => routine("systemThread", name, bodyOf(kind))),
        ],
      },
      [],
    ),
  );

/** Whether a thread stands at a lock of the driver's. */
const standsAtLock = (m: Machine, thread: number): boolean =>
  names.includes(m.program.sites[siteAt(m, thread)].routine);

/** Steps at locks that a run is asked for, and those that it hops over; whoever else can go goes first. */
function runOf(kind: Kind, timed: boolean, seed: number): { asked: number; hops: number } {
  const program = compileScenario(
    scenarioOf(kind) as unknown as Parameters<typeof compileScenario>[0],
  );
  const m = createMachine(program, timed);
  const standing = createStanding(m);
  const random = randomFrom(seed);
  const codes = new Int32Array(200);
  reset(m);
  begin(m);
  settleAll(m, standing);
  let asked = 0;
  let hops = 0;
  for (let steps = 0; steps < codes.length; ) {
    const before = steps;
    steps = hop(m, standing, random, codes, steps);
    hops += steps - before;
    if (standing.drawn === Drawn.none) break;
    let code = standing.drawn;
    let timeUs = standing.drawnUs;
    if (code === Drawn.ask) {
      const count = fillEnabled(m, standing);
      if (count === 0) break;
      const other = m.codes.subarray(0, count).findIndex((one) => !standsAtLock(m, threadOf(one)));
      code = m.codes[Math.max(0, other)];
      timeUs = m.times[Math.max(0, other)];
    }
    if (standsAtLock(m, threadOf(code))) asked++;
    codes[steps++] = code;
    stepStanding(m, standing, code, timeUs);
  }
  return { asked, hops };
}

export function hopDifferences(): string[] {
  const found: string[] = [];
  for (const kind of kinds) {
    for (const timed of [false, true]) {
      for (let seed = 1; seed <= 6; seed++) {
        const { asked, hops } = runOf(kind, timed, seed);
        const should = names.length * (bodyOf(kind).length - 1);
        const where = `${kind}, ${timed ? "in time" : "untimed"}`;
        if (asked !== names.length) found.push(`${where}: asked ${asked} times`);
        if (hops !== should) found.push(`${where}: ${hops} hops, not ${should}`);
      }
    }
  }
  return found;
}
