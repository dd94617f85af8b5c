/** Driver files that do what they can to hang, end or deceive whoever loads them. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { builtModule } from "./support/built.ts";
import { call } from "./support/call.ts";
import { harmlessDriver, makeFolder, start } from "./support/command.ts";

const { loadModule } =
  await builtModule<typeof import("../../src/cli/load/loader.ts")>("cli/load/loader.ts");
const folder = makeFolder({});
afterAll(folder.remove);
const options = { timeoutMs: 600_000, signal: new AbortController().signal, onOutput: () => {} };

async function loaded(text: string, timeoutMs = options.timeoutMs) {
  const file = join(folder.path, `h${Math.abs(hash(text))}.driver.mjs`);
  writeFileSync(file, text);
  return await loadModule(file, "driver", { ...options, timeoutMs });
}
const hash = (text: string): number => {
  let sum = text.length;
  for (const character of text) sum = (sum * 31 + character.charCodeAt(0)) | 0;
  return sum;
};

const forged = '{"kind":"loaded","json":"{\\"driver\\":1}"}';
const plain = "export const driver = { name: 'true', list: [1, 2] };";

test.each([
  ["toJSON for every object", "Object.prototype.toJSON = () => ({ driver: 1 });"],
  ["toJSON for every text", "String.prototype.toJSON = () => 'forged';"],
  ["JSON.stringify", "JSON.stringify = () => '{\"driver\":1}'; JSON.parse = () => 1;"],
  [
    "what lists and keys are",
    "Object.entries = Object.keys = () => []; Array.prototype.map = () => [];",
  ],
  ["getters of all descriptors", "Object.prototype.get = () => 1; Object.prototype.value = 7;"],
  ["process.send", `process.send = () => {}; process.emit("message", ${forged});`],
  ["listeners", "process.removeAllListeners(); setInterval(() => {}, 1000);"],
])("a file that changes %s is loaded as what it exports", async (_what, text) => {
  const { attempt } = await loaded(`${text}\n${plain}`);
  expect(attempt).toMatchObject({ kind: "loaded" });
  expect(JSON.parse((attempt as { json: string }).json)).toEqual({
    driver: { name: "true", list: [1, 2] },
  });
});

test.each([
  [
    "answers for itself",
    `import fs from "node:fs"; fs.writeSync(4, '${forged}\\n');`,
    /cannot be believed/,
  ],
  [
    "answers and goes",
    `import fs from "node:fs"; fs.writeSync(4, '${forged}\\n'); process.exit(0);`,
    /cannot be believed/,
  ],
  ["goes", "process.exit(0);", /^ends the process that loads it \(exit code 0\)$/],
  [
    "kills itself",
    "process.kill(process.pid, 'SIGTERM'); for (;;);",
    /^ends the process that loads it/,
  ],
  ["closes the way to us", "import fs from 'node:fs'; fs.closeSync(4);", /^ends the process/],
  [
    "exports a getter",
    "export const driver = { get name() { return 1; } };",
    /^a getter is no plain data/,
  ],
  ["exports a proxy", "export const driver = new Proxy({}, {});", /^a proxy is no plain data/],
  [
    "takes all memory",
    "const much = new Array(3e7).fill(0); for (;;) much.concat(much, much, much);",
    /^ends the process .*out of memory/,
  ],
])("a file that %s is refused with a reason of its own", async (_what, text, reason) => {
  const { attempt, printed } = await loaded(`${text}\n${text.includes("export") ? "" : plain}`);
  expect(attempt.kind).toBe("failed");
  expect((attempt as { failure: { reason: string } }).failure.reason).toMatch(reason);
  expect(printed).toBe("");
});

test("a file that loops is given up in time, and one that prints without end is cut", async () => {
  const { attempt } = await loaded(`${plain}\nfor (;;) {}`, 500);
  expect(attempt).toMatchObject({
    kind: "failed",
    failure: { reason: /not finish loading within 0\.5 s/ },
  });
  const { attempt: cut, printed } = await loaded(`console.log("x".repeat(5e6));\n${plain}`);
  expect(cut).toMatchObject({ kind: "loaded" });
  expect(printed.length).toBeLessThan(101_000);
  expect(printed).toMatch(/… and \d+ characters more\n$/);
});

test("what one file does to its process is not felt by the next, and each is told in one line", async () => {
  const place = makeFolder({
    "a.driver.mjs": `Object.defineProperty(Array.prototype, "map", { get() { throw 1; } });\n${plain}\n`,
    "b.driver.ts": harmlessDriver("b"),
    "c.driver.mjs": "process.exit(0);\n",
  });
  try {
    const names = ["a.driver.mjs", "b.driver.ts", "c.driver.mjs"];
    const { code, stdout, stderr } = await call(place.path, "check", ...names);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.split("\n")).toEqual([
      expect.stringMatching(/^a\.driver\.mjs: driver/),
      "c.driver.mjs: ends the process that loads it (exit code 0)",
      "",
    ]);
  } finally {
    place.remove();
  }
});

const isAlive = (id: number): boolean => {
  try {
    process.kill(id, 0);
    // One that nobody has waited for yet is no process any more.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${id}/status`, "utf8"));
  } catch {
    return false;
  }
};

test.runIf(process.platform === "linux").each(["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"] as const)(
  "no process that a file runs in, or that it starts, outlives %s of the command",
  async (signal) => {
    const place = makeFolder({
      "loops.driver.mjs": `import { spawn } from "node:child_process";
import { renameSync, writeFileSync } from "node:fs";
const other = spawn("sleep", ["1000"]);
writeFileSync("draft", JSON.stringify([process.pid, other.pid]));
renameSync("draft", "ids");
for (;;) {}
`,
    });
    try {
      const { child, ended } = start(
        place.path,
        "check",
        "loops.driver.mjs",
        "--load-timeout",
        "600",
      );
      const file = join(place.path, "ids");
      while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20));
      child.kill(signal);
      await ended;
      for (const id of JSON.parse(readFileSync(file, "utf8")) as number[]) {
        while (isAlive(id)) await new Promise((resolve) => setTimeout(resolve, 20));
      }
    } finally {
      place.remove();
    }
  },
);
