/** The options of `fuzz`, and its help. */
import { Command, Option } from "commander";
import { InputError } from "../../base/input-error.ts";
import { illegalDefault, runBudgetDefault } from "../../campaign/fuzz-defaults.ts";
import * as options from "../options.ts";
import { shardOption } from "../shard/option.ts";
import type { FuzzCommandOptions } from "./asked.ts";

const budgetDefault = 1_000_000;
/** Beyond this a campaign is taken for a slip. */
const runsMax = 100_000_000;

const description = `Draws drivers at random, and the worlds around them, and looks at each for a
moment: what goes wrong is sorted by mechanism, counted, and the smallest case
of each is shrunk to few statements.

With driver files it draws worlds for these drivers instead.`;

const examples = `
Examples:
  loophole fuzz                                a campaign of a minute or so
  loophole fuzz --runs 500 --seed monday
  loophole fuzz --budget 50_000_000 --save found
                                               interrupted, the same call goes on
  loophole fuzz acme.driver.ts                 one driver, in worlds at random
  loophole replay found                        the counterexamples that it kept

The same seed, runs and budget give the same result on every machine, with any
number of workers (loophole schema campaign describes what --json prints).

Exit code 0, but 1 where something was found in given drivers, 2 for a mistake
in the call or a file, and 3 where a fault of Loophole itself ended a run.
`;

function parseShare(text: string): number {
  const value = Number(text);
  if (!/^(?:\d+\.?\d*|\.\d+)$/.test(text) || value > 1) {
    throw new InputError("--illegal", `${JSON.stringify(text)} is not a share from 0 to 1`);
  }
  return value;
}

function parseRuns(text: string): number {
  const value = Number(text.replaceAll("_", ""));
  if (!/^\d[\d_]*$/.test(text) || value < 1 || value > runsMax) {
    throw new InputError("--runs", `${JSON.stringify(text)} is not a number of runs from 1`);
  }
  return value;
}

/** @param setExitCode Told what the command comes to. */
export function makeFuzzCommand(setExitCode: (code: number) => void): Command {
  return new Command("fuzz")
    .summary("draw drivers at random, and see how they hang")
    .description(description)
    .argument("[file...]", "driver files: drawn are then the worlds", options.collectText("file"))
    .addOption(
      new Option("--budget <operations>", "operations of the model, over all runs")
        .argParser(options.parseBudget)
        .default(budgetDefault),
    )
    .addOption(
      new Option("--runs <count>", "scenarios to look at")
        .argParser(parseRuns)
        .default(runsMax, "as far as the budget goes"),
    )
    .addOption(
      new Option("--run-budget <operations>", "operations for one scenario")
        .argParser(options.parseBudget)
        .default(runBudgetDefault),
    )
    .addOption(
      new Option("--seed <text>", "where it starts")
        .argParser(options.parseText("--seed"))
        .default(options.seedDefault),
    )
    .addOption(
      new Option("--illegal <share>", "drivers that call where they must not, 0 to 1")
        .argParser(parseShare)
        .default(illegalDefault),
    )
    .option("--with-generated", "with files: generated drivers take their turn, too")
    .addOption(
      new Option(
        "--save <folder>",
        "keep counterexamples, and how far it is, in this folder; goes on from there",
      ).argParser(options.parseText("--save")),
    )
    .option("--stories", "tell each story, too")
    .option("--json", "print one line of JSON on stdout, and nothing else")
    .addOption(shardOption("of the runs, with --runs and --json"))
    .addOption(
      new Option("--workers <threads>", "threads that work; changes nothing in what is found")
        .argParser(options.parseWorkers)
        .default(options.workersDefault(), "one a processor, 8 at most"),
    )
    .addOption(
      new Option("--load-timeout <seconds>", "for loading one driver file")
        .argParser(options.parseSeconds("--load-timeout"))
        .default(options.loadTimeoutDefault),
    )
    .addHelpText("after", examples)
    .action(async (files: string[] | undefined, given: FuzzCommandOptions, command: Command) => {
      const { fuzzCommand } = await import("../commands/fuzz.ts");
      const endsByRuns = command.getOptionValueSource("runs") === "cli";
      setExitCode(await fuzzCommand(files ?? [], { ...given, endsByRuns }));
    });
}
