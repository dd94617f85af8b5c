/**
 * The checkout, built once in a place that nobody else writes to: tests run the command from there,
 * whatever stands in `dist`. It is named by what it is built of, so no test ever sees another's.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const checkout = fileURLToPath(new URL("../../../", import.meta.url));
const cache = join(checkout, "node_modules/.cache/loophole-tests");

/** What a package is made of. */
const parts = [
  "package.json",
  "tsconfig.json",
  "tsconfig.build.json",
  "LICENSE",
  "README.md",
  "esbuild.config.js",
  "src",
] as const;

let known: string | undefined;

/** A copy of the checkout with what `npm run build` makes of it. */
export function builtCheckout(): string {
  known ??= build();
  return known;
}

/** The command `loophole` of a package. */
export const builtCommand = (): string => join(builtCheckout(), "dist/cli/loophole.js");

/**
 * A module of the built form, beside which its processes and threads are built, too: from the sources
 * each of them compiles all that it loads.
 *
 * @param path Below `src`, as `.ts`.
 */
export const builtModule = <M>(path: string): Promise<M> =>
  import(pathToFileURL(join(builtCheckout(), "dist", path.replace(/\.ts$/, ".js"))).href);

function build(): string {
  const place = join(cache, hashOfParts());
  if (existsSync(place)) return place;
  mkdirSync(cache, { recursive: true });
  removeOld();
  const draft = mkdtempSync(join(cache, "draft-"));
  for (const part of parts) cpSync(join(checkout, part), join(draft, part), { recursive: true });
  symlinkSync(join(checkout, "node_modules"), join(draft, "node_modules"), "junction");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  execFileSync(npm, ["run", "--silent", "build"], {
    cwd: draft,
    shell: process.platform === "win32",
  });
  try {
    renameSync(draft, place);
  } catch (error) {
    // Another process was as quick, and made the same.
    if (!existsSync(place)) throw error;
    rmSync(draft, { recursive: true, force: true });
  }
  return place;
}

function hashOfParts(): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    const path = join(checkout, part);
    const files = statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
          .sort()
      : [path];
    for (const file of files) {
      const bytes = readFileSync(file);
      hash.update(`${file.slice(checkout.length)} ${bytes.length}\n`).update(bytes);
    }
  }
  return hash.digest("hex").slice(0, 16);
}

const dayMs = 24 * 60 * 60 * 1_000;

/** Builds of sources that have changed long since. */
function removeOld(): void {
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    if (Date.now() - statSync(path).mtimeMs > dayMs) rmSync(path, { recursive: true, force: true });
  }
}
