/** Small scenarios, each about one idea: a seed says which, and everything else. */
import { apcs } from "./draw/apcs.ts";
import { beside } from "./draw/beside.ts";
import { called } from "./draw/called.ts";
import { contention } from "./draw/contention.ts";
import { corners } from "./draw/corners.ts";
import { crowds } from "./draw/crowds.ts";
import { dice, type Roll } from "./draw/draft.ts";
import { going } from "./draw/going.ts";
import { handed } from "./draw/handed.ts";
import { heldOff } from "./draw/held-off.ts";
import { joined } from "./draw/joined.ts";
import { locks } from "./draw/locks.ts";
import { memory } from "./draw/memory.ts";
import { odds } from "./draw/odds.ts";
import { otherNames } from "./draw/other-names.ts";
import { particular } from "./draw/particular.ts";
import { pipes } from "./draw/pipes.ts";
import { plain } from "./draw/plain.ts";
import { pools } from "./draw/pools.ts";
import { rare, rarer, spoken } from "./draw/rare.ts";
import { removals } from "./draw/removals.ts";
import { requests } from "./draw/requests.ts";
import { resumed } from "./draw/resumed.ts";
import { rounds } from "./draw/rounds.ts";
import { scarce } from "./draw/scarce.ts";
import { seasoned } from "./draw/seasoned.ts";
import { seldom } from "./draw/seldom.ts";
import { services } from "./draw/services.ts";
import { timely } from "./draw/timely.ts";
import { timers } from "./draw/timers.ts";
import { waits } from "./draw/waits.ts";
import { walked } from "./draw/walked.ts";
import type { Scenario } from "./scenario.ts";

const ideas: readonly ((roll: Roll, seed: number) => Scenario)[] = [
  contention,
  corners,
  scarce,
  rare,
  plain,
  beside,
  scarce,
  services,
  locks,
  memory,
  scarce,
  apcs,
  removals,
  waits,
  scarce,
  timers,
  beside,
  rare,
  scarce,
  services,
  locks,
  requests,
  scarce,
  plain,
  services,
  rare,
  pools,
  beside,
  waits,
  scarce,
  memory,
  locks,
  pipes,
  corners,
  apcs,
  rare,
  timers,
  requests,
  beside,
  removals,
  handed,
  walked,
  seldom,
  scarce,
  particular,
  seldom,
  crowds,
  odds,
  timely,
  rounds,
  odds,
  timely,
  crowds,
  called,
  plain,
  called,
  rarer,
  called,
  pipes,
  called,
  plain,
  called,
  rarer,
  called,
  services,
  called,
  rarer,
  called,
  called,
  rarer,
  called,
  called,
  called,
  pools,
  waits,
  called,
  seldom,
  rarer,
  pools,
  called,
  spoken,
  called,
  rarer,
  called,
  spoken,
  called,
  called,
  spoken,
  called,
  called,
  spoken,
  called,
  called,
  rarer,
  called,
  called,
  called,
];

/** Of each so many scenarios one is unloaded while it runs; beside the ideas, of which each comes to that. */
const unloads = 9;
/** Of each so many scenarios one has other names for calls that have some. */
const renames = 3;
/** Of each so many scenarios one is about threads that are waited for. */
const joins = 41;
/** Of each so many scenarios one is about removal that is held off. */
const holds = 43;
/** Of each so many scenarios one is about suspension that somebody ends. */
const resumes = 47;

export function drawn(seed: number): Scenario {
  const roll = dice(seed);
  if (seed % joins === 0) return joined(roll, seed);
  if (seed % holds === 0) return heldOff(roll, seed);
  if (seed % resumes === 0) return resumed(roll, seed);
  const first = seasoned(roll, ideas[seed % ideas.length](roll, seed));
  const scenario = seed % renames === 0 ? otherNames(dice(seed), first) : first;
  return seed % unloads === 0 ? going(dice(seed), scenario) : scenario;
}
