/** Lines of a driver file that do what they can to answer in our place, to end us or to confuse us. */
import type { Random } from "../../../src/base/random.ts";
import { chance, oneOf } from "./draw.ts";

const answer = String.raw`{"kind":"loaded","json":"{\"driver\":1}"}`;

const scripts: Readonly<Record<string, string>> = {
  "an answer on every way out":
    `import forgedFs from "node:fs"; for (let fd = 1; fd < 30; fd++) ` +
    `{ try { forgedFs.writeSync(fd, ${JSON.stringify(`${answer}\n`)}); } catch {} }`,
  "an answer to the parent": `process.send?.(${answer}); process.emit("message", ${answer});`,
  "another toJSON": "Object.prototype.toJSON = String.prototype.toJSON = () => ({ driver: 1 });",
  "another JSON": "JSON.stringify = () => '{\"driver\":1}'; JSON.parse = () => 1;",
  "other lists": "Array.prototype.map = Array.prototype.join = () => []; Object.keys = () => [];",
  "getters of all": "Object.prototype.get = () => 1; Object.prototype.value = 7;",
  "no listeners":
    'process.removeAllListeners(); process.on("exit", () => { process.exitCode = 3; });',
  "an exit": "process.exit(3);",
  "an exit that says nothing": "process.reallyExit?.(0);",
  "an end by a signal": 'process.kill(process.pid, "SIGTERM"); for (;;);',
  "closed ways":
    'import forgedFs from "node:fs"; for (let fd = 3; fd < 30; fd++) { try { forgedFs.closeSync(fd); } catch {} }',
  "an error later": "setTimeout(() => { throw { toString() { throw 1; } }; }, 1);",
  "a rejection": 'Promise.reject(new Error("\\u001b[2J\\n::error::INJECTED"));',
  "prints for a terminal": 'console.log("\\u001b[2J\\u009b31m\\r\\n::error::INJECTED\\u202e");',
  "an endless export": "export const worlds = new Proxy([], { get: () => worlds });",
  "a name for a terminal":
    'import * as forgedOf from "loophole-fuzz"; export const expected = { ["\\u001b[2J\\n::error::INJECTED"]: [] };',
};

/** A driver file with one of these lines ahead of it or behind it. */
export function withScript(
  text: string,
  random: Random,
): { readonly text: string; readonly what: string } {
  const what = oneOf(random, Object.keys(scripts));
  const line = scripts[what];
  return { text: chance(random, 2) ? `${line}\n${text}` : `${text}\n${line}\n`, what };
}
