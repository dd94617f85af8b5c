import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { InputError } from "../../src/base/input-error.ts";
import { explainThrown } from "../../src/cli/load/explain-thrown.ts";
import { exportsToJson } from "../../src/cli/load/exports.ts";
import { placed } from "../../src/cli/load/load-files.ts";
import { readExports } from "../../src/cli/load/read-exports.ts";
import { exportsIn } from "../../src/cli/load/replies.ts";
import { waitingDriver } from "../corpus/support/counterexamples.ts";
import { call } from "./support/call.ts";
import { harmlessDriver, loophole, makeFolder } from "./support/command.ts";

const driver = (line: string): string =>
  harmlessDriver("acme").replace("a.KeSetEvent(done);", line);

/** A driver as JSON that names an event which it does not declare. */
const undeclared = JSON.stringify({
  ...waitingDriver("acme", 0),
  conditions: [],
  routines: [
    {
      name: "Callback",
      role: "callback",
      locals: [{ name: "Dune", kind: "NotificationEvent" }],
      body: [{ kind: "call", api: "KeSetEvent", args: { Event: { ref: "Done" } } }],
    },
  ],
});

type Files = Readonly<Record<string, readonly [text: string, message: string | RegExp]>>;

/** Files that are no driver files, each with the line that says so. */
const bad: Files = {
  "throws.ts": ["const n = null as any;\nn.foo();\n", /^throws\.ts:2: TypeError: Cannot read prop/],
  "throws-later.ts": [
    "setTimeout(() => {\n  throw new Error('later');\n}, 1);\nawait new Promise(() => {});\n",
    "throws-later.ts:2: Error: later",
  ],
  "throws-inside.ts": ['import "./my drivers/helper.ts";\n', "my drivers/helper.ts:1: Error: no"],
  "syntax.ts": ["const a: number = 1;\nconst b = = 2;\n", 'syntax.ts:2: Unexpected "="'],
  "syntax.mjs": [
    "const a = 1;\nconst b = = 2;\n",
    "syntax.mjs:2: SyntaxError: Unexpected token '='",
  ],
  "break.ts": [
    "const forever = (f: () => void) => f();\nforever(() => {\n  break;\n});\n",
    /^break\.ts:3: Cannot use "break" here: .*a\.poll\(/,
  ],
  "exits.js": ["process.exit(0);\n", "ends the process that loads it (exit code 0)"],
  "nothing.ts": ["export const drvier = 1;\n", "driver: the file exports `drvier`; it has to say"],
  "call.ts": [driver("a.KeSetEvant(done);"), /^call\.ts:5: unknown call KeSetEvant; did you mean/],
  "undeclared.json": [
    undeclared,
    /^undeclared\.json: routines\[0\]\.body\[0\]\.args\.Event.*Done.*did you mean "Dune"/,
  ],
  "import.ts": ['// a\nimport "./gone.ts";\n', /^import\.ts:2: Cannot find module 'gone\.ts'/],
  "package.ts": ['import "no-such-package";\n', /^package\.ts:1: Cannot find package/],
  "name.ts": [
    'import { nope } from "loophole-fuzz";\nexport const driver = nope;\n',
    /^name\.ts:1: The requested module/,
  ],
  "broken.json": [
    '{\r\n  "loophole": "driver",\r\n  oops\r\n}\r\n',
    'broken.json:3: "oops" where a key in double quotes belongs',
  ],
  "object.json": [
    '{ "loophole": "driver", "version": 1, "name": "a b" }',
    /^object\.json: name: a driver is named like a file/,
  ],
  "counterexample.json": ['{ "loophole": "counterexample" }', /is a counterexample, not a driver/],
  "deep.ts": [
    `export const driver = ${"[".repeat(60_000)}${"]".repeat(60_000)};\n`,
    "deep.ts: RangeError: something in it is nested, or calls itself, too deeply",
  ],
  "long.ts": [
    `const a = 1 ${"x".repeat(5_000)};\n`,
    /^long\.ts:1: Expected ";" but found "x{300,400}…$/,
  ],
  "notes.txt": ["hello", "is no driver file: those end in .ts, .js, .mjs or .json"],
};

/** The same, of what only their exports show: read as the process that loads a file reads them. */
const badExports: Files = {
  "throws-nothing.ts": ["throw undefined;\n", "throws undefined"],
  "both.ts": ["export const driver = 1, drivers = [];\n", "drivers: the file exports driver too"],
  "empty-list.ts": ["export const drivers = [];\n", "drivers: no driver is in this list"],
  "promise.ts": ["export const driver = (async () => 1)();\n", /driver: .*Promise.*await it/],
  "function.ts": ["export const driver = () => 1;\n", /driver: .*function is no plain data/],
  "circle.ts": ["const a: any = {};\na.a = a;\nexport const driver = a;\n", /contains itself/],
  "shape.ts": [
    'export const driver = { loophole: "driver" };\n',
    /^shape\.ts: driver: version, .* are missing$/,
  ],
  "worlds.ts": [
    `${harmlessDriver("acme")}export const worlds = [{ name: "x" }];\n`,
    /worlds\[0\]: workload, .* are missing$/,
  ],
  "expected.ts": [
    `${harmlessDriver("acme")}export const expected = { deadlok: [] };\n`,
    /^expected\.ts: expected.*deadlok/,
  ],
  "named.ts": [
    harmlessDriver("acme").replace('"acme"', "{ toString: 1 } as never"),
    /^named\.ts:2: a driver is named like a file: "acme" \(an object, name\)$/,
  ],
  "inherits.ts": [
    "export const driver = { __proto__: { a: 1 } };\n",
    "inherits.ts: driver: an object that inherits from another is no plain data",
  ],
};

const helper = { "my drivers/helper.ts": "throw new Error('no');\n" };
const files = Object.fromEntries(
  Object.entries({ ...bad, ...badExports }).map(([name, [text]]) => [name, text]),
);
/** Versions that no Loophole writes. */
const versions = {
  "list.json": `{ "loophole": "counterexample", "version": ${"[".repeat(60_000)}${"]".repeat(60_000)} }`,
  "text.json": `{ "loophole": "counterexample", "version": "${"x".repeat(5_000)}" }`,
};
const folder = makeFolder({ ...versions, ...helper, ...files, "good.ts": harmlessDriver("good") });
afterAll(folder.remove);

test("each file that is no driver file gets one line with its place, and nothing is judged", async () => {
  const names = [...Object.keys(bad), "good.ts", "missing.ts", "my drivers"];
  const { code, stdout, stderr } = await loophole(
    folder.path,
    "check",
    ...names,
    "--load-timeout",
    "600",
  );
  expect(code).toBe(2);
  expect(stdout).toBe("");
  const lines = stderr.split("\n").slice(0, -1);
  const messages = [
    ...Object.entries(bad),
    ["missing.ts", ["", "missing.ts: there is no such file"]] as const,
    [
      "my drivers",
      ["", "my drivers: is a folder: `loophole suite` judges the driver files in one"],
    ] as const,
  ];
  for (const [i, [name, [, message]]] of messages.entries()) {
    expect(lines[i]).toMatch(message);
    if (
      typeof message === "string" &&
      !message.includes(`${name}:`) &&
      name !== "throws-inside.ts"
    ) {
      expect(lines[i].startsWith(`${name}: `), lines[i]).toBe(true);
    }
    // The folder is ours to know, and the line one to read.
    expect(lines[i]).not.toContain("loophole command ");
  }
  expect(lines).toHaveLength(messages.length);
});

/** The line that refuses a file for what it exports. */
async function refusal(name: string): Promise<string> {
  const path = join(folder.path, name);
  try {
    const exports = exportsIn(exportsToJson(await import(pathToFileURL(path).href)));
    await readExports(name, exports ?? {}, undefined);
    return "nothing";
  } catch (error) {
    // Of the driver that is read, or of what its module does.
    const isPlaced = error instanceof InputError && error.place.startsWith(name);
    return (isPlaced ? error : placed(name, explainThrown(error, path))).message;
  }
}

test.each(Object.entries(badExports))("%s is refused in one line", async (name, [, message]) => {
  const line = await refusal(name);
  expect(line).toMatch(message);
  expect(line).toMatch(new RegExp(`^${name.replace(".", "\\.")}(?::\\d+)?: [^\n]+$`));
});

const calls: readonly (readonly [args: string[], line: string])[] = [
  [
    ["chekc", "good.ts"],
    "loophole: unknown command 'chekc' (Did you mean check?) See loophole --help.",
  ],
  [
    ["check", "good.ts", "--scop", "small"],
    "--scop: unknown option '--scop' (Did you mean --scope?) See loophole --help.",
  ],
  [["check", "good.ts", "--scope", "huge"], '--scope: "huge" is none of small, default'],
  [["check"], "loophole: missing required argument 'file' See loophole --help."],
  [
    ["check", "good.ts", "./good.ts", "--together"],
    "--together: good.ts and ./good.ts both have a driver named good",
  ],
  [
    ["check", "good.ts", "--save", "notes.txt"],
    "notes.txt: cannot be made a folder: is there already, and is no folder",
  ],
  [["check", "good.ts", "--baseline", "gone.json"], "gone.json: there is no such file"],
  [["check", "good.ts", "--baseline", "notes.txt"], 'notes.txt:1: "hello" where a value belongs'],
  [
    ["check", "good.ts", "--junit", "my drivers"],
    "--junit: my drivers is a folder: name a file to write",
  ],
  [["check", "good.ts", "--annotations", "gitlab"], '--annotations: "gitlab" is not github'],
  [["suite", "good.ts"], "good.ts: is a file: `loophole check` judges files, `suite` folders"],
  [
    ["suite", "my drivers"],
    "my drivers: holds no driver file: those are named *.driver.ts in a suite",
  ],
  [["suite", "nowhere"], "nowhere: there is no such folder"],
  [["replay", "notes.txt"], 'notes.txt:1: "hello" where a value belongs'],
  [
    ["replay", "list.json"],
    "list.json: version: no Loophole writes version (a list); this one reads 2",
  ],
  [
    ["replay", "text.json"],
    `text.json: version: no Loophole writes version "${"x".repeat(39)}…; this one reads 2`,
  ],
  [["replay", "my drivers"], "my drivers: holds no *.json file"],
  [
    ["schema", "drivers"],
    'schema: "drivers" is none of report, campaign, shard, drift, driver, config, corpus, baseline',
  ],
];

test("a mistake in a call is one line with its place", async () => {
  for (const [i, [args, line]] of calls.entries()) {
    // The first goes the whole way.
    const ended = await (i === 0 ? loophole : call)(folder.path, ...args);
    expect(ended, args.join(" ")).toEqual({ code: 2, stdout: "", stderr: `${line}\n` });
  }
});
