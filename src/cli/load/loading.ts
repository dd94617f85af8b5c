/**
 * In the loading process: imports one file and sends back its exports as JSON. The file's code runs
 * here and nowhere else, so that it cannot hang, end or confuse us. It can do with this process what
 * it likes, but not answer in our place: it does not know the secret of this call, which is read
 * ahead of it and kept here, and what we call was taken ahead of it, too.
 */
import { readSync, writeSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { InvariantError } from "../../base/invariant.ts";
import { explainThrown } from "./explain-thrown.ts";
import { configToJson, exportsToJson } from "./exports.ts";
import { answersFd, type LoadReply, type LoadRequest, requestFd } from "./messages.ts";
import { plainJson } from "./plain-json.ts";

const { from: bytesOf } = Buffer;

const { load: file, as, secret } = readRequest();
let isAnswered = false;

// Sees the parent go, whatever the file does in this thread.
new Worker(new URL("./watch.js", import.meta.url)).unref();
// Only the parent decides when to end.
process.on("SIGINT", () => {});
process.on("uncaughtException", answerThrown);
process.on("unhandledRejection", answerThrown);
send({ kind: "ready" });
try {
  const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(file).href);
  answer({ kind: "loaded", json: as === "config" ? configToJson(module) : exportsToJson(module) });
} catch (error) {
  answerThrown(error);
}

function readRequest(): LoadRequest {
  let text = "";
  const bytes = Buffer.alloc(65_536);
  while (!text.endsWith("\n")) {
    const count = readSync(requestFd, bytes);
    if (count === 0) process.exit();
    text += bytes.toString("latin1", 0, count);
  }
  return JSON.parse(Buffer.from(text, "latin1").toString("utf8"));
}

function answerThrown(error: unknown): void {
  if (error instanceof InvariantError) {
    answer({ kind: "fault", message: error.message, stack: error.stack });
  } else {
    answer({ kind: "failed", failure: explainThrown(error, file) });
  }
}

/** One answer: what the file does later is nobody's business. */
function answer(reply: LoadReply): void {
  if (isAnswered) return;
  isAnswered = true;
  send(reply);
}

function send(reply: LoadReply): void {
  const bytes = bytesOf(`${secret}${plainJson(reply, "answer")}\n`, "utf8");
  for (let at = 0; at < bytes.length; ) at += writeSync(answersFd, bytes, at);
}
