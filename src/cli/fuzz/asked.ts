/** What the options of `fuzz` come to. */
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
}
