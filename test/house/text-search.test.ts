import { readdirSync, readFileSync } from "node:fs";
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { textSearchesOf } from "./text-search.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const files = readdirSync(`${root}src`, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
  .map((entry) => `${entry.parentPath}${sep}${entry.name}`);

test("nothing under src looks a question up in a model's text, or knows a call by its name", () => {
  expect(files.length).toBeGreaterThan(0);
  const found = files.flatMap((file) =>
    textSearchesOf(relative(root, file).replaceAll(sep, "/"), readFileSync(file, "utf8")),
  );
  expect(found.map(({ place, what }) => `${place}: ${what}`)).toEqual([]);
});

test.each([
  ['const uses = JSON.stringify(drivers).includes("WorkQueue");', "a search through JSON text"],
  [
    'const text = JSON.stringify(body);\nconst a = text.includes("x");',
    "a search through JSON text",
  ],
  ["const text = JSON.stringify(body);\nconst a = /x/.test(text);", "a search through JSON text"],
  ['const is = api === "ZwCreateUserProcess";', "the call ZwCreateUserProcess by its name"],
  ['const is = what.startsWith("KeDelay");', "the call KeDelay by its name"],
  ["const is = /^FltSend/.test(what);", "the call FltSend by its name"],
  ['const is = name === "ReadFile";', "the call ReadFile by its name"],
])("%s is found", (line, what) => {
  expect(textSearchesOf("src/judge/a.ts", line).map((one) => one.what)).toContain(what);
});

test.each([
  "const same = JSON.stringify(one) === JSON.stringify(other);",
  'const text = read(file);\nconst a = text.includes("x");',
  'const is = primitive.op === "createProcess";',
  "// KeDelayExecutionThread waits for nobody.",
  'const is = effects.includes("waits");',
])("%s is none", (line) => {
  expect(textSearchesOf("src/judge/a.ts", line)).toEqual([]);
});

test("the API table itself names its calls", () => {
  expect(textSearchesOf("src/windows/api/waits.ts", 'const name = "KeSetEvent";')).toEqual([]);
});
