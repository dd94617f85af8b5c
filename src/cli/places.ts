/**
 * Files that are started or read by their place, seen from this one: in a package, whose modules are
 * put together, those that ask for them may stand elsewhere, but none outside this folder.
 */

/** What package.json says of us: it lies above `src`, and above what a package has in its place. */
export const packageFile = new URL("../../package.json", import.meta.url);

export const judgingThread = new URL("./judge/worker.js", import.meta.url);

export const loadingProcess = new URL("./load/child.js", import.meta.url);
