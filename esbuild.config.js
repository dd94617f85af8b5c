/**
 * Puts the JavaScript of a package into `dist`, in few files. A call of the command starts a process
 * for each driver file and a thread for each processor; each loads what it needs, and hundreds of
 * small modules took most of the time of a short call. The types beside them are TypeScript's own.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL(".", import.meta.url));
const { dependencies, peerDependencies } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8"),
);

/** What others load by its name: the faces, the command, its threads and processes. */
const entries = [
  "index.ts",
  "vitest.ts",
  "cli/loophole.ts",
  "cli/main.ts",
  "cli/judge/worker.ts",
  "cli/load/child.js",
  "cli/load/face.ts",
  "cli/load/loader.ts",
  "cli/load/loading.ts",
  "cli/load/own-package.js",
  "cli/load/watch.js",
];

/** Half of what it has in it, its words in fifty languages above all, is not asked for. */
const included = ["zod"];

/** A copy of it names whose it is. */
const licence = {
  name: "licence",
  setup({ onLoad }) {
    const folder = join(root, "node_modules/zod");
    const words = readFileSync(join(folder, "LICENSE"), "utf8").trim();
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]core[\\/]core\.js$/ }, ({ path }) => ({
      contents: `/*!\nzod\n\n${words}\n*/\n${readFileSync(path, "utf8")}`,
    }));
  },
};

await build({
  absWorkingDir: root,
  entryPoints: entries.map((entry) => `src/${entry}`),
  outbase: "src",
  outdir: "dist",
  // All in one folder: what a module finds by its own place lies in this one, too.
  chunkNames: "cli/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  external: [...Object.keys(dependencies), ...Object.keys(peerDependencies)].filter(
    (name) => !included.includes(name),
  ),
  plugins: [licence],
  logLevel: "warning",
});
