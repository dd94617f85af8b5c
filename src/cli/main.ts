/** The command line: from arguments to an exit code. */
import { CommanderError } from "commander";
import { exitCodes, explainFailure } from "./exit.ts";
import { makeProgram } from "./program.ts";

/** Runs the command line `args` (without `node` and the script) and gives the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  // Who reads our output may have seen enough (`| head`).
  process.stdout.on("error", ignoreClosedPipe);
  process.stderr.on("error", ignoreClosedPipe);
  process.on("uncaughtException", (error) => process.exit(fail(error)));
  let code: number = exitCodes.clean;
  try {
    const program = makeProgram((result) => {
      code = result;
    });
    if (args.length === 0) {
      program.outputHelp({ error: true });
      return exitCodes.input;
    }
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    // --help and --version end as an error that is none.
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.clean;
    return fail(error);
  }
}

function fail(error: unknown): number {
  const { code, text } = explainFailure(error, Boolean(process.env.LOOPHOLE_DEBUG));
  process.stderr.write(text);
  return code;
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
