/** A campaign over several threads: its runs in parts, then what they showed. */
import {
  type FuzzOptions,
  type FuzzState,
  freshState,
  isOver,
  partSize,
  withRun,
} from "../../campaign/fuzz.ts";
import type { FuzzFound } from "../../campaign/fuzz-shrink.ts";
import { runJobs } from "../judge/pool.ts";
import { showProgress } from "../progress.ts";
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
