import { Command } from "commander";
import pkg from "../../package.json" with { type: "json" };

/** Runs the command line `args` (without `node` and the script) and gives the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const program = new Command("loophole").description(pkg.description).version(pkg.version);
  await program.parseAsync(args, { from: "user" });
  return 0;
}
