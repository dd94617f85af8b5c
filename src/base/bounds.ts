/**
 * Every bound of the model and of the search, in one list: what it is called in reports, its
 * default, and what it cuts. A run or a search that reaches one makes the claim smaller, by its
 * name. What an input may hold at most is in `validate-limits.ts`: beyond that it is refused.
 */

interface Bound {
  readonly max: number;
  /** What there is more of than this. */
  readonly cuts: string;
  /**
   * What a claim becomes where it is reached: "bounded"; "sampled", which says itself how many runs
   * there were; or "none", where it only costs work, or where reaching it is a finding.
   */
  readonly claim: "bounded" | "sampled" | "none";
}

const bounded = <const M extends number>(max: M, cuts: string) =>
  ({ max, cuts, claim: "bounded" }) as const;
const sampled = <const M extends number>(max: M, cuts: string) =>
  ({ max, cuts, claim: "sampled" }) as const;
const harmless = <const M extends number>(max: M, cuts: string) =>
  ({ max, cuts, claim: "none" }) as const;

export const bounds = {
  // Of the model: a run that comes to one goes no further.
  nesting: bounded(260, "words of a thread's stack of calls"),
  localSteps: bounded(100_000, "steps of a thread between two operations that others can see"),
  ways: bounded(28, "ways in which one operation can go: threads that one signal could let go"),
  sharers: bounded(6, "threads that share or await one lock"),
  queueRoom: bounded(8, "entries of a driver's queue, list or port"),
  poolRoom: bounded(48, "items in a queue of the worker pool"),
  timers: bounded(8, "timers that are set at once"),
  processes: bounded(4, "processes that drivers' own code creates"),
  threads: bounded(4, "threads of one routine that live at once"),
  records: bounded(4, "records of one kind that exist at once, unless the driver says otherwise"),
  numbers: bounded(2 ** 30 - 1, "the size of a number that a driver counts up or down to"),
  regions: bounded(63, "regions or attachments that a thread is in, one inside another"),
  registrations: bounded(1, "registrations of one callback, calls of a former one included"),
  times: bounded(2 ** 53, "microseconds of a run"),
  dpcProcessors: harmless(2, "processors in one DPC at once: the model has no more (SY-24)"),
  // Of the worlds.
  users: bounded(
    6,
    "users at once: the driver lets in as many or more, by units of a semaphore or threads of its own",
  ),
  // Of the search.
  unlooked: bounded(0, "worlds, or readings of one, that the budget did not reach"),
  stopped: bounded(0, "work, because it was ended early"),
  decisions: bounded(4_000, "decisions of a random run, behind which something was still owed"),
  runWork: bounded(2 ** 16, "transitions that the local operations of a random run count for"),
  suspicions: bounded(16, "such runs of one world that are gone back to"),
  memory: bounded(2 ** 26, "words of stored states"),
  hangStates: bounded(400, "states in which something hangs, whose chains are worked out"),
  lateSteps: bounded(16_384, "steps that end something late, whose runs are traced"),
  runs: sampled(60, "random runs in one look at a world"),
  settleSteps: harmless(
    20_000,
    "decisions in which such a run is gone on with: else it stays open",
  ),
  movingThreads: harmless(
    8,
    "threads that move beside a hang: with more it is told from who could end its waits first",
  ),
  neighbourThreads: harmless(2, "threads that a neighbour's file filter creates at once"),
  waitObjects: harmless(4, "objects of one wait, as the language has it"),
  causes: harmless(2, "callbacks that caused one another, as far as they are told apart"),
  firstSlice: harmless(
    2_000,
    "transitions of a first look at a world; later ones have five times more",
  ),
  shrinking: harmless(2_000_000, "transitions for shrinking all findings: else they stay larger"),
  shrinkAttempt: harmless(12_000, "transitions for one attempt at that"),
  endsKept: harmless(
    1_000,
    "scenarios of which shrinking knows what hangs, instead of searching again",
  ),
  shrinkAttempts: harmless(300, "attempts at shrinking one finding"),
  generatedAttempt: harmless(
    3_000,
    "transitions for one attempt at making a generated driver smaller",
  ),
  generatedAttempts: harmless(250, "attempts at making one generated driver smaller"),
  plainerAttempts: harmless(60, "attempts at a plainer schedule of it"),
  plainerSettling: harmless(20_000, "transitions for seeing that such a schedule shows it"),
  timedWitness: harmless(120_000, "transitions for finding a hang again with times"),
  defaultRun: harmless(2_000, "decisions of the run that a broken rule's cost is told from"),
  pathRounds: harmless(
    1_000_000,
    "steps back through where the time of a latency went: the rest is told as on no step",
  ),
  roundSteps: harmless(64, "decisions of a livelock's round: a longer one is told as far"),
  replaySettling: harmless(200_000, "transitions for seeing that a replayed run hangs"),
  renamingEdges: harmless(4_096, "references between threads that are alike: more merge less"),
  hopThreads: harmless(31, "threads of a program whose runs are taken lock by lock"),
  newcomers: harmless(20_000, "transitions after a hang, of users who come later: else it says so"),
  newcomersAlike: harmless(
    4,
    "users who come later for the same thing, where code counts further than two: else it says so",
  ),
  witnessRuns: harmless(20, "runs with times in which a hang is looked for again"),
  witnessSteps: harmless(2_000, "decisions of such a run"),
  witnessStates: harmless(2_000, "hang states that such a run may end in"),
} as const satisfies Readonly<Record<string, Bound>>;

export type BoundName = keyof typeof bounds;

export const boundNames = Object.keys(bounds) as readonly BoundName[];

/** A bound as a word of the machine holds it: from 1. */
export const boundNumber = (name: BoundName): number => boundNames.indexOf(name) + 1;

export const boundAt = (number: number): BoundName => boundNames[number - 1];

/** In the order of the list, each once. */
export const inOrder = (names: Iterable<BoundName>): BoundName[] => {
  const set = new Set(names);
  return boundNames.filter((name) => set.has(name));
};
