/** A campaign on a disk that takes no more, and several in one folder. */
import { spawn } from "node:child_process";
import { nextInt } from "../../../src/base/random.ts";
import { builtCommand } from "../../cli/support/built.ts";
import { type Ended, endOf, plainEnvironment, start } from "../../cli/support/command.ts";
import { drawerFor } from "./draw.ts";
import { argsFor, type Campaign, lookAt, type Outcome, prepare } from "./kills.ts";
import { unclear } from "./unclear.ts";

interface Trouble {
  readonly folder: string;
  readonly campaign: Campaign;
  /** What it comes to undisturbed. */
  readonly whole: Outcome;
}

interface Full {
  /** Bytes that each file may have. */
  readonly bytes: number;
  readonly code: number | null;
  readonly done: number;
  readonly faults: readonly string[];
}

/** Where the system can keep files from growing. */
export const hasLimits = process.platform === "linux";

/** `ulimit -f` counts in these. */
const blockBytes = 512;

/**
 * Goes on with a campaign, so often, where no file may grow beyond a limit: a write takes what fits and
 * the next one fails, as on a full disk. What was there stays whole, and one line says why.
 */
export async function runOnFullDisks(
  { folder, campaign, whole }: Trouble,
  times: number,
  seed: string,
): Promise<Full[]> {
  const random = drawerFor(`${seed}, full`);
  const longest = Math.max(...Object.values(whole.files).map((text) => Buffer.byteLength(text)));
  prepare(folder, campaign);
  const found: Full[] = [];
  for (let i = 0; i < times; i++) {
    const blocks = 1 + nextInt(random, Math.ceil(longest / blockBytes));
    const { code, stdout, stderr } = await limited(folder, blocks, argsFor(campaign, 2));
    const { done, faults } = lookAt(folder, campaign, whole, found.at(-1)?.done ?? 0);
    const lines = stderr.split("\n").filter((line) => line !== "");
    if (code === 2) {
      if (stdout !== "") faults.push(`prints with exit code 2: ${stdout.slice(0, 200)}`);
      if (lines.length !== 1) faults.push(`${lines.length} lines: ${stderr}`);
      const why = unclear(lines[0]);
      if (why !== undefined) faults.push(why);
    } else if (code !== 0 && code !== 1) {
      faults.push(`exit code ${code}: ${stderr}`);
    }
    found.push({ bytes: blocks * blockBytes, code, done, faults });
  }
  return found;
}

/** The command, whose files may have so many blocks. */
function limited(folder: string, blocks: number, args: readonly string[]): Promise<Ended> {
  // The signal of the limit would end it: it is to see the failed write instead.
  const line = `trap "" XFSZ; ulimit -f ${blocks}; exec "$@"`;
  const child = spawn("sh", ["-c", line, "sh", process.execPath, builtCommand(), ...args], {
    cwd: folder,
    env: plainEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  return endOf(child);
}

/** The same campaign, so often at once: one works in the folder, and the others say so or find it done. */
export async function runAtOnce(
  { folder, campaign, whole }: Trouble,
  times: number,
): Promise<{ readonly codes: readonly (number | null)[]; readonly faults: readonly string[] }> {
  prepare(folder, campaign);
  const right = campaign.driver === undefined ? 0 : 1;
  const ended = await Promise.all(
    Array.from({ length: times }, () => start(folder, ...argsFor(campaign, 1)).ended),
  );
  const faults: string[] = [];
  if (!ended.some(({ code }) => code === right)) faults.push("none comes to the end");
  for (const { code, stdout, stderr } of ended) {
    if (code === right) {
      if (stdout !== whole.printed) faults.push("prints something else");
    } else if (code !== 2 || !/^[^\n]*kept[^\n]*\n$/.test(stderr)) {
      faults.push(`exit code ${code}: ${stderr}`);
    }
  }
  return { codes: ended.map(({ code }) => code), faults };
}
