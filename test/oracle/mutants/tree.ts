/** The tree, compiled: mutants change its text. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

export function compiled(into: string): void {
  const config = `${into}.json`;
  writeFileSync(
    config,
    JSON.stringify({
      extends: resolve("tsconfig.json"),
      compilerOptions: {
        rootDir: resolve("."),
        outDir: into,
        noEmit: false,
        incremental: false,
        tsBuildInfoFile: null,
        rewriteRelativeImportExtensions: true,
        types: [],
        paths: {},
      },
      include: ["src/**/*.ts", "test/oracle/**/*.ts"].map((one) => resolve(one)),
      exclude: ["**/*.test.ts"],
    }),
  );
  const tsc = resolve("node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", config, "--noCheck"], { stdio: "inherit" });
  copyFileSync("package.json", join(into, "package.json"));
}

/** A name for the sources as they stand, and for what is asked of them. */
export function keyOf(tree: string, asked: string): string {
  const hash = createHash("sha256").update(asked);
  for (const folder of ["src", "test/oracle"]) {
    const paths = readdirSync(join(tree, folder), { recursive: true, encoding: "utf8" });
    for (const path of paths.filter((one) => one.endsWith(".js")).sort())
      hash.update(readFileSync(join(tree, folder, path)));
  }
  return hash.digest("hex").slice(0, 16);
}
