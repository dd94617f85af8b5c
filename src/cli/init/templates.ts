/** The files that `loophole init` writes: small, whole, and passing as they are. */

interface Template {
  /** With forward slashes, from the folder that is named. */
  readonly path: string;
  /** What it is, in a few words. */
  readonly what: string;
  readonly text: string;
}

const driver = `/**
 * A model of the callback that acme.sys registers: what it locks, queues and waits for. Put your own
 * in its place. A statement that ends in .at("src/acme.c:120") is told, and marked in a change, there.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("acme", (d) => {
  const table = d.guardedMutex("TableLock");
  // What the model cannot know: both answers are tried, once for each process.
  const isNew = d.opaque("IsNew", "process");

  d.onProcessCreate("AcmeCreateProcess", (a) => {
    a.KeAcquireGuardedMutex(table);
    a.KeReleaseGuardedMutex(table);
    const scan = a.workItem("Scan", (w) => {
      w.ZwReadFile();
      w.KeAcquireGuardedMutex(table);
      w.KeReleaseGuardedMutex(table);
    });
    a.when(isNew, () => {
      // Queued, and not waited for: see what becomes of it if an event is, that Scan sets.
      a.IoQueueWorkItem(scan, "DelayedWorkQueue");
    });
  });
});

/**
 * What is known of it: outcomes that have to be found, such as { deadlock: [] }. What is not named
 * must not be found, so this says that it is clean.
 */
export const expected: Expectation = {};
`;

const test = `import { expect, test } from "vitest";
import "loophole-fuzz/vitest";
import { driver } from "./acme.driver.ts";

/** Milliseconds: a search may take longer than vitest waits unless told. */
const patience = 120_000;
/** { baseline: "accepted.json" } lets pass here, too, what the suite accepts by that file. */
const options = {};

test(
  "nobody waits for our callback for ever",
  () => {
    expect(driver).toBeDeadlockFree(options);
  },
  patience,
);

test(
  "our callback is back in time",
  () => {
    expect(driver).toReturnWithin("500ms", options);
  },
  patience,
);

test(
  "our callback keeps the rules, and the machine up",
  () => {
    expect(driver).toKeepTheRules(options);
    expect(driver).toBeCrashFree(options);
  },
  patience,
);
`;

const workflow = `name: loophole
on: [push, pull_request]
permissions:
  contents: read
jobs:
  drivers:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - run: npm ci
      - run: npx loophole suite . --annotations github --junit results/loophole.xml
      - run: npx vitest run
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: loophole
          path: results/loophole.xml
`;

export const templates: readonly Template[] = [
  { path: "acme.driver.ts", what: "a callback's model, and what is known of it", text: driver },
  { path: "acme.test.ts", what: "its properties, for vitest", text: test },
  { path: ".github/workflows/loophole.yml", what: "both, on GitHub", text: workflow },
];
