import { symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { afterAll, expect, test } from "vitest";
import type { InputError } from "../../src/base/input-error.ts";
import { scenarioOf } from "../../src/campaign/fuzz.ts";
import { configured, loadConfig } from "../../src/cli/config.ts";
import { configJsonSchema, configSchema } from "../../src/cli/config-schema.ts";
import { configToJson } from "../../src/cli/load/exports.ts";
import { makeProgram } from "../../src/cli/program.ts";
import { refused } from "../language/support/refused.ts";
import { call } from "./support/call.ts";
import { harmlessDriver, makeFolder } from "./support/command.ts";

const folder = makeFolder({
  "loophole.config.ts":
    'const drivers: string[] = ["models"];\nexport default { drivers, scope: "small", budget: 20_000 };\n',
  "models/harmless.driver.ts": `${harmlessDriver("harmless")}export const expected = {};\n`,
});
afterAll(folder.remove);

test("a configuration says what is not given, and the command line wins", async () => {
  const suite = await call(folder.path, "suite");
  const args = ["check", "models/harmless.driver.ts", "--budget", "1", "--json"];
  const check = await call(folder.path, ...args);
  expect(suite.stderr).toBe("");
  expect(suite.code).toBe(0);
  expect(suite.stdout).toContain("1 driver file: every known verdict holds.");
  // One operation is less than a look at every world.
  expect(JSON.parse(check.stdout).verdict).toBe("bounded");
});

test("where there is none, all is as given", async () => {
  expect(await loadConfig(join(folder.path, "models"), 600)).toEqual({});
  const command = makeProgram(() => {}).commands.find((one) => one.name() === "suite");
  const { options, drivers } = await configured(command as Command);
  expect(drivers).toEqual([]);
  expect(options).toMatchObject({ scope: "default", budget: 300_000 });
});

test.each([
  ["export default { scop: 'small' };", /^loophole\.config\.ts: unknown key "scop"$/],
  ["export default { scope: 'huge' };", /^loophole\.config\.ts: scope: "huge" where one of small/],
  ["export default { times: { ioMs: 5 } };", /^loophole\.config\.ts: times: unknown key "ioMs"$/],
  ["export default { times: { ioUs: -1 } };", /^loophole\.config\.ts: times\.ioUs: /],
  ["export default { budget: 0 };", /^loophole\.config\.ts: budget: is no whole number/],
  ["\nthrow new Error('no');", /^loophole\.config\.ts:2: Error: no$/],
  ["export const drivers = [];", /^loophole\.config\.ts: default: the file has to say: export def/],
])("%s is refused in one line with its place", async (text, message) => {
  const place = makeFolder({ "loophole.config.ts": text });
  try {
    const { code, stdout, stderr } = await call(place.path, "suite");
    expect([code, stdout, stderr.match(/\n/g)?.length]).toEqual([2, "", 1]);
    expect(stderr.trimEnd()).toMatch(message);
  } finally {
    place.remove();
  }
});

test("times of one's own decide what is late, are told, and travel in the counterexample", async () => {
  const place = makeFolder({
    "loophole.config.ts":
      'import { defineConfig } from "loophole-fuzz";\n' +
      'export default defineConfig({ scope: "small", budget: 5_000, times: { ioUs: 200_000, callbackUs: 150_000 } });\n',
    "reads.driver.ts": `import { defineDriver } from "loophole-fuzz";
export const driver = defineDriver("reads", (d) => d.onProcessCreate("Create", (a) => a.ZwReadFile()));
`,
  });
  try {
    const told = await call(place.path, "check", "reads.driver.ts", "--save", "found");
    expect(told.stdout).toContain("can hold up the machine for 200 ms");
    expect(told.stdout).toContain("A callback may take 150 ms (the author's).");
    expect(told.stdout).toContain(
      "By your times, a call to a file, the registry or a device takes 200 ms and a callback may take",
    );
    // Where the configuration does not reach.
    writeFileSync(join(place.path, "loophole.config.ts"), "export default { budget: 5_000 };\n");
    const again = await call(place.path, "replay", "found");
    expect(again.stdout).toContain("does what it says");
    expect((await call(place.path, "check", "reads.driver.ts")).stdout).not.toContain("LATENCY");
  } finally {
    place.remove();
  }
});

test("a campaign goes by them, too", () => {
  const options = { seed: "times", runs: 1, budget: 1, runBudget: 1, illegal: 0, given: [] };
  const times = { ioUs: 7 };
  expect(scenarioOf(0, { ...options, generated: true, times }).world.times).toEqual(times);
  expect(scenarioOf(0, { ...options, generated: true }).world.times).toBeUndefined();
});

test("the schema of a configuration has what is read of one", () => {
  const { $defs } = configJsonSchema() as { $defs: { Config: { properties: object } } };
  expect(Object.keys($defs.Config.properties)).toEqual(Object.keys(configSchema.shape));
});

test("a configuration that is no text is refused as any other file is", async () => {
  const place = makeFolder({ "loophole.config.ts": "" });
  try {
    for (const [bytes, said] of [
      [Buffer.from([0xff, 0xfe, 0x61, 0]), "is UTF-16 text"],
      [Buffer.from([0xc3, 0x28]), "is not UTF-8 text"],
    ] as const) {
      writeFileSync(join(place.path, "loophole.config.ts"), bytes);
      const error = await loadConfig(place.path, 600).catch((thrown: InputError) => thrown);
      expect((error as InputError).message).toContain(`loophole.config.ts: ${said}`);
    }
  } finally {
    place.remove();
  }
});

test.skipIf(process.platform === "win32")(
  "a configuration that a link names and that is not there is refused, not passed over",
  async () => {
    const place = makeFolder({});
    try {
      for (const [target, said] of [
        ["gone.ts", "there is no such file"],
        ["loophole.config.ts", "links lead in a circle"],
      ]) {
        const link = join(place.path, "loophole.config.ts");
        symlinkSync(target, link);
        const error = await loadConfig(place.path, 600).catch((thrown: InputError) => thrown);
        expect((error as InputError).message).toBe(`loophole.config.ts: ${said}`);
        unlinkSync(link);
      }
    } finally {
      place.remove();
    }
  },
);

test("a configuration is plain data", () => {
  expect(configToJson({ default: { drivers: ["a"] } })).toBe('{"drivers":["a"]}');
  expect(refused(() => configToJson({ default: { drivers: () => 1 } })).place).toBe(
    "default.drivers",
  );
});

test("a suite without a folder, and without a configuration, says what is missing", async () => {
  const { code, stderr } = await call(join(folder.path, "models"), "suite");
  expect(code).toBe(2);
  expect(stderr).toBe(
    "suite: name a folder of driver files, here or as `drivers` in loophole.config.ts\n",
  );
});
