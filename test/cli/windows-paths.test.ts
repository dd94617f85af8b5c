/** Paths as Windows has them, whatever the machine: Node's path and url are those of Windows here. */
import { expect, test, vi } from "vitest";
import { InputError } from "../../src/base/input-error.ts";
import { annotationsOf } from "../../src/cli/gate/annotate.ts";
import type { Ruling } from "../../src/cli/gate/ruling.ts";
import { explainThrown } from "../../src/cli/load/explain-thrown.ts";
import { placed } from "../../src/cli/load/load-files.ts";
import { forwardSlashes } from "../../src/corpus/files.ts";
import { sourcePlace } from "../../src/language/place.ts";
import { slowScan } from "../report/support/findings.ts";

vi.mock("node:path", async (load) => {
  const { posix, win32 } = await load<typeof import("node:path")>();
  return { ...win32, posix, win32, default: win32 };
});
vi.mock("node:url", async (load) => {
  const url = await load<typeof import("node:url")>();
  const fileURLToPath = (path: string | URL): string => {
    const href = String(path);
    // Our own files lie where this machine has them.
    return url.fileURLToPath(href, { windows: /^file:\/\/\/[A-Za-z]:/.test(href) });
  };
  return { ...url, fileURLToPath, default: { ...url, fileURLToPath } };
});

const file = String.raw`C:\code\my drivers\acme.driver.ts`;

test("a file is told with forward slashes, and keeps its drive", () => {
  expect(forwardSlashes(file)).toBe("C:/code/my drivers/acme.driver.ts");
  expect(forwardSlashes(String.raw`..\drivers`)).toBe("../drivers");
});

/** The line that a fault in a driver file is told in. */
function told(stack: readonly string[], given: string): string {
  const error = new TypeError("no");
  error.stack = ["TypeError: no", ...stack.map((frame) => `    at ${frame}`)].join("\n");
  return placed(forwardSlashes(given), explainThrown(error, file)).message;
}

test.each([
  ["file:///C:/code/my%20drivers/acme.driver.ts:2:5", "acme.driver.ts:2"],
  [String.raw`body (C:\code\my drivers\acme.driver.ts:12:5)`, "acme.driver.ts:12"],
  ["file:///C:/code/my%20drivers/parts/helper.ts:3:1", "parts/helper.ts:3"],
])("a fault at %s is told with its line", (frame, place) => {
  const frames = [String.raw`D:\node\lib.js:1:1`, frame];
  expect(told(frames, "acme.driver.ts")).toBe(`${place}: TypeError: no`);
  expect(told(frames, file)).toBe(`C:/code/my drivers/${place}: TypeError: no`);
});

test("a file of another folder or drive is told by a path that leads there", () => {
  const syntax = (path: string): string => {
    const failure = explainThrown(new Error(`Transform failed\n${path}:7:1: ERROR: oops`), file);
    return placed("acme.driver.ts", failure).message;
  };
  expect(syntax("C:/code/my drivers/acme.driver.ts")).toBe("acme.driver.ts:7: oops");
  expect(syntax("C:/code/shared/helper.ts")).toBe("../shared/helper.ts:7: oops");
  expect(syntax("D:/shared/helper.ts")).toBe("D:/shared/helper.ts:7: oops");
});

test("what the builder refuses is told at its line", () => {
  const stack = String.raw`Error: origin
    at body (C:\code\my drivers\acme.driver.ts:12:5)`;
  const place = sourcePlace({ trace: { stack } }) ?? "";
  expect(place).toBe("my drivers/acme.driver.ts:12");
  const failure = explainThrown(new InputError(place, "unknown call"), file);
  expect(placed("acme.driver.ts", failure).message).toBe("acme.driver.ts:12: unknown call");
});

test("marks name files from the top of the repository, with forward slashes", () => {
  const step = { ...slowScan.steps[0], opId: slowScan.identity };
  const mark = (at: string | undefined): string => {
    const finding = { ...slowScan, chain: [], steps: [{ ...step, at }] };
    const ruling = {
      judged: { file: "D:/a/repo/drivers/acme.driver.ts" },
      findings: [{ finding, standing: { kind: "new" } }],
      faults: [],
    } as unknown as Ruling;
    const top = String.raw`D:\a\repo`;
    const places = { exists: () => false, folder: top, top };
    const [{ file: marked, line }] = annotationsOf([ruling], [], places);
    return `${marked}:${line ?? ""}`;
  };
  expect(mark(undefined)).toBe("drivers/acme.driver.ts:");
  expect(mark("src/acme.c:120")).toBe("src/acme.c:120");
});
