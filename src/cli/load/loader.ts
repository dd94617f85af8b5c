/** The parent of a loading process: starts it, asks it for one file, and ends it. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import type { Readable, Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { loadingProcess } from "../places.ts";
import type { LoadedAs, LoadFailure, LoadReply, LoadRequest } from "./messages.ts";
import { answersFd, requestFd } from "./messages.ts";
import { replyIn } from "./replies.ts";

export interface LoaderOptions {
  /** Milliseconds for one file. */
  readonly timeoutMs: number;
  /** Ends the process, and what waits for it, when it aborts. */
  readonly signal: AbortSignal;
  /** What driver files print. */
  readonly onOutput: (text: string) => void;
}

/** How an attempt at a file ended. */
export type Attempt = Exclude<LoadReply, { kind: "ready" }> | { readonly kind: "stopped" };

export interface Loading {
  readonly attempt: Attempt;
  /** What the file printed, with a line break behind it. */
  readonly printed: string;
}

/** Time for the process to start: it loads nothing of the user's. */
const startMs = 600_000;
/** Megabytes of JavaScript's objects. */
const heapMax = 1_024;
/** Characters of an answer: what is longer is no driver. */
const answerMax = 64 * 1024 * 1024;
/** Milliseconds for what is on its way when the process ends. */
const drainMs = 500;

/** Loads one file in a process of its own, so that it can answer for no other. */
export async function loadModule(
  file: string,
  as: LoadedAs,
  { timeoutMs, signal }: LoaderOptions,
): Promise<Loading> {
  if (signal.aborted) return { attempt: { kind: "stopped" }, printed: "" };
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${heapMax}`, fileURLToPath(loadingProcess)],
    // A group of its own, so that what the file starts can be ended with it.
    { stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"], detached: hasGroups, windowsHide: true },
  );
  const end = (): void => endGroup(child);
  // However we end: nothing that a driver file does shall outlive us.
  process.once("exit", end);
  const secret = randomUUID();
  const output = collectOutput(child);
  const replies = repliesOf(child, secret, signal);
  try {
    const request = child.stdio[requestFd] as Writable;
    // It may be gone before it has read anything.
    request.on("error", () => {});
    request.write(`${JSON.stringify({ load: file, as, secret } satisfies LoadRequest)}\n`);
    const first = await replies.next(startMs, "does not start");
    const attempt =
      first.kind === "ready"
        ? await replies.next(
            timeoutMs,
            `does not finish loading within ${timeoutMs / 1_000} s (--load-timeout)`,
          )
        : first;
    if (attempt.kind === "ready") return { attempt: failed(forged), printed: "" };
    if ("isSilent" in attempt) return { attempt, printed: "" };
    // What it printed comes by pipes of its own, which end with the process.
    end();
    await endOfOutput(child);
    return { attempt, printed: output() };
  } finally {
    process.off("exit", end);
    replies.end();
    end();
  }
}

const hasGroups = process.platform !== "win32";

function endGroup(child: ChildProcess): void {
  try {
    if (hasGroups && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended, and so has all that it started.
  }
  child.kill("SIGKILL");
}

/** Waits for what is on its way out of an ended process; not long, if somebody keeps its pipes open. */
async function endOfOutput({ stdout, stderr }: ChildProcess): Promise<void> {
  const streams = [stdout, stderr].flatMap((stream) => stream ?? []);
  await Promise.race([
    Promise.allSettled(streams.map((stream) => finished(stream))),
    delay(drainMs, undefined, { ref: false }),
  ]);
}

/** Seen from here: what the file printed is no help to anybody. */
const failed = (reason: string) =>
  ({ kind: "failed", failure: { reason } satisfies LoadFailure, isSilent: true }) as const;

const forged = "writes where only Loophole answers: what it exports cannot be believed";

type Reply = LoadReply | { readonly kind: "stopped" };

/** Replies one by one; what comes in their place ends the file. */
function repliesOf(child: ChildProcess, secret: string, signal: AbortSignal) {
  const waiting: Reply[] = [];
  let wake = (): void => {};
  const add = (reply: Reply): void => {
    waiting.push(reply);
    wake();
  };
  let text = "";
  const answers = child.stdio[answersFd] as Readable;
  answers.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n")) {
      add(replyIn(text.slice(0, at), secret) ?? failed(forged));
      text = text.slice(at + 1);
    }
    if (text.length > answerMax) {
      text = "";
      add(failed(`exports more than ${answerMax / 1024 / 1024} MB`));
    }
  });
  answers.on("error", () => {});
  child.on("error", (error) => add({ kind: "fault", message: error.message }));
  child.on("exit", (code, by) => {
    const how = by === null ? `exit code ${code}` : by;
    const why = /SIGABRT|SIGKILL|code 134/.test(how) ? "; it may have run out of memory" : "";
    // Its last answer may be on its way.
    setTimeout(() => add(failed(`ends the process that loads it (${how})${why}`)), drainMs);
  });
  const stop = (): void => add({ kind: "stopped" });
  signal.addEventListener("abort", stop);
  return {
    async next(limitMs: number, late: string): Promise<Reply> {
      const timer = setTimeout(() => add(failed(late)), limitMs);
      while (waiting.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      clearTimeout(timer);
      return waiting.shift() as Reply;
    },
    end: () => signal.removeEventListener("abort", stop),
  };
}

/** Characters kept of what a file prints. */
const outputMax = 100_000;

function collectOutput(child: ChildProcess): () => string {
  let text = "";
  let left = 0;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      const room = outputMax - text.length;
      text += chunk.slice(0, room);
      left += Math.max(0, chunk.length - room);
    });
  }
  return () => {
    const more = left === 0 ? "" : `\n… and ${left} characters more`;
    return text === "" ? "" : `${text}${more}`.replace(/\n?$/, "\n");
  };
}
