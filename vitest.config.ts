import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/sequencer.ts";

const source = (file: string): string => fileURLToPath(new URL(`src/${file}`, import.meta.url));

/** Tests that put something else in the place of Node's own modules. */
const alone = ["test/cli/windows-paths.test.ts"];

/** Milliseconds after which a test is given up. */
const hangMs = 30 * 60 * 1_000;

export default defineConfig({
  resolve: {
    // What is tested are the sources: our package's name means them.
    alias: [
      { find: /^loophole-fuzz$/, replacement: source("index.ts") },
      { find: /^loophole-fuzz\/vitest$/, replacement: source("vitest.ts") },
    ],
  },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "shared",
          // Also those that `loophole init` has put into a folder here, and that are run there.
          include: ["**/*.test.ts"],
          exclude: ["**/node_modules/**", "dist/**", ...alone],
          // Files share what they import: loading it again for each took as long as the tests.
          isolate: false,
          execArgv: ["--import", new URL("test/native.js", import.meta.url).href],
          experimental: { viteModuleRunner: false, nodeLoader: false },
        },
      },
      { extends: true, test: { name: "alone", include: alone } },
    ],
    setupFiles: [fileURLToPath(new URL("test/setup.ts", import.meta.url))],
    // Nobody waits at the keyboard for the processor that vitest would leave free.
    maxWorkers: "100%",
    sequence: { sequencer: LongestFirst },
    // For what hangs, not for what is slow: a busy machine makes no test fail.
    testTimeout: hangMs,
    hookTimeout: hangMs,
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      reportsDirectory: "coverage",
    },
  },
});
