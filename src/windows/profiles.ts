/** Numbers of the model, each with a name: pools, times, bounds. Ours unless a fact is cited. */
import { printDuration } from "../language/print-operand.ts";
import type { CostClass, WorkQueue } from "../language/shape.ts";
import { durationUsMax } from "../language/validate-limits.ts";
import type { PoolProfileName, TimeProfile } from "./scenario.ts";

export interface PoolProfile {
  /** Threads that a queue starts with. */
  readonly threads: Readonly<Record<WorkQueue, number>>;
  /** Threads that the manager may add to a queue. */
  readonly relief: number;
  /** One pool serves all queues. */
  readonly shared: boolean;
  /** The manager adds a thread on insert while fewer than this run (Critical only). */
  readonly processors: number;
}

export const poolProfiles: Readonly<Record<PoolProfileName, PoolProfile>> = {
  /** One thread and one more: what needs twenty threads elsewhere shows here with three creates. */
  tiny: {
    threads: {
      CriticalWorkQueue: 1,
      DelayedWorkQueue: 1,
      HyperCriticalWorkQueue: 1,
      NormalWorkQueue: 1,
      BackgroundWorkQueue: 1,
    },
    relief: 1,
    shared: false,
    processors: 0,
  },
  /**
   * W5, W7, W8: separate queues, relief of 16 each, growth on insert for Critical. It had no queue
   * of normal or background priority (W2): ours, one thread each.
   */
  nt5: {
    threads: {
      CriticalWorkQueue: 5,
      DelayedWorkQueue: 3,
      HyperCriticalWorkQueue: 1,
      NormalWorkQueue: 1,
      BackgroundWorkQueue: 1,
    },
    relief: 16,
    shared: false,
    processors: 2,
  },
  /** W6, W3: one pool of 16 threads; its growth is not documented, taken as nt5's. */
  modern: {
    threads: {
      CriticalWorkQueue: 16,
      DelayedWorkQueue: 16,
      HyperCriticalWorkQueue: 16,
      NormalWorkQueue: 16,
      BackgroundWorkQueue: 16,
    },
    relief: 16,
    shared: true,
    processors: 0,
  },
};

/** Ours: no document gives any. */
export const usualTimes: TimeProfile = {
  shortUs: 1,
  lockUs: 2,
  userModeUs: 5,
  ioUs: 5_000,
  createProcessUs: 1_000,
  exitProcessUs: 500,
  createThreadUs: 100,
  mapImageUs: 500,
  busyItemUs: 1_000_000,
  slowServiceUs: 2_000_000,
  /** Nobody bounds it; this is beyond every budget. */
  personUs: 60_000_000,
  /** N13: the documented KS rule is the closest analogue. */
  callbackUs: 500_000,
  eventUs: 3_000_000,
  operationUs: 10_000_000,
};

/** What takes the time, or may. */
const timeWords: Readonly<Record<keyof TimeProfile, string>> = {
  shortUs: "a plain call takes",
  lockUs: "a call on a lock or an event takes",
  userModeUs: "a call in user mode takes",
  ioUs: "a call to a file, the registry or a device takes",
  createProcessUs: "creating a process takes",
  exitProcessUs: "ending a process takes",
  createThreadUs: "creating a thread takes",
  mapImageUs: "mapping an image takes",
  busyItemUs: "a foreign work item takes",
  slowServiceUs: "a slow service takes",
  personUs: "a person takes",
  callbackUs: "a callback may take",
  eventUs: "all callbacks of one event may take",
  operationUs: "a user's operation or a service's request may take",
};

/** Times of one's own: "a call to a device takes 20 ms". */
export const timesInWords = (times: Partial<TimeProfile>): string[] =>
  Object.entries(times).map(
    ([name, us]) =>
      `${timeWords[name as keyof TimeProfile]} ${us >= durationUsMax ? "any time" : printDuration(us)}`,
  );

/** What a call of this class takes. */
export const classCostUs = (times: TimeProfile, cost: CostClass): number =>
  cost === "none" ? 0 : times[`${cost}Us`];

/** Transitions within this of the earliest may go next, in the timed reading. */
export const skewUs = 100;
