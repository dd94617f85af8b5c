/** Stopping from outside: Ctrl-C, SIGTERM, SIGHUP, `--time`. Work asks a shared flag; loading, a signal. */
import { exitCodes } from "./exit.ts";
import { warn } from "./output.ts";

export interface Stop {
  /** One int32 that work in other threads looks at: 1 once it shall stop. */
  readonly flag: SharedArrayBuffer;
  /** The same for what waits in this thread. */
  readonly signal: AbortSignal;
  /** What stopped us: "Ctrl-C", "SIGTERM", "--time 30"; undefined while nothing has. */
  readonly by: string | undefined;
  /** Lets `seconds` begin to run. */
  startClock(seconds: number | undefined): void;
  /** No longer listens. */
  end(): void;
}

export function listenForStop(): Stop {
  const flag = new SharedArrayBuffer(4);
  const abort = new AbortController();
  let by: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  const stop = (what: string): void => {
    if (by !== undefined) return;
    by = what;
    Atomics.store(new Int32Array(flag), 0, 1);
    abort.abort();
  };
  const onSignal = (name: string): void => {
    if (by !== undefined && !by.startsWith("--time")) process.exit(exitCodes.interrupted);
    const word = name === "SIGINT" ? "Ctrl-C" : name;
    warn(`\nloophole: ${word}: ends with what is found; once more ends at once\n`);
    stop(word);
    by = word;
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const name of signals) process.on(name, onSignal);
  return {
    flag,
    signal: abort.signal,
    get by() {
      return by;
    },
    startClock(seconds) {
      if (seconds === undefined) return;
      timer = setTimeout(() => stop(`--time ${seconds}`), seconds * 1_000);
    },
    end() {
      clearTimeout(timer);
      for (const name of signals) process.off(name, onSignal);
    },
  };
}
