/** A campaign over several threads: its runs in parts, then what they showed. */
import {
  type FuzzOptions,
  type FuzzRun,
  type FuzzState,
  freshState,
  isOver,
  partSize,
  withRun,
} from "../../campaign/fuzz.ts";
import type { FuzzFound } from "../../campaign/fuzz-shrink.ts";
import { runJobs } from "../judge/pool.ts";
import { showProgress } from "../progress.ts";
import { isOurs, type Shard } from "../shard/shard.ts";
import type { Stop } from "../stop.ts";

interface Asked {
  readonly workers: number;
  readonly stop: Stop;
  readonly start?: FuzzState;
  /** Told after each part, in order. */
  readonly onState?: (state: FuzzState) => void;
}

/** Parts that are planned at a time: the budget may end long before the runs do. */
const partsMax = 20_000;

export async function runCampaign(options: FuzzOptions, asked: Asked): Promise<FuzzState> {
  const { workers, stop, start = freshState, onState } = asked;
  let state = start;
  let isCut = false;
  const progress = showProgress(1);
  try {
    while (!isOver(state, options) && stop.by === undefined && !isCut) {
      const parts = partsFrom(state.done, options);
      await runJobs(parts, {
        workers,
        stop,
        placeOf: () => "a generated driver",
        isEnough: () => isOver(state, options),
        onResult: (index, runs) => {
          if (isCut) return;
          for (const run of runs) if (!isOver(state, options)) state = withRun(state, run);
          // A stop came in the middle of it: what is behind would leave a gap.
          isCut = runs.length < parts[index].to - parts[index].from;
          onState?.(state);
          progress.update(0, {
            driver: "campaign",
            world: "",
            done: state.done,
            worlds: aboutRuns(state, options),
            spent: state.spent,
            findings: state.mechanisms.length,
          });
        },
      });
    }
  } finally {
    progress.end();
  }
  return state;
}

/**
 * The runs of one share, in order: whole parts go to the shards in turn. More than the budget of all
 * shards together is not needed of any.
 */
export async function runShare(
  options: FuzzOptions,
  shard: Shard,
  { workers, stop }: Asked,
): Promise<FuzzRun[]> {
  const runs: FuzzRun[] = [];
  const smallest = new Map<string, number>();
  let spent = 0;
  let isCut = false;
  for (let from = 0; from < options.runs && spent < options.budget && !isCut; ) {
    const planned = partsFrom(from, options);
    from = planned[planned.length - 1].to;
    const parts = planned.filter((part) => isOurs(shard, part.from / partSize));
    await runJobs(parts, {
      workers,
      stop,
      placeOf: () => "a generated driver",
      isEnough: () => spent >= options.budget,
      onResult: (index, done) => {
        for (const run of done) {
          if (isCut || spent >= options.budget) return;
          runs.push(withoutLarger(run, smallest));
          spent += run.spent;
        }
        isCut = done.length < parts[index].to - parts[index].from;
      },
    });
    isCut ||= stop.by !== undefined;
  }
  return runs;
}

/** Of each mechanism only the cases that are smaller than all before them can come to be told. */
function withoutLarger(run: FuzzRun, smallest: Map<string, number>): FuzzRun {
  const hits = run.hits.map((hit) => {
    const key = `${hit.outcome}|${hit.mechanism}`;
    const { case: _, ...rest } = hit;
    if (hit.size >= (smallest.get(key) ?? Number.POSITIVE_INFINITY)) return rest;
    smallest.set(key, hit.size);
    return hit;
  });
  return { ...run, hits };
}

function partsFrom(done: number, options: FuzzOptions) {
  const parts: {
    readonly kind: "fuzz";
    readonly options: FuzzOptions;
    readonly from: number;
    readonly to: number;
  }[] = [];
  for (let from = done; from < options.runs && parts.length < partsMax; from += partSize) {
    parts.push({ kind: "fuzz", options, from, to: Math.min(options.runs, from + partSize) });
  }
  return parts;
}

/** How many runs it will be in all, as far as the budget tells. */
const aboutRuns = ({ done, spent }: FuzzState, { runs, budget }: FuzzOptions): number =>
  Math.max(done, Math.min(runs, Math.ceil((budget * done) / Math.max(1, spent))));

/** Shrinks and tells each mechanism; those that a stop finds waiting are left out. */
export async function tellCampaign(
  state: FuzzState,
  options: FuzzOptions,
  { workers, stop }: Asked,
  onFound: (found: FuzzFound) => void,
): Promise<void> {
  await runJobs(
    state.mechanisms.map((seen) => ({ kind: "tell", options, seen }) as const),
    {
      workers,
      stop,
      placeOf: () => "a generated driver",
      onResult: (_index, found) => onFound(found),
    },
  );
}
