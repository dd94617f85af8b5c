/** What package.json says of us: it lies above `src`, and above what a package has in its place. */
import { readFileSync } from "node:fs";

const file = new URL("../../package.json", import.meta.url);

export const about: { readonly name: string; readonly version: string } = JSON.parse(
  readFileSync(file, "utf8"),
);
