/** `loophole.config.ts`: what one would type each time. The command line wins. */
import { lstatSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { InputError } from "../base/input-error.ts";
import { parseJson } from "../corpus/json-text.ts";
import { readWith } from "../corpus/read.ts";
import { readText } from "../corpus/text-file.ts";
import { joined } from "../language/extension.ts";
import type { Extension } from "../language/shape.ts";
import { showPath } from "../language/validate.ts";
import { checkExtension } from "../language/validate-extension.ts";
import { windowsTables } from "../windows/language.ts";
import type { TimeProfile } from "../windows/scenario.ts";
import { type Config, configSchema } from "./config-schema.ts";
import { RemoteFault } from "./exit.ts";
import { placed } from "./load/load-files.ts";
import { loadModule } from "./load/loader.ts";
import type { JudgeOptions } from "./options.ts";
import { warn } from "./output.ts";

const names = ["loophole.config.ts", "loophole.config.js", "loophole.config.mjs"] as const;

/** A command's options, with those of the working folder's configuration where none were given. */
export async function configured(command: Command): Promise<{
  readonly options: JudgeOptions;
  readonly drivers: readonly string[];
}> {
  const config = await loadConfig(".", command.opts<JudgeOptions>().loadTimeout);
  for (const name of ["scope", "budget", "baseline"] as const) {
    const isGiven = command.getOptionValueSource(name) === "cli";
    if (config[name] !== undefined && !isGiven) {
      command.setOptionValueWithSource(name, config[name], "config");
    }
  }
  return {
    options: { ...command.opts<JudgeOptions>(), ...modelOf(config) },
    drivers: config.drivers ?? [],
  };
}

/** What a configuration changes of the model: tables that it adds to, times. */
interface OwnModel {
  readonly extension?: Extension;
  readonly times?: Partial<TimeProfile>;
}

function modelOf(config: Config): OwnModel {
  const extension = extensionOf(config);
  const { times } = config;
  return { ...(extension && { extension }), ...(times && { times }) };
}

/** The tables of a configuration; undefined where it adds nothing. */
function extensionOf({ apis, families, rules }: Config): Extension | undefined {
  const extension = joined([{ apis, families, rules }]);
  return extension.apis.length + extension.families.length + extension.rules.length === 0
    ? undefined
    : extension;
}

/** What the working folder's configuration changes of the model. */
export const configuredModel = async (timeoutSeconds: number): Promise<OwnModel> =>
  modelOf(await loadConfig(".", timeoutSeconds));

/**
 * The configuration of a folder; an empty one where there is none.
 *
 * @throws {InputError} when it is none that we can read.
 */
export async function loadConfig(folder: string, timeoutSeconds: number): Promise<Config> {
  // A link that leads nowhere is one that was meant to be read.
  const file = names.find(
    (name) => lstatSync(resolve(folder, name), { throwIfNoEntry: false }) !== undefined,
  );
  if (file === undefined) return {};
  // What is no text is told as it is of any other file.
  readText(resolve(folder, file), file);
  // Like a driver file, in a process of its own: it is somebody's program.
  const { attempt, printed } = await loadModule(resolve(folder, file), "config", {
    timeoutMs: timeoutSeconds * 1_000,
    signal: new AbortController().signal,
    onOutput: warn,
  });
  if (attempt.kind === "fault") throw new RemoteFault(attempt.message, attempt.stack);
  if (attempt.kind === "stopped") throw new InputError(file, "was not loaded");
  if (printed !== "") warn(printed);
  if (attempt.kind !== "loaded") throw placed(file, attempt.failure);
  const config = readWith(configSchema, parseJson(attempt.json, file), file);
  const extension = extensionOf(config);
  if (extension !== undefined) {
    checkExtension(extension, windowsTables, (at, reason) => {
      throw new InputError(`${file}: ${showPath(at)}`, reason);
    });
  }
  return config;
}
