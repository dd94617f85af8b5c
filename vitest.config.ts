import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (file: string): string => fileURLToPath(new URL(`src/${file}`, import.meta.url));

export default defineConfig({
  resolve: {
    // What is tested are the sources: our package's name means them.
    alias: [
      { find: /^loophole-fuzz$/, replacement: source("index.ts") },
      { find: /^loophole-fuzz\/vitest$/, replacement: source("vitest.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts", "properties/**/*.test.ts"],
    setupFiles: ["test/setup.ts"],
    // Nobody waits at the keyboard for the processor that vitest would leave free.
    maxWorkers: "100%",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      reportsDirectory: "coverage",
    },
  },
});
