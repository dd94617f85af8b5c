#!/usr/bin/env node
/**
 * The command `loophole` of a checkout: as it was built, where that is not older than any source, and
 * as TypeScript otherwise, which takes a second longer to start. A package has loophole.ts built.
 */
import { existsSync, readdirSync, statSync } from "node:fs";

const sources = new URL("../", import.meta.url);
const built = new URL("../../dist/cli/loophole.js", import.meta.url);

if (existsSync(built) && newest(sources) < statSync(built).mtimeMs) await import(built.href);
else {
  const { register } = await import("tsx/esm/api");
  register();
  await import("./loophole.ts");
}

/** When anything in a folder was changed last. */
function newest(folder) {
  return Math.max(
    ...readdirSync(folder, { withFileTypes: true }).map((entry) =>
      entry.isDirectory()
        ? newest(new URL(`${entry.name}/`, folder))
        : statSync(new URL(entry.name, folder)).mtimeMs,
    ),
  );
}
