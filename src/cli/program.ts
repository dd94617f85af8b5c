/** Commands, their options, and help that teaches them. */
import { Command, Option } from "commander";
import { about } from "./about.ts";
import { makeFuzzCommand } from "./fuzz/command.ts";
import * as help from "./help.ts";
import * as options from "./options.ts";
import { shardOption } from "./shard/option.ts";

/** @param setExitCode Told what a command comes to. */
export function makeProgram(setExitCode: (code: number) => void): Command {
  const program = new Command("loophole")
    .description(help.description)
    .version(about.version)
    .helpCommand(false)
    .showSuggestionAfterError()
    // Mistakes are told in our words, with our exit code.
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .configureHelp({ showGlobalOptions: false })
    .addHelpText("after", help.program);

  judging(program.command("check"))
    .summary("can these drivers' callbacks hang the machine?")
    .description(help.checkDescription)
    .argument("<file...>", "driver files: *.ts, *.js, *.mjs or *.json", options.collectText("file"))
    .option("--together", "put the drivers of all files on one machine (default: each file alone)")
    .addHelpText("after", help.check)
    .action(async (files: string[], _given, command: Command) => {
      const { checkCommand } = await import("./commands/check.ts");
      const { configured } = await import("./config.ts");
      const given = await configured(command);
      setExitCode(await checkCommand(files, given.options));
    });

  program
    .command("replay")
    .summary("run saved counterexamples again")
    .description(help.replayDescription)
    .argument("<path...>", "counterexamples, or folders of them", options.collectText("path"))
    .option("--stories", "tell each story, not only that of a single file")
    .addOption(workers())
    .option("--json", help.jsonOption)
    .addHelpText("after", help.replay)
    .action(async (paths: string[], given) => {
      const { replayCommand } = await import("./commands/replay.ts");
      setExitCode(await replayCommand(paths, given));
    });

  judging(program.command("suite"))
    .summary("judge every *.driver.ts below a folder against what is known of it")
    .description(help.suiteDescription)
    .argument("[folder...]", "folders of driver files", options.collectText("folder"))
    .addHelpText("after", help.suite)
    .action(async (folders: string[] | undefined, _given, command: Command) => {
      const { suiteCommand } = await import("./commands/suite.ts");
      const { configured } = await import("./config.ts");
      const given = await configured(command);
      const named = folders === undefined || folders.length === 0 ? given.drivers : folders;
      setExitCode(await suiteCommand(named, given.options));
    });

  program.addCommand(makeFuzzCommand(setExitCode).copyInheritedSettings(program));

  program
    .command("merge")
    .summary("make one report of what the shards of a call printed")
    .description(help.mergeDescription)
    .argument("<report...>", "what each shard printed with --json", options.collectText("report"))
    .option("--json", help.jsonOption)
    .addOption(
      new Option("--junit <file>", "write the result as JUnit XML, too").argParser(
        options.parseText("--junit"),
      ),
    )
    .addOption(
      new Option(
        "--save <folder>",
        "of a campaign: keep counterexamples, and how far it is, in this folder",
      ).argParser(options.parseText("--save")),
    )
    .addOption(workers())
    .addHelpText("after", help.merge)
    .action(async (files: string[], given) => {
      const { mergeCommand } = await import("./commands/merge.ts");
      setExitCode(await mergeCommand(files, given));
    });

  program
    .command("drift")
    .summary("which C functions changed since their model was reviewed?")
    .description(help.driftDescription)
    .argument(
      "<file...>",
      "driver files that say where their routines stand",
      options.collectText("file"),
    )
    .addOption(
      new Option("--source <folder>", "the top of the C sources")
        .argParser(options.parseText("--source"))
        .makeOptionMandatory(),
    )
    .option("--accept", "write down what the sources are now: it is reviewed")
    .option("--json", "print one line of JSON on stdout, and nothing else")
    .addOption(loadTimeout())
    .addHelpText("after", help.drift)
    .action(async (files: string[], given) => {
      const { driftCommand } = await import("./commands/drift.ts");
      setExitCode(await driftCommand(files, given));
    });

  program
    .command("init")
    .summary("write a first driver, its test and a workflow")
    .description(help.initDescription)
    .argument("[folder]", "where to; made if need be", options.parseText("folder"), ".")
    .addHelpText("after", help.init)
    .action(async (folder: string) => {
      const { initCommand } = await import("./commands/init.ts");
      setExitCode(initCommand(folder));
    });

  program
    .command("schema")
    .summary("print the JSON Schema of a kind of file")
    .description(help.schemaDescription)
    .argument("<name>", options.schemaNames.join(", "), options.parseSchemaName)
    .action(async (name: options.SchemaName) => {
      const { schemaCommand } = await import("./commands/schema.ts");
      setExitCode(schemaCommand(name));
    });
  return program;
}

/** The options that `check` and `suite` share. */
function judging(command: Command): Command {
  return command
    .addOption(
      new Option("--scope <name>", "how many worlds to put a driver into: small, default")
        .argParser(options.parseScope)
        .default("default"),
    )
    .addOption(
      new Option("--budget <operations>", "operations of the model for each file")
        .argParser(options.parseBudget)
        .default(options.budgetDefault),
    )
    .addOption(
      new Option(
        "--time <seconds>",
        "stop after this long, and say which budget repeats it",
      ).argParser(options.parseSeconds("--time")),
    )
    .addOption(
      new Option("--seed <text>", "where random runs start")
        .argParser(options.parseText("--seed"))
        .default(options.seedDefault),
    )
    .addOption(
      new Option("--save <folder>", "keep each counterexample as a file in this folder").argParser(
        options.parseText("--save"),
      ),
    )
    .addOption(
      new Option(
        "--baseline <file>",
        "findings that are accepted, with reasons: these do not fail",
      ).argParser(options.parseText("--baseline")),
    )
    .addOption(
      new Option(
        "--write-baseline <file>",
        "write such a file for what is found; reasons that it has are kept",
      ).argParser(options.parseText("--write-baseline")),
    )
    .option("--require-complete", "fail where not every state was seen, even if nothing is found")
    .addOption(
      new Option("--junit <file>", "write the result as JUnit XML, too").argParser(
        options.parseText("--junit"),
      ),
    )
    .addOption(
      new Option(
        "--annotations <service>",
        "print marks beside the code for this service: github",
      ).argParser(options.parseAnnotations),
    )
    .option("--json", help.jsonOption)
    .addOption(shardOption("of the files"))
    .addOption(workers())
    .addOption(loadTimeout());
}

function loadTimeout(): Option {
  return new Option("--load-timeout <seconds>", "for loading one driver file")
    .argParser(options.parseSeconds("--load-timeout"))
    .default(options.loadTimeoutDefault);
}

function workers(): Option {
  return new Option("--workers <threads>", "threads that work; changes nothing in what is found")
    .argParser(options.parseWorkers)
    .default(options.workersDefault(), "one a processor, 8 at most");
}
