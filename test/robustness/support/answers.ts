/** What the command answers to mutated files, and what is wrong with the answers. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ended } from "../../cli/support/command.ts";
import { beside, type Case, type Kind } from "./cases.ts";
import { commandIn, unclear } from "./unclear.ts";

export interface Answer {
  readonly of: Case;
  readonly code: number;
  /** The line that refuses it. */
  readonly line?: string;
  /** Milliseconds, its share of a call for several files. */
  readonly ms: number;
  /** What must not be. */
  readonly fault?: string;
}

/** How a command line is run: in this process, or in one of its own. */
export type Caller = (folder: string, ...args: readonly string[]) => Promise<Ended>;

/** Milliseconds for one file, judged within its budget on a machine that others use as well. */
const fileMsMax = 60_000;

const loadSeconds = 5;
export const quick = ["--scope", "small", "--budget", "2000", "--workers", "1"];
const loading = ["--load-timeout", `${loadSeconds}`];

const checking = (files: readonly string[]): string[] => [
  ...["check", ...files, ...quick, ...loading],
  ...["--annotations", "github"],
];

const extension: Readonly<Record<Kind, string>> = {
  "driver as JSON": ".driver.json",
  "driver as TypeScript": ".driver.ts",
  counterexample: ".json",
  baseline: ".baseline",
  configuration: ".config",
  campaign: ".state",
};

export const harmless = JSON.stringify({
  loophole: "driver",
  version: 1,
  name: "harmless",
  objects: [],
  perProcess: [],
  records: [],
  settings: [],
  conditions: [],
  registrations: [],
  routines: [],
  services: [],
});

/** Answers to cases of one kind. */
export async function answersTo(cases: readonly Case[], call: Caller): Promise<Answer[]> {
  const folder = mkdtempSync(join(tmpdir(), "loophole mutated "));
  try {
    const [first] = cases;
    if (first === undefined) return [];
    switch (first.kind) {
      case "driver as JSON":
        return await together(cases, folder, call, checking);
      case "driver as TypeScript":
        for (const { name, text } of beside()) writeFileSync(join(folder, name), text);
        return await together(cases, folder, call, checking);
      case "counterexample":
        return await together(cases, folder, call, (files) => [
          "replay",
          ...files,
          "--workers",
          "1",
        ]);
      default:
        return await oneByOne(cases, folder, call);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** All in one call; those that it refuses are left out of the next. */
async function together(
  cases: readonly Case[],
  folder: string,
  call: Caller,
  argsFor: (files: readonly string[]) => string[],
): Promise<Answer[]> {
  const nameOf = (one: Case): string => `case${one.index}${extension[one.kind]}`;
  for (const one of cases) writeFileSync(join(folder, nameOf(one)), one.bytes);
  const answers: Answer[] = [];
  let rest = [...cases];
  while (rest.length > 0) {
    const start = performance.now();
    const ended = await call(folder, ...argsFor(rest.map(nameOf)));
    const ms = performance.now() - start;
    const share = ms / rest.length;
    const lines = ended.stderr.split("\n").filter((line) => line !== "");
    const refused = rest.flatMap((one) => {
      const name = nameOf(one);
      // A mistake can show in what a driver file imports; whose it is shows alone.
      const own = lines.filter(
        (line) => line.startsWith(`${name}:`) || (rest.length === 1 && /^[\w-]+\.ts:/.test(line)),
      );
      return own.length === 0 ? [] : [{ one, own }];
    });
    const strange = faultOf(
      ended,
      refused.flatMap(({ own }) => own),
      lines,
      ms,
    );
    if (strange !== undefined) {
      const [only] = rest;
      if (rest.length === 1) {
        answers.push({ of: only, code: ended.code ?? -1, ms: share, fault: strange });
        return answers;
      }
      // Whose fault it is shows alone.
      for (const one of rest) answers.push(...(await together([one], folder, call, argsFor)));
      return answers;
    }
    if (ended.code !== 2) {
      for (const of of rest) answers.push({ of, code: ended.code ?? -1, ms: share });
      return answers;
    }
    for (const { one, own } of refused) {
      const fault = own.length > 1 ? `${own.length} lines for one file` : unclear(own[0]);
      answers.push({
        of: one,
        code: 2,
        line: own[0],
        ms: share,
        ...(fault === undefined ? {} : { fault }),
      });
    }
    rest = rest.filter((one) => !refused.some((other) => other.one === one));
  }
  return answers;
}

async function oneByOne(cases: readonly Case[], folder: string, call: Caller): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const of of cases) {
    const place = join(folder, `case${of.index}`);
    mkdirSync(join(place, "drivers"), { recursive: true });
    mkdirSync(join(place, "kept"));
    writeFileSync(join(place, "drivers/a.driver.json"), harmless);
    const { file, args } = askingFor(of.kind);
    writeFileSync(join(place, file), of.bytes);
    const start = performance.now();
    const ended = await call(place, ...args);
    const ms = performance.now() - start;
    const lines = ended.stderr.split("\n").filter((line) => line !== "");
    const code = ended.code ?? -1;
    const fault = faultOf(ended, lines, lines, ms) ?? (code === 2 ? unclear(lines[0]) : undefined);
    answers.push({
      of,
      code,
      ms,
      ...(code === 2 ? { line: lines[0] } : {}),
      ...(code === 2 && lines.length !== 1 ? { fault: `${lines.length} lines` } : {}),
      ...(fault === undefined ? {} : { fault }),
    });
  }
  return answers;
}

function askingFor(kind: Kind): { readonly file: string; readonly args: readonly string[] } {
  switch (kind) {
    case "baseline": {
      const file = "accepted.json";
      return { file, args: ["check", "drivers/a.driver.json", "--baseline", file, ...quick] };
    }
    case "campaign":
      return {
        file: "kept/campaign.state",
        args: ["fuzz", "--runs", "2", "--run-budget", "100", "--save", "kept", "--workers", "1"],
      };
    default:
      return { file: "loophole.config.ts", args: ["suite", ...loading, "--workers", "1"] };
  }
}

/** What is wrong with an answer as a whole. @param own The lines of stderr that name a file. @param ms For each file. */
function faultOf(
  { code, stdout, stderr }: Ended,
  own: readonly string[],
  lines: readonly string[],
  ms: number,
): string | undefined {
  if (code !== 0 && code !== 1 && code !== 2) return `exit code ${code}: ${stderr.slice(0, 2_000)}`;
  const command = commandIn(stdout) ?? commandIn(stderr);
  if (command !== undefined) return command;
  if (ms > fileMsMax) return `took ${Math.round(ms / 1_000)} s`;
  if (code !== 2) return undefined;
  if (stdout !== "") return `prints with exit code 2: ${stdout.slice(0, 200)}`;
  if (own.length === 0) return `no line names a file: ${stderr.slice(0, 500)}`;
  const other = lines.find((line) => !own.includes(line));
  return other === undefined ? undefined : `a line that names no file: ${other.slice(0, 500)}`;
}
