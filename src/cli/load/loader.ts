/** The parent of the loading process: starts it, asks it, and ends it when it must. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { LoadedAs, LoadFailure, LoadReply } from "./messages.ts";

export interface LoaderOptions {
  /** Milliseconds for one file. */
  readonly timeoutMs: number;
  /** Ends the process, and what waits for it, when it aborts. */
  readonly signal: AbortSignal;
  /** What driver files print. */
  readonly onOutput: (text: string) => void;
}

/** How an attempt at a file ended. */
export type Attempt =
  | Exclude<LoadReply, { kind: "ready" }>
  /** The process is gone; another has to be started for the next file. */
  | { readonly kind: "lost"; readonly failure: LoadFailure }
  | { readonly kind: "stopped" };

interface Loader {
  /** @param as A driver file unless told. */
  load(file: string, as?: LoadedAs): Promise<Attempt>;
  end(): void;
}

/** Time for the process to start: it loads nothing of the user's. */
const startMs = 60_000;

export async function startLoader(options: LoaderOptions): Promise<Loader> {
  const child = fork(fileURLToPath(new URL("./child.js", import.meta.url)), [], {
    execArgv: [],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const end = (): void => {
    process.off("exit", end);
    child.kill("SIGKILL");
  };
  // However we end: nothing that a driver file does shall outlive us.
  process.once("exit", end);
  const output = collectOutput(child);
  const ready = await nextReply(child, startMs, options.signal);
  if (ready.kind === "lost") {
    end();
    throw new Error(`the process that loads driver files did not start: ${ready.failure.reason}`);
  }
  return {
    async load(file, as = "driver") {
      if (!child.connected) return { kind: "lost", failure: { reason: "ends its process" } };
      child.send({ load: file, as });
      const reply = await nextReply(child, options.timeoutMs, options.signal);
      if (reply.kind === "lost" || reply.kind === "stopped") end();
      const printed = await output.take();
      if (printed !== "" && reply.kind !== "lost") options.onOutput(printed.replace(/\n?$/, "\n"));
      if (reply.kind === "ready") throw new Error("the loading process started twice");
      return reply;
    },
    end,
  };
}

/** The child's next reply, or what came in its place. */
async function nextReply(
  child: ChildProcess,
  limitMs: number,
  stopped: AbortSignal,
): Promise<LoadReply | Exclude<Attempt, LoadReply>> {
  const settled = new AbortController();
  const { signal } = settled;
  const lost = (reason: string) => ({ kind: "lost", failure: { reason } }) as const;
  const timer = new Promise<ReturnType<typeof lost>>((resolve) => {
    const seconds = limitMs / 1_000;
    const late = () =>
      resolve(lost(`does not finish loading within ${seconds} s (--load-timeout)`));
    const handle = setTimeout(late, limitMs);
    signal.addEventListener("abort", () => clearTimeout(handle));
  });
  const stop = new Promise<{ kind: "stopped" }>((resolve) => {
    if (stopped.aborted) resolve({ kind: "stopped" });
    stopped.addEventListener("abort", () => resolve({ kind: "stopped" }), { signal });
  });
  const gone = once(child, "exit", { signal }).then(([code, by]) =>
    lost(`ends the process that loads it (${by === null ? `exit code ${code}` : by})`),
  );
  const left = once(child, "disconnect", { signal })
    // Leaving mostly means ending, of which "exit" has more to say.
    .then(() => new Promise((resolve) => setTimeout(resolve, leaveMs)))
    .then(() => lost("cuts its process off from Loophole's"));
  const reply = once(child, "message", { signal }).then(([message]) => message as LoadReply);
  const all = [reply, gone, left, timer, stop];
  try {
    return await Promise.race(all);
  } finally {
    settled.abort();
    for (const one of [reply, gone, left]) one.catch(() => {});
  }
}

/** Milliseconds between cutting the connection and ending, in that order. */
const leaveMs = 500;

/** Characters kept of what a file prints. */
const outputMax = 100_000;

function collectOutput(child: ChildProcess): { take(): Promise<string> } {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      text = (text + chunk).slice(0, outputMax);
    });
  }
  return {
    async take() {
      // Prints and replies come by different pipes: lets those on their way arrive.
      await new Promise((resolve) => setImmediate(resolve));
      const taken = text;
      text = "";
      return taken;
    },
  };
}
