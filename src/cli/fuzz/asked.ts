/** What the options of `fuzz` come to. */
import type { Shard } from "../shard/shard.ts";

export interface FuzzCommandOptions {
  readonly budget: number;
  readonly runs: number;
  readonly runBudget: number;
  readonly seed: string;
  readonly illegal: number;
  readonly withGenerated?: boolean;
  readonly save?: string;
  readonly stories?: boolean;
  readonly json?: boolean;
  readonly workers: number;
  readonly loadTimeout: number;
  readonly shard?: Shard;
  /** The number of runs was given, so that it is known ahead which runs there are. */
  readonly endsByRuns?: boolean;
}
