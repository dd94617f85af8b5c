/** The command line: from arguments to an exit code. */
import { CommanderError } from "commander";
import { exitCodes, explainFailure } from "./exit.ts";
import { warn } from "./output.ts";
import { makeProgram } from "./program.ts";
import { listenForStreamTrouble } from "./streams.ts";

/** Runs the command line `args` (without `node` and the script) and gives the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  listenForStreamTrouble();
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
  warn(text);
  return code;
}
