/** The real command, in a process of its own, and folders for it to work in. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { defineDriver } from "../../../src/windows/define-driver.ts";
import { builtCommand } from "./built.ts";

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

export function start(folder: string, ...args: string[]): Running {
  const child = spawn(process.execPath, [builtCommand(), ...args], {
    cwd: folder,
    env: plainEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = endOf(child).then((end) => ({ ...end, stderr: withoutProgress(end.stderr) }));
  return { child, ended };
}

/** Ours, without what changes how the command talks. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const { NO_COLOR, FORCE_COLOR, LOOPHOLE_DEBUG, ...env } = process.env;
  return env;
}

/** Lines that tell every ten seconds how far the work is: a busy machine has them, an idle one none. */
export const withoutProgress = (text: string): string =>
  text.replace(/^loophole: \S.*: world \d+ of \d+, .* operations.*\n/gm, "");

/** What a process whose output goes into pipes prints, and how it ends. */
export function endOf(child: ChildProcess): Promise<Ended> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
  });
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

export const loophole = (folder: string, ...args: string[]): Promise<Ended> =>
  start(folder, ...args).ended;

/** A folder outside the checkout, with a space in its path and no package.json above it. */
export function makeFolder(files: Readonly<Record<string, string>>): {
  readonly path: string;
  readonly remove: () => void;
} {
  const path = mkdtempSync(join(tmpdir(), "loophole command "));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

const driverText = (name: string, body: string): string =>
  [
    'import { defineDriver } from "loophole-fuzz";',
    `export const driver = defineDriver("${name}", (d) => {`,
    '  d.onProcessCreate("Callback", (a) => {',
    '    const done = a.event("Done", "NotificationEvent");',
    `    ${body}`,
    "  });",
    "});",
    "",
  ].join("\n");

/** Waits for an event that nobody sets: a deadlock in the smallest world. */
export const stuckDriver = (name: string): string =>
  driverText(name, "a.KeWaitForSingleObject(done);");

/** Touches nothing that anybody waits for. */
export const harmlessDriver = (name: string): string => driverText(name, "a.KeSetEvent(done);");

/** Waits for a work item of its own: much to search. */
export const waitingDriver = (name: string): string =>
  driverText(
    name,
    `const item = a.workItem("Item", (w) => { w.ZwReadFile(); w.KeSetEvent(done); });
    a.IoQueueWorkItem(item, "DelayedWorkQueue");
    a.KeWaitForSingleObject(done);`,
  );

/** The same three as data, which no process has to load. */
export const stuckJson = (name: string): string =>
  dataOf(name, (a, done) => a.KeWaitForSingleObject(done));
export const harmlessJson = (name: string): string => dataOf(name, (a, done) => a.KeSetEvent(done));
export const waitingJson = (name: string): string =>
  dataOf(name, (a, done) => {
    const item = a.workItem("Item", (w) => {
      w.ZwReadFile();
      w.KeSetEvent(done);
    });
    a.IoQueueWorkItem(item, "DelayedWorkQueue");
    a.KeWaitForSingleObject(done);
  });

type Callback = Parameters<Parameters<Parameters<typeof defineDriver>[1]>[0]["onProcessCreate"]>[1];
type Calls = Parameters<Callback>[0];

const dataOf = (name: string, body: (a: Calls, done: ReturnType<Calls["event"]>) => void): string =>
  JSON.stringify(
    defineDriver(name, (d) => {
      d.onProcessCreate("Callback", (a) => body(a, a.event("Done", "NotificationEvent")));
    }),
  );
