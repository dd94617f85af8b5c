/** Which routines' C text changed since their model was reviewed. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { driftSchema } from "../../src/cli/drift/drift-schema.ts";
import { filesLike } from "../../src/cli/drift/source-tree.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { call } from "./support/call.ts";
import { makeFolder } from "./support/command.ts";

const source = `NTSTATUS AcmeAsk(PVOID Context)
{
    return FltSendMessage(Context);
}

VOID AcmeNotify(PVOID Context)
{
    if (AcmeAsk(Context)) return;
}
`;
const model = [
  'import { defineDriver } from "loophole-fuzz";',
  'export const driver = defineDriver("acme", (d) => {',
  '  const port = d.port("Port");',
  '  d.service("S", (s) => s.thread("T", (t) => { t.Compute("1ms"); }));',
  '  d.onProcessCreate("AcmeNotify", (a) => {',
  '    a.FltSendMessage(port, "reply").at("src/acme.c:3");',
  '  }).at("acme.c:6");',
  "});",
  "",
].join("\n");

/** The same as data, which is read without a process of its own. */
const modelAsData = JSON.stringify(
  defineDriver("acme", (d) => {
    const port = d.port("Port");
    d.service("S", (s) => s.thread("T", (t) => t.Compute("1ms")));
    d.onProcessCreate("AcmeNotify", (a) => {
      a.FltSendMessage(port, "reply").at("src/acme.c:3");
    }).at("acme.c:6");
  }),
);

const folder = makeFolder({});
afterAll(folder.remove);
const at = (name: string): string => join(folder.path, name);
const driftOf =
  (file: string) =>
  (...args: string[]) =>
    call(folder.path, "drift", file, "--source", "tree", ...args);
const drift = driftOf("acme.driver.json");

beforeEach(() => {
  rmSync(at("tree"), { recursive: true, force: true });
  rmSync(at("acme.driver.reviewed.json"), { force: true });
  mkdirSync(at("tree/src"), { recursive: true });
  writeFileSync(at("tree/src/acme.c"), source);
  writeFileSync(at("acme.driver.json"), modelAsData);
});

test("what is accepted is as reviewed, until a function's text changes; then it is named", async () => {
  writeFileSync(at("acme.driver.ts"), model);
  const drift = driftOf("acme.driver.ts");
  const first = await drift();
  expect(first.code).toBe(1);
  expect(first.stdout).toContain("new: AcmeAsk at src/acme.c:1, which AcmeNotify of acme models");
  const accepted = await drift("--accept");
  expect([accepted.code, accepted.stdout]).toEqual([0, "acme.driver.ts: 2 functions, accepted\n"]);
  const review = JSON.parse(readFileSync(at("acme.driver.reviewed.json"), "utf8"));
  expect(review.functions.map((one: { function: string }) => one.function)).toEqual([
    "AcmeNotify",
    "AcmeAsk",
  ]);
  // Comments, indents and line ends are nothing; what is put ahead of it moves it.
  const loose = source.replaceAll("\n", "\r\n").replaceAll("    ", "\t/* so */ ");
  writeFileSync(at("tree/src/acme.c"), `int before;\r\n${loose}`);
  const moved = await drift("--json");
  expect(moved.code).toBe(0);
  const report = driftSchema.parse(JSON.parse(moved.stdout));
  expect(report.drifted).toBe(false);
  expect(report.files[0].functions).toMatchObject([
    { standing: "moved", at: "src/acme.c:7", was: "src/acme.c:6" },
    { standing: "moved", at: "src/acme.c:2", was: "src/acme.c:1" },
  ]);
  writeFileSync(at("tree/src/acme.c"), source.replace("Context)) return", "Context)) wait"));
  const changed = await drift();
  expect(changed.code).toBe(1);
  expect(changed.stdout).toBe(
    "acme.driver.ts: 1 of 2 functions not as reviewed. Look at the model, then accept: --accept\n" +
      "  changed: AcmeNotify at src/acme.c:6, which AcmeNotify of acme models\n",
  );
});

test("a function is found in another file, and missed when it is gone", async () => {
  await drift("--accept");
  renameSync(at("tree/src/acme.c"), at("tree/other.cpp"));
  const moved = await drift();
  expect([moved.code, moved.stdout]).toEqual([
    0,
    "acme.driver.json: 2 functions, as reviewed\n" +
      "  moved: AcmeNotify at other.cpp:6, was at src/acme.c:6, which AcmeNotify of acme models\n" +
      "  moved: AcmeAsk at other.cpp:1, was at src/acme.c:1, which AcmeNotify of acme models\n",
  ]);
  writeFileSync(at("tree/other.cpp"), source.replace("AcmeAsk(PVOID", "AcmeInquire(PVOID"));
  const gone = await drift("--json");
  expect(gone.code).toBe(1);
  expect(
    JSON.parse(gone.stdout).files[0].functions.map((one: { standing: string }) => one.standing),
  ).toEqual(["moved", "missing"]);
});

test("accepting again goes by functions' names, since the model's lines may be older than the tree", async () => {
  await drift("--accept");
  const later = `${"\n".repeat(40)}${source.replace("return Flt", "return !Flt")}`;
  writeFileSync(at("tree/src/acme.c"), later);
  expect((await drift()).code).toBe(1);
  expect((await drift("--accept")).code).toBe(0);
  expect((await drift()).stdout).toBe("acme.driver.json: 2 functions, as reviewed\n");
});

test("mistakes are one line, and nothing is written", async () => {
  writeFileSync(at("acme.driver.reviewed.json"), '{"loophole":"reviewed","version":1}');
  mkdirSync(at("nothing"), { recursive: true });
  const refusals = [
    await drift(),
    await call(folder.path, "drift", "acme.driver.json"),
    await call(folder.path, "drift", "acme.driver.json", "--source", "nowhere"),
    await call(folder.path, "drift", "acme.driver.json", "--source", "nothing"),
    await call(folder.path, "drift", "nobody.driver.ts", "--source", "tree"),
  ];
  for (const { code, stdout, stderr } of refusals) {
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^[^\n]+: [^\n]+\n$/);
  }
});

test("a path means the files that agree with it in most folders, however it is written", () => {
  const files = ["a/process.c", "b/process.c", "b/Other.c"];
  expect(filesLike(files, "process.c")).toEqual(["a/process.c", "b/process.c"]);
  expect(filesLike(files, "C:/src/b/process.c")).toEqual(["b/process.c"]);
  expect(filesLike(files, "B/OTHER.C")).toEqual(["b/Other.c"]);
  expect(filesLike(files, "nobody.c")).toEqual([]);
});

test("a driver is read with the calls that the configuration adds", async () => {
  const plain = defineDriver("acme", (d) => {
    d.onProcessCreate("AcmeNotify", (a) => a.ZwClose().at("src/acme.c:8"));
  });
  writeFileSync(at("logs.driver.json"), JSON.stringify(plain).replaceAll("ZwClose", "AcmeLog"));
  const look = () => call(folder.path, "drift", "logs.driver.json", "--source", "tree");
  expect((await look()).stderr).toMatch(/unknown call "AcmeLog"/);
  writeFileSync(
    at("loophole.config.ts"),
    `import { defineApi, defineConfig } from "loophole-fuzz";
const log = defineApi({ name: "AcmeLog", does: [], summary: "Logs." });
export default defineConfig({ apis: [log] });
`,
  );
  const known = await look();
  rmSync(at("loophole.config.ts"));
  expect(known.stderr).toBe("");
  expect(known.stdout).toContain("new: AcmeNotify at src/acme.c:6");
});
