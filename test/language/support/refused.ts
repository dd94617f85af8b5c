/** Errors of the user's, and the lines of a test file that they should name. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { InputError } from "../../../src/base/input-error.ts";

/** The InputError that this throws. */
export function refused(run: () => unknown): InputError {
  try {
    run();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  return expect.fail("an InputError was expected, and nothing was thrown");
}

/**
 * Finds lines of a test by a comment at their end: `placeOf("wait")` is that of `… // <wait>`. A
 * comment alone on its line means the line above.
 */
export function placesIn(url: string): (marker: string) => string {
  // vitest marks the load of a file with a query.
  const path = fileURLToPath(url.replace(/\?.*$/, ""));
  const lines = readFileSync(path, "utf8").split("\n");
  const name = basename(path);
  return (marker) => {
    const comment = `// <${marker}>`;
    const found = lines.flatMap((line, i) => {
      if (!line.endsWith(comment)) return [];
      return line.trim() === comment ? [i] : [i + 1];
    });
    expect(found, `one line ends in // <${marker}>`).toHaveLength(1);
    return `language/${name}:${found[0]}`;
  };
}
