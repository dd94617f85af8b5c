/** A team's own folder with the packed package installed in it, and nothing else of the checkout. */
import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { builtCheckout } from "../../cli/support/built.ts";
import { type Ended, endOf } from "../../cli/support/command.ts";

export const checkout = fileURLToPath(new URL("../../../", import.meta.url));

/** Runs a line as a shell would, in a folder; neither our colours nor our test runner show. */
export function shell(
  folder: string,
  line: string,
  own: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(?:NO_COLOR|FORCE_COLOR|NODE_ENV|LOOPHOLE_.*|VITEST.*|GITHUB_.*)$/.test(name),
    ),
  );
  const child = spawn(line, {
    cwd: folder,
    shell: true,
    env: { ...env, npm_config_loglevel: "error", npm_config_offline: "true", ...own },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return endOf(child);
}

interface Team {
  /** Holds a space and an apostrophe. */
  readonly folder: string;
  readonly tarball: string;
  readonly remove: () => void;
}

/** Packs the checkout and installs that, without a network and without npm's memory of one. */
export async function makeTeam(): Promise<Team> {
  const base = mkdtempSync(join(tmpdir(), "loophole package "));
  const folder = join(base, "the team's drivers");
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  await mustEnd(
    builtCheckout(),
    `npm pack --ignore-scripts --silent --pack-destination ${quoted(base)}`,
  );
  const tarball = join(base, readdirSync(base).find((name) => name.endsWith(".tgz")) as string);
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  for (const place of dependencies()) copyPackage(place, folder);
  const cache = quoted(join(base, "empty cache"));
  await mustEnd(
    folder,
    `npm install --save-dev --ignore-scripts --no-audit --no-fund --cache ${cache} ${quoted(tarball)}`,
  );
  return { folder, tarball, remove: () => rmSync(base, { recursive: true, force: true }) };
}

/** What else a team has installed: from here, since it is not ours to pack. */
export function lend(folder: string, name: string): void {
  const target = join(folder, "node_modules", name);
  mkdirSync(dirname(target), { recursive: true });
  symlinkSync(join(checkout, "node_modules", name), target, "junction");
  copyCommands(name, folder);
}

/** Places of all packages that ours needs to run, as the lock file has them. */
function dependencies(): string[] {
  const lock = JSON.parse(readFileSync(join(checkout, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
  };
  return Object.entries(lock.packages).flatMap(([place, { dev }]) =>
    place !== "" && dev !== true && existsSync(join(checkout, place)) ? [place] : [],
  );
}

function copyPackage(place: string, folder: string): void {
  cpSync(join(checkout, place), join(folder, place), { recursive: true });
  copyCommands(place.replace(/^node_modules\//, ""), folder);
}

function copyCommands(name: string, folder: string): void {
  const commands = join(checkout, "node_modules/.bin");
  mkdirSync(join(folder, "node_modules/.bin"), { recursive: true });
  for (const file of readdirSync(commands)) {
    if (file.replace(/\..*$/, "") !== name) continue;
    const options = { verbatimSymlinks: true, recursive: true };
    cpSync(join(commands, file), join(folder, "node_modules/.bin", file), options);
  }
}

async function mustEnd(folder: string, line: string): Promise<void> {
  const { code, stdout, stderr } = await shell(folder, line);
  if (code !== 0) throw new Error(`${line} ended with ${code}\n${stdout}\n${stderr}`);
}

const quoted = (path: string): string => `"${path}"`;
