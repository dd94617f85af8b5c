import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { byCodePoint, findCorpusFiles, forwardSlashes } from "../../src/corpus/files.ts";
import { readText } from "../../src/corpus/text-file.ts";
import { refused } from "../language/support/refused.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "loophole files "));
  for (const name of ["sub folder", ".hidden", "node_modules", "not.json"])
    mkdirSync(join(folder, name));
  const names = ["b.json", "a.json", "B.json", "a.txt", ".tmp.json", "sub folder/c.json"];
  for (const name of [...names, ".hidden/d.json", "node_modules/e.json"]) {
    writeFileSync(join(folder, name), "{}");
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

test("corpus files are found in all folders but hidden ones, in order of code points", () => {
  const shown = forwardSlashes(folder);
  expect(findCorpusFiles(folder)).toEqual(
    [".tmp.json", "B.json", "a.json", "b.json", "sub folder/c.json"].map(
      (name) => `${shown}/${name}`,
    ),
  );
});

test("a folder that is missing, and a file in its place, are input errors", () => {
  const missing = join(folder, "nowhere");
  expect(refused(() => findCorpusFiles(missing)).message).toBe(
    `${forwardSlashes(missing)}: there is no such folder`,
  );
  expect(refused(() => findCorpusFiles(join(folder, "a.txt"))).reason).toMatch(
    /file, not a folder/,
  );
});

test("the order by code point is that of the sequences of code points", () => {
  const text = fc.string({ unit: "binary", maxLength: 5 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      const points = (s: string): number[] => Array.from(s, (c) => c.codePointAt(0) as number);
      const [x, y] = [points(a), points(b)];
      const at = x.findIndex((point, i) => point !== y[i]);
      const expected = at === -1 ? x.length - y.length : at >= y.length ? 1 : x[at] - y[at];
      expect(Math.sign(byCodePoint(a, b))).toBe(Math.sign(expected));
      expect(byCodePoint(b, a) + byCodePoint(a, b)).toBe(0);
    }),
  );
  expect(["\u{1f600}", "\uff5e"].sort(byCodePoint)).toEqual(["\uff5e", "\u{1f600}"]);
});

test("a byte order mark is no part of a text", () => {
  const file = join(folder, "bom.txt");
  writeFileSync(file, "\ufeff{}");
  expect(readText(file, "bom.txt")).toBe("{}");
});

test.each([
  ["UTF-16", Buffer.from("\ufeff{}", "utf16le"), /UTF-16.*save it as UTF-8/],
  ["bytes that are no UTF-8", Buffer.from([0x7b, 0xff, 0x7d]), /is not UTF-8/],
  ["more than 16 MB", Buffer.alloc(16 * 1024 * 1024 + 1, 0x20), /larger than 16 MB/],
])("%s is refused", (_what, bytes, reason) => {
  const file = join(folder, "refused.txt");
  writeFileSync(file, bytes);
  expect(refused(() => readText(file, "refused.txt")).message).toMatch(reason);
});

test.skipIf(process.platform === "win32")(
  "FIFOs, devices and files that never end are refused at once, by what they are",
  () => {
    execFileSync("mkfifo", [join(folder, "fifo")]);
    symlinkSync("fifo", join(folder, "link"));
    for (const [file, kind] of [
      [join(folder, "fifo"), "a FIFO"],
      [join(folder, "link"), "a FIFO"],
      ["/dev/zero", "a device"],
      ["/dev/tty", "a device"],
    ] as const) {
      expect(refused(() => readText(file, "f")).message).toBe(`f: is ${kind}, not a file`);
    }
    // Said to be regular, and empty, with more in it than that.
    if (existsSync("/proc/self/maps")) {
      expect(refused(() => readText("/proc/self/maps", "f", 100)).reason).toMatch(/larger than/);
      expect(readText("/proc/self/maps", "f")).toContain("node");
    }
  },
);

test.skipIf(process.platform === "win32")(
  "what is named like a wanted file is found, whatever it is, but for folders",
  () => {
    const place = mkdtempSync(join(folder, "odd "));
    execFileSync("mkfifo", [join(place, "fifo.json")]);
    mkdirSync(join(place, "folder.json"));
    symlinkSync("folder.json", join(place, "link to folder.json"));
    symlinkSync("nowhere", join(place, "link to nothing.json"));
    symlinkSync("../a.json", join(place, "link.json"));
    expect(findCorpusFiles(place).map((path) => path.slice(place.length))).toEqual([
      "/fifo.json",
      "/link to nothing.json",
      "/link.json",
    ]);
    rmSync(place, { recursive: true });
  },
);

test("a missing file and a folder are refused by name", () => {
  expect(refused(() => readText(join(folder, "no"), "no")).message).toBe(
    "no: there is no such file",
  );
  expect(refused(() => readText(folder, "f")).message).toBe("f: is a folder, not a file");
});
