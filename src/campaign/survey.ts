/**
 * Looks at every world in rounds, each round with a larger budget for the worlds that are not
 * exhausted yet. What is done, and in which order, does not depend on the budget, which only says
 * where to end: a smaller one gives a prefix.
 */
import { type BoundName, bounds, inOrder } from "../base/bounds.ts";
import { settlingShare, showsMore } from "../explore/observe.ts";
import type { Suspicion } from "../explore/suspicions.ts";
import { targetKey } from "../judge/mechanism.ts";
import { type Need, needsLadder } from "../judge/needs.ts";
import { boundsOf as boundsOfWorlds, withTimes, worldsFor } from "../worlds/worlds.ts";
import { needsOf } from "./needs.ts";
import { batchOf, type Looked, type Work } from "./pieces.ts";
import type { CheckOptions, Subject } from "./report.ts";
import type { Case } from "./smallest.ts";

/** Transitions for one world in the first round, and how they grow. */
const firstSlice = bounds.firstSlice.max;
const growth = 5;

/** One in each reading. */
const runsByDefault = 2;

/** In their order, those of the first rank ahead, then those of the next; whoever is of none last. */
function inRanks<T>(list: readonly T[], ranks: readonly ((one: T) => boolean)[]): T[] {
  const rankOf = (one: T): number => {
    const rank = ranks.findIndex((is) => is(one));
    return rank < 0 ? ranks.length : rank;
  };
  return [...list].sort((one, other) => rankOf(one) - rankOf(other));
}

/** What was seen of a target: the case that needs least, and others by what they need. */
export interface Seen extends SizedCase {
  readonly others?: readonly SizedCase[];
}

interface SizedCase extends Case {
  /** Threads of the program. */
  readonly size: number;
}

export interface WorldResult {
  readonly name: string;
  /** What a finding in it needs, before it is made smaller. */
  readonly needs: Need;
  /** Every state without times was compared; with times. */
  readonly untimedComplete: boolean;
  readonly timedComplete: boolean;
  readonly states: number;
  readonly runs: number;
  /** Bounds that made each reading less than it says. */
  readonly untimedBounds: readonly BoundName[];
  readonly timedBounds: readonly BoundName[];
  /** The budget reached as far as this world. */
  readonly isLookedAt: boolean;
}

export interface Survey {
  readonly seen: readonly Seen[];
  readonly worlds: readonly WorldResult[];
  readonly unreached: readonly string[];
  /** Operations that can wait, and those that had to in some run. */
  readonly waits: ReadonlySet<string>;
  readonly contended: ReadonlySet<string>;
  readonly spent: number;
  /** The least budget that comes as far. */
  readonly repeats: number;
  readonly stopped: boolean;
  /** Bounds by which the worlds are fewer than they should be. */
  readonly cut: readonly BoundName[];
}

export function* surveying(subject: Subject, options: CheckOptions): Work<Survey> {
  const { drivers } = subject;
  const worlds = withTimes(subject.worlds ?? worldsFor(drivers, options.scope), options.times);
  const cut =
    subject.worlds === undefined ? boundsOfWorlds(drivers, options.scope) : (subject.cut ?? []);
  const seen = new Map<string, Seen>();
  const results: WorldResult[] = worlds.map((world) => ({
    name: world.name,
    needs: needsOf({ drivers, world }),
    ...nothingSeen,
  }));
  const suspicions: (readonly Suspicion[])[] = worlds.map(() => []);
  const compiling = worlds.map(() => 0);
  const reached = new Set<string>();
  const counting = new Set<string>();
  const waits = new Set<string>();
  const contended = new Set<string>();
  let spent = 0;
  let repeats = 0;
  let stopped = false;
  // Every world is looked at once, if anything is left; again only if all of it fits.
  const fits = (slice: number, place: number): boolean =>
    slice === firstSlice ? spent < options.budget : spent + costOf(slice, place) <= options.budget;
  // A look at a world in which runs are open settles them, too.
  const costOf = (slice: number, place: number): number =>
    compiling[place] + slice * (suspicions[place].length > 0 ? 1 + settlingShare : 1);

  let open = worlds.map((world, place) => ({ world, place }));
  for (
    let slice = firstSlice;
    open.length > 0 && fits(slice, open[0].place) && !stopped;
    slice *= growth
  ) {
    const round = open;
    const left: typeof open = [];
    const tell = ({ world }: (typeof round)[number]): void =>
      options.onProgress?.({
        driver: drivers.map((d) => d.name).join(", "),
        world: world.name,
        done: worlds.length - open.length,
        worlds: worlds.length,
        spent,
        findings: seen.size,
      });
    tell(round[0]);
    yield batchOf<"look">(
      round.map(({ world, place }) => ({
        kind: "look",
        scenario: { drivers, world },
        slice,
        seed: `${options.seed}/${world.name}/${slice}`,
        suspicions: suspicions[place],
      })),
      (result, index) => {
        // What was broken off in the middle does not count, so that what counts can be repeated.
        stopped = result.isBroken;
        if (stopped) return false;
        const { world, place } = round[index];
        const scenario = { drivers, world };
        const { observations, untimedComplete, timedComplete, states, runs } = result;
        const cost = slice === firstSlice ? 1 : costOf(slice, place);
        repeats = Math.max(repeats, spent + cost);
        spent += result.spent;
        for (const id of result.counting) counting.add(id);
        for (const id of result.reached) reached.add(id);
        for (const id of result.waits) waits.add(id);
        for (const id of result.contended) contended.add(id);
        for (const observation of observations) {
          const key = targetKey(observation.target);
          seen.set(key, withCase(seen.get(key), { scenario, observation, size: result.size }));
        }
        results[place] = {
          name: world.name,
          needs: needsOf(scenario),
          untimedComplete,
          timedComplete,
          states,
          runs: results[place].runs + runs,
          untimedBounds: boundsOf(result, "untimed", results[place].untimedBounds),
          timedBounds: boundsOf(result, "timed", results[place].timedBounds),
          isLookedAt: true,
        };
        suspicions[place] = result.suspicions;
        compiling[place] = result.compiling;
        if (!untimedComplete || !timedComplete) left.push(round[index]);
        if (index + 1 === round.length) return true;
        if (!fits(slice, round[index + 1].place)) return false;
        tell(round[index + 1]);
        return true;
      },
    );
    // Where runs without times are open comes first: of hangs and crashes, the most can be claimed.
    const isOpen = ({ place }: (typeof open)[number]): boolean => !results[place].untimedComplete;
    // Of these, those in which runs by default took all that there was: no other one has been seen.
    const isBare = ({ place }: (typeof open)[number]): boolean =>
      results[place].runs <= runsByDefault && suspicions[place].length > 0;
    open = inRanks(left, [(one) => isOpen(one) && isBare(one), isOpen]);
  }
  return {
    seen: [...seen.values()],
    worlds: results,
    unreached: [...counting].filter((id) => !reached.has(id)).sort(),
    waits,
    contended,
    spent,
    repeats,
    stopped,
    cut,
  };
}

const nothingSeen = {
  untimedComplete: false,
  timedComplete: false,
  states: 0,
  runs: 0,
  untimedBounds: [],
  timedBounds: [],
  isLookedAt: false,
} as const;

/** What a later look goes over again with more room: an earlier one's say does not count. */
const goneOver: readonly BoundName[] = [
  "decisions",
  "hangStates",
  "lateSteps",
  "memory",
  "unlooked",
];

/** A bound of the model that cut a run short in an earlier look is there, until all is searched. */
function boundsOf(
  result: Looked,
  reading: "untimed" | "timed",
  before: readonly BoundName[],
): BoundName[] {
  const now = result[`${reading}Bounds`];
  if (result[`${reading}Complete`]) return [...now];
  return inOrder([...before.filter((name) => !goneOver.includes(name)), ...now]);
}

const rung = ({ scenario }: Case): number => needsLadder.indexOf(needsOf(scenario));

/** One case of each rung of the ladder is kept, the lowest first. */
function withCase(known: Seen | undefined, one: SizedCase): Seen {
  if (known === undefined) return one;
  const cases = [known, ...(known.others ?? [])];
  const same = cases.find((other) => rung(other) === rung(one));
  if (same !== undefined && !isBetter(one, same)) return known;
  const [least, ...others] = [...cases.filter((other) => other !== same), one].sort(
    (a, b) => rung(a) - rung(b),
  );
  const { scenario, observation, size } = least;
  return { scenario, observation, size, others };
}

/** A better case of the same rung shows more, or the same with fewer threads. */
function isBetter(one: SizedCase, known: SizedCase): boolean {
  if (showsMore(one.observation, known.observation)) return true;
  return !showsMore(known.observation, one.observation) && one.size < known.size;
}
