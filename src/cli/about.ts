/** Who we are. */
import { readFileSync } from "node:fs";
import { packageFile } from "./places.ts";

export const about: { readonly name: string; readonly version: string } = JSON.parse(
  readFileSync(packageFile, "utf8"),
);
