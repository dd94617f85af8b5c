/** `loophole init [DIR]`: a first driver, its properties and a workflow, and what to do with them. */
import { existsSync, lstatSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { forwardSlashes } from "../../corpus/files.ts";
import { makeFolder, writeWhole } from "../../corpus/whole-file.ts";
import { about } from "../about.ts";
import { exitCodes } from "../exit.ts";
import { templates } from "../init/templates.ts";
import { print } from "../output.ts";

export function initCommand(folder: string): number {
  const files = templates.map((template) => ({
    ...template,
    isNew: writeNew(join(folder, template.path), template.text),
  }));
  const width = Math.max(...files.map(({ path }) => path.length));
  const list = (isNew: boolean): string[] =>
    files
      .filter((file) => file.isNew === isNew)
      .map(({ path, what }) => `  ${path.padEnd(width)}  ${what}`);
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [title, ...lines, ""];
  const place = forwardSlashes(folder);
  const where = place === "." ? "" : `, in ${place}`;
  const lines = [
    ...section(`Written${where}:`, list(true)),
    ...section(`Left as it is${where}, since it was there already:`, list(false)),
    `Next${where}:`,
    ...steps(folder).map((step, i) => `  ${i + 1}. ${step}`),
  ];
  print(`${lines.join("\n")}\n`);
  return exitCodes.clean;
}

/** Whether the file is ours: one that is there already, or a link, stays as it is. */
function writeNew(file: string, text: string): boolean {
  makeFolder(dirname(file));
  if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) return false;
  writeWhole(file, text);
  return true;
}

function steps(folder: string): string[] {
  const missing = [
    ...(isInstalled(about.name, folder) ? [] : [`${about.name}-${about.version}.tgz`]),
    ...(isInstalled("vitest", folder) ? [] : ["vitest"]),
  ];
  const pack = missing.some((name) => name.endsWith(".tgz"))
    ? "\n     `npm pack` makes the .tgz, in a checkout of Loophole. Commit it, and package-lock.json."
    : "";
  return [
    ...(missing.length === 0 ? [] : [`npm install --save-dev ${missing.join(" ")}${pack}`]),
    "npx loophole suite .\n     judges the driver, which is clean, as it says itself.",
    "npx vitest run\n     says the same as tests of yours.",
    "Put your callback in the place of acme's. The README of loophole-fuzz takes ten minutes.",
    ...(isInside(folder)
      ? ["Move .github to the top of the repository: GitHub looks for it nowhere else."]
      : []),
  ];
}

function isInstalled(name: string, folder: string): boolean {
  try {
    createRequire(resolve(folder, "package.json")).resolve(`${name}/package.json`);
    return true;
  } catch {
    return false;
  }
}

/** Whether it lies in a repository, below its top. */
function isInside(folder: string): boolean {
  if (existsSync(join(folder, ".git"))) return false;
  for (let at = resolve(folder); dirname(at) !== at; at = dirname(at)) {
    if (existsSync(join(dirname(at), ".git"))) return true;
  }
  return false;
}
