/**
 * What can stand where the command reads or writes a file: FIFOs, devices, folders, links. Each call is
 * a process of its own with a limit, since who opens a FIFO waits for ever.
 */
import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { harmlessDriver, makeFolder, start } from "../../cli/support/command.ts";
import { harmless, quick } from "./answers.ts";
import { counterexamples } from "./cases.ts";
import { unclear } from "./unclear.ts";

/** Where a file is read or written, and what stands there by right. */
interface Spot {
  readonly what: string;
  readonly file: string;
  readonly args: readonly string[];
  /** Of a file that is read; what is written can be new. */
  readonly text?: string;
  readonly isFolder?: true;
}

const check = (file: string, ...args: string[]): string[] => ["check", file, ...quick, ...args];
const driver = "a.driver.json";
const baseline = '{"loophole":"baseline","version":2,"accepted":[]}\n';
const source = "VOID Acme(PVOID Context)\n{\n}\n";
const modelled = JSON.stringify({
  ...JSON.parse(harmless),
  routines: [{ name: "Acme", role: "callback", locals: [], body: [], at: "acme.c:1" }],
  registrations: [{ family: "process-create", routine: "Acme" }],
});
const fuzz = ["fuzz", "--runs", "1", "--run-budget", "50", "--workers", "1", "--save", "kept"];
const drift = ["drift", "modelled.driver.json", "--source", "tree"];
const reviewed = "modelled.driver.reviewed.json";

const [shortest] = counterexamples.toSorted((a, b) => a.text.length - b.text.length);

/** @param campaign The state of a campaign of two runs. */
const spotsOf = (campaign: string): readonly Spot[] => [
  { what: "driver as data", file: "b.json", args: check("b.json"), text: harmless },
  { what: "driver", file: "b.ts", args: check("b.ts"), text: harmlessDriver("b") },
  { what: "counterexample", file: "c.json", args: ["replay", "c.json"], text: shortest.text },
  { what: "baseline", file: "b.json", args: check(driver, "--baseline", "b.json"), text: baseline },
  {
    what: "configuration",
    file: "loophole.config.ts",
    args: check(driver),
    text: 'export default { scope: "small" };\n',
  },
  {
    what: "state of a campaign",
    file: "kept/campaign.state",
    args: fuzz.with(2, "2").with(4, "100"),
    text: campaign,
  },
  { what: "C source", file: "tree", args: drift, isFolder: true },
  { what: "JUnit", file: "out.xml", args: check(driver, "--junit", "out.xml") },
  {
    what: "baseline that is written",
    file: "b.json",
    args: check(driver, "--write-baseline", "b.json"),
    text: baseline,
  },
  {
    what: "review",
    file: reviewed,
    args: [...drift, "--accept"],
    text: '{"loophole":"reviewed","version":1,"functions":[]}',
  },
  { what: "folder", file: "found", args: check(driver, "--save", "found"), isFolder: true },
  { what: "campaign's folder", file: "kept", args: fuzz, isFolder: true },
];

/** What stands there, and for what it does. */
interface Sight {
  readonly what: string;
  readonly make: (path: string, text: string) => void;
  /** "either": what is read from it or written to it is refused or not, but in time and in one line. */
  readonly does: "file" | "folder" | "nothing" | "large" | "either";
}

const beside = (path: string): string => join(dirname(path), "elsewhere");
const sights: readonly Sight[] = [
  { what: "a FIFO", make: (path) => void execFileSync("mkfifo", [path]), does: "nothing" },
  {
    what: "a link to a FIFO",
    make: (path) => {
      execFileSync("mkfifo", [beside(path)]);
      symlinkSync("elsewhere", path);
    },
    does: "nothing",
  },
  { what: "a device without end", make: (path) => symlinkSync("/dev/zero", path), does: "nothing" },
  { what: "a full device", make: (path) => symlinkSync("/dev/full", path), does: "nothing" },
  { what: "a folder", make: (path) => void mkdirSync(path), does: "folder" },
  {
    what: "a link to a folder",
    make: (path) => {
      mkdirSync(beside(path));
      symlinkSync("elsewhere", path);
    },
    does: "folder",
  },
  { what: "a link to itself", make: (path) => symlinkSync("./self", path), does: "nothing" },
  {
    what: "a link to a file",
    make: (path, text) => {
      writeFileSync(beside(path), text);
      symlinkSync("elsewhere", path);
    },
    does: "file",
  },
  {
    what: "a link to what is not there yet",
    make: (path) => symlinkSync("elsewhere", path),
    does: "either",
  },
  {
    what: "a file of four gigabytes",
    make: (path) => {
      writeFileSync(path, "");
      truncateSync(path, 4 * 1024 ** 3);
    },
    does: "large",
  },
];

export interface PlaceAnswer {
  readonly what: string;
  readonly code: number | null;
  readonly line?: string;
  readonly fault?: string;
}

/** Every sight at every spot, as far as `isWanted`. */
export async function answersAtPlaces(
  campaign: string,
  isWanted: (index: number) => boolean = () => true,
): Promise<PlaceAnswer[]> {
  const answers: PlaceAnswer[] = [];
  let index = 0;
  for (const spot of spotsOf(campaign)) {
    for (const sight of sights) if (isWanted(index++)) answers.push(await answerAt(spot, sight));
  }
  return answers;
}

/** Milliseconds for a call that has next to nothing to do, on a machine that is busy. */
const callMs = 120_000;

async function answerAt(spot: Spot, sight: Sight): Promise<PlaceAnswer> {
  const folder = makeFolder({ [driver]: harmless });
  const path = join(folder.path, spot.file);
  const what = `${sight.what} for a ${spot.what}`;
  try {
    if (dirname(spot.file) !== ".") mkdirSync(dirname(path));
    if (spot.args[0] === "drift") {
      writeFileSync(join(folder.path, "modelled.driver.json"), modelled);
      if (spot.file !== "tree") mkdirSync(join(folder.path, "tree"));
    }
    const at = sight.what === "a link to itself" ? join(dirname(path), "self") : path;
    sight.make(at, spot.text ?? "old");
    if (at !== path) symlinkSync("self", path);
    if (spot.args[0] === "drift" && (spot.file !== "tree" || sight.does === "folder")) {
      writeFileSync(join(folder.path, "tree/acme.c"), source);
    }
    const before = kindAt(path);
    const { child, ended } = start(folder.path, ...spot.args);
    const timer = setTimeout(() => child.kill("SIGKILL"), callMs);
    const { code, stdout, stderr } = await ended;
    clearTimeout(timer);
    const lines = stderr.split("\n").filter((line) => line !== "");
    const fault = faultAt(spot, sight, { code, stdout, lines, changed: before !== kindAt(path) });
    const line = code === 2 ? lines[0] : undefined;
    return {
      what,
      code,
      ...(line === undefined ? {} : { line }),
      ...(fault === undefined ? {} : { fault }),
    };
  } finally {
    folder.remove();
  }
}

/** Whether it is a file, a link and so on: `ls -l` has it first. */
function kindAt(path: string): number | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.mode;
}

function faultAt(
  spot: Spot,
  sight: Sight,
  {
    code,
    stdout,
    lines,
    changed,
  }: {
    readonly code: number | null;
    readonly stdout: string;
    readonly lines: readonly string[];
    readonly changed: boolean;
  },
): string | undefined {
  if (code === null) return `does not end within ${callMs / 1_000} s`;
  const right = rightCodes(spot, sight);
  if (!right.includes(code)) return `exit code ${code}: ${lines.join(" | ").slice(0, 500)}`;
  if (changed) return "is another thing than before";
  if (code !== 2) return undefined;
  if (stdout !== "") return `prints with exit code 2: ${stdout.slice(0, 200)}`;
  return lines.length === 1 ? unclear(lines[0]) : `${lines.length} lines: ${lines.join(" | ")}`;
}

function rightCodes({ isFolder, text }: Spot, { does }: Sight): readonly number[] {
  if (does === "either") return [0, 1, 2];
  // What is written over may have been of any length.
  const fits = does === (isFolder ? "folder" : "file") || (does === "large" && !text && !isFolder);
  return fits ? [0, 1] : [2];
}
