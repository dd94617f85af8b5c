/**
 * In the loading process: imports one driver file after the other and sends back their exports as
 * JSON. The file's code runs here and nowhere else, so that it cannot hang, end or confuse us.
 */
import { pathToFileURL } from "node:url";
import { InvariantError } from "../../base/invariant.ts";
import { explainThrown } from "./explain-thrown.ts";
import { configToJson, exportsToJson } from "./exports.ts";
import type { LoadedAs, LoadReply, LoadRequest } from "./messages.ts";

/** Absolute path of the file that is being loaded. */
let current: string | undefined;

// Only the parent decides when to end; the loop of a driver file would not let Ctrl-C through.
process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit());
process.on("uncaughtException", (error) => answerThrown(error, true));
process.on("unhandledRejection", (error) => answerThrown(error, true));
process.on("message", (message: LoadRequest) => {
  if (typeof message?.load === "string") void load(message.load, message.as);
});
send({ kind: "ready" });

async function load(file: string, as: LoadedAs): Promise<void> {
  current = file;
  try {
    const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(file).href);
    answer({
      kind: "loaded",
      json: as === "config" ? configToJson(module) : exportsToJson(module),
    });
  } catch (error) {
    answerThrown(error, false);
  }
}

function answerThrown(error: unknown, stray: boolean): void {
  if (current === undefined) return;
  if (error instanceof InvariantError) {
    answer({ kind: "fault", message: error.message, stack: error.stack });
  } else {
    answer({ kind: "failed", failure: explainThrown(error, current), stray });
  }
}

/** One answer a file: what it does later is nobody's business. */
function answer(reply: LoadReply): void {
  if (current === undefined) return;
  current = undefined;
  send(reply);
}

function send(reply: LoadReply): void {
  process.send?.(reply);
}
