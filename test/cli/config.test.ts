import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { afterAll, expect, test } from "vitest";
import type { InputError } from "../../src/base/input-error.ts";
import { configured, loadConfig } from "../../src/cli/config.ts";
import { configToJson } from "../../src/cli/load/exports.ts";
import { makeProgram } from "../../src/cli/program.ts";
import { refused } from "../language/support/refused.ts";
import { harmlessDriver, loophole, makeFolder } from "./support/command.ts";

const folder = makeFolder({
  "loophole.config.ts":
    'const drivers: string[] = ["models"];\nexport default { drivers, scope: "small", budget: 20_000 };\n',
  "models/harmless.driver.ts": `${harmlessDriver("harmless")}export const expected = {};\n`,
});
afterAll(folder.remove);

test("a configuration says what is not given, and the command line wins", async () => {
  const [suite, check] = await Promise.all([
    loophole(folder.path, "suite"),
    loophole(folder.path, "check", "models/harmless.driver.ts", "--budget", "1", "--json"),
  ]);
  expect(suite.stderr).toBe("");
  expect(suite.code).toBe(0);
  expect(suite.stdout).toContain("1 driver file: every known verdict holds.");
  // One operation is less than a look at every world.
  expect(JSON.parse(check.stdout).verdict).toBe("bounded");
});

test("where there is none, all is as given", async () => {
  expect(await loadConfig(join(folder.path, "models"), 20)).toEqual({});
  const command = makeProgram(() => {}).commands.find((one) => one.name() === "suite");
  const { options, drivers } = await configured(command as Command);
  expect(drivers).toEqual([]);
  expect(options).toMatchObject({ scope: "default", budget: 200_000 });
});

test.each([
  ["export default { scop: 'small' };", /^loophole\.config\.ts: unknown key "scop"$/],
  ["export default { scope: 'huge' };", /^loophole\.config\.ts: scope: "huge" where one of small/],
  ["export default { budget: 0 };", /^loophole\.config\.ts: budget: is no whole number/],
  ["\nthrow new Error('no');", /^loophole\.config\.ts:2: Error: no$/],
  ["export const drivers = [];", /^loophole\.config\.ts: default: the file has to say: export def/],
])("%s is refused in one line with its place", async (text, message) => {
  const place = makeFolder({ "loophole.config.ts": text });
  try {
    const error = await loadConfig(place.path, 20).catch((thrown: InputError) => thrown);
    expect((error as InputError).message).toMatch(message);
  } finally {
    place.remove();
  }
});

test("a configuration that is no text is refused as any other file is", async () => {
  const place = makeFolder({ "loophole.config.ts": "" });
  try {
    for (const [bytes, said] of [
      [Buffer.from([0xff, 0xfe, 0x61, 0]), "is UTF-16 text"],
      [Buffer.from([0xc3, 0x28]), "is not UTF-8 text"],
    ] as const) {
      writeFileSync(join(place.path, "loophole.config.ts"), bytes);
      const error = await loadConfig(place.path, 20).catch((thrown: InputError) => thrown);
      expect((error as InputError).message).toContain(`loophole.config.ts: ${said}`);
    }
  } finally {
    place.remove();
  }
});

test("a configuration is plain data", () => {
  expect(configToJson({ default: { drivers: ["a"] } })).toBe('{"drivers":["a"]}');
  expect(refused(() => configToJson({ default: { drivers: () => 1 } })).place).toBe(
    "default.drivers",
  );
});

test("a suite without a folder, and without a configuration, says what is missing", async () => {
  const { code, stderr } = await loophole(join(folder.path, "models"), "suite");
  expect(code).toBe(2);
  expect(stderr).toBe(
    "suite: name a folder of driver files, here or as `drivers` in loophole.config.ts\n",
  );
});
