/**
 * The built command line, called in this very process: what it prints, and what it comes to. All that
 * a call does is done, its threads and loading processes included; only the start of one more
 * process is saved, which takes longer than most of what tests ask for.
 */
import type { EventEmitter } from "node:events";
import { builtModule } from "./built.ts";
import { type Ended, plainEnvironment, withoutProgress } from "./command.ts";

/** Not to be called again before it has ended: output and folder are the whole process's. */
export async function call(folder: string, ...args: readonly string[]): Promise<Ended> {
  const before = { cwd: process.cwd(), exit: process.exit, env: process.env };
  const { main } = await builtModule<typeof import("../../../src/cli/main.ts")>("cli/main.ts");
  process.env = plainEnvironment();
  const listeners = [process, process.stdout, process.stderr].map(
    (emitter: EventEmitter) => [emitter, emitter.eventNames().map(keptOf(emitter))] as const,
  );
  const out = capture(process.stdout);
  const err = capture(process.stderr);
  let exited: number | undefined;
  const exiting = new Promise<number>((resolve) => {
    process.exit = ((code?: number) => {
      exited = code ?? 0;
      resolve(exited);
    }) as typeof process.exit;
  });
  process.chdir(folder);
  try {
    const code = await Promise.race([main(inOneThread(args)), exiting]);
    return { code, stdout: out.text(), stderr: withoutProgress(err.text()) };
  } finally {
    process.chdir(before.cwd);
    process.exit = before.exit;
    process.env = before.env;
    out.end();
    err.end();
    for (const [emitter, kept] of listeners) restore(emitter, kept);
  }
}

/**
 * Each thread loads all that it works with, and its number changes nothing in what is found: that is
 * for the tests that say how many.
 */
const inOneThread = (args: readonly string[]): readonly string[] =>
  ["check", "suite", "fuzz"].includes(args[0]) && !args.includes("--workers")
    ? [...args, "--workers", "1"]
    : args;

type Kept = readonly [name: string | symbol, listeners: readonly unknown[]];

const keptOf =
  (emitter: EventEmitter) =>
  (name: string | symbol): Kept => [name, emitter.rawListeners(name)];

/** Takes away what the command has left behind: a process of its own would have ended. */
function restore(emitter: EventEmitter, kept: readonly Kept[]): void {
  const known = new Map(kept);
  for (const name of emitter.eventNames()) {
    for (const listener of emitter.rawListeners(name)) {
      if (!known.get(name)?.includes(listener)) {
        emitter.removeListener(name, listener as (...args: unknown[]) => void);
      }
    }
  }
}

function capture(stream: NodeJS.WriteStream): { text: () => string; end: () => void } {
  const write = stream.write;
  let text = "";
  stream.write = ((chunk: string | Uint8Array, encoding?: unknown, done?: unknown): boolean => {
    text += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8");
    const callback = typeof encoding === "function" ? encoding : done;
    if (typeof callback === "function") callback();
    return true;
  }) as typeof stream.write;
  return {
    text: () => text,
    end: () => {
      stream.write = write;
    },
  };
}
