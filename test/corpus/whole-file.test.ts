import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { InputError } from "../../src/base/input-error.ts";
import {
  type Disk,
  makeFolder,
  mustBeWritable,
  mustHaveRoom,
  writeWhole,
} from "../../src/corpus/whole-file.ts";
import { refused } from "../language/support/refused.ts";

const folder = fs.mkdtempSync(join(tmpdir(), "loophole writes "));
afterAll(() => fs.rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const read = (name: string): string => fs.readFileSync(at(name), "utf8");
const isWindows = process.platform === "win32";

/** A disk that takes so many bytes at a time, and does what else is said. */
const diskWith = (bytesATime: number, other: Partial<Disk> = {}): Disk => ({
  open: (path, flags) => fs.openSync(path, flags),
  chmod: fs.fchmodSync,
  write: (file, bytes, offset) =>
    fs.writeSync(file, bytes, offset, Math.min(bytesATime, bytes.length - offset)),
  sync: fs.fsyncSync,
  close: fs.closeSync,
  rename: fs.renameSync,
  ...other,
});

const fail = (code: string) => (): never => {
  throw Object.assign(new Error("no"), { code });
};

test("a disk that takes a few bytes at a time gets the whole text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 7 }), (text, bytes) => {
      writeWhole(at("short"), text, diskWith(bytes, { sync: () => {} }));
      expect(fs.readFileSync(at("short")).equals(Buffer.from(text))).toBe(true);
    }),
    { numRuns: 50 },
  );
});

/** Everything that can fail on the way, at whatever byte. */
const failures: readonly (readonly [what: string, disk: (after: number) => Disk])[] = [
  ["open", () => diskWith(9, { open: fail("ENOSPC") })],
  [
    "a write",
    (after) => {
      let left = after;
      const { write } = diskWith(3);
      return diskWith(3, {
        write: (file, bytes, offset) =>
          left-- > 0 ? write(file, bytes, offset) : fail("ENOSPC")(),
      });
    },
  ],
  ["a write that takes nothing", () => diskWith(9, { write: () => 0 })],
  ["sync", () => diskWith(9, { sync: fail("EIO") })],
  [
    "close",
    () =>
      diskWith(9, {
        close: (file) => {
          fs.closeSync(file);
          fail("EDQUOT")();
        },
      }),
  ],
  ["rename", () => diskWith(9, { rename: fail("EACCES") })],
];

test.each(failures)(
  "where %s fails, the old file is whole, no draft is left, and one line says why",
  (_what, disk) => {
    const place = fs.mkdtempSync(at("fails "));
    const file = join(place, "kept.json");
    for (let after = 0; after < 4; after++) {
      fs.writeFileSync(file, "the old text");
      const error = refused(() => writeWhole(file, "another, longer text", disk(after)));
      expect(error.message).toMatch(/kept\.json: cannot be written: /);
      expect(fs.readFileSync(file, "utf8")).toBe("the old text");
      expect(fs.readdirSync(place)).toEqual(["kept.json"]);
    }
  },
);

test.skipIf(isWindows)("a link is followed and stays a link; what a file may is kept", () => {
  fs.mkdirSync(at("elsewhere"));
  fs.writeFileSync(at("elsewhere/real"), "old", { mode: 0o640 });
  fs.symlinkSync(at("elsewhere/real"), at("link"));
  fs.symlinkSync("link", at("link to link"));
  writeWhole(at("link to link"), "new");
  expect(read("elsewhere/real")).toBe("new");
  expect(fs.lstatSync(at("link")).isSymbolicLink()).toBe(true);
  expect(fs.statSync(at("elsewhere/real")).mode & 0o777).toBe(0o640);
  expect(fs.readdirSync(at("elsewhere"))).toEqual(["real"]);
  // One that leads nowhere yet leads to the new file.
  fs.symlinkSync("elsewhere/fresh", at("dangling"));
  writeWhole(at("dangling"), "fresh");
  expect(read("elsewhere/fresh")).toBe("fresh");
  expect(fs.lstatSync(at("dangling")).isSymbolicLink()).toBe(true);
  fs.symlinkSync("circle", at("circle"));
  expect(refused(() => writeWhole(at("circle"), "x")).reason).toMatch(/links lead in a circle/);
});

test.skipIf(isWindows)(
  "what is no regular file is refused and left alone, ahead of the work",
  () => {
    execFileSync("mkfifo", [at("fifo")]);
    fs.symlinkSync("fifo", at("link to fifo"));
    for (const [path, kind] of [
      [at("fifo"), "a FIFO"],
      [at("link to fifo"), "a FIFO"],
      ["/dev/null", "a device"],
      [folder, "a folder"],
    ] as const) {
      const ahead = refused(() => mustBeWritable("--junit", path));
      expect(ahead.message).toBe(`--junit: ${path} is ${kind}: name a file to write`);
      expect(refused(() => writeWhole(path, "x")).reason).toContain(kind);
    }
    expect(fs.statSync(at("fifo")).isFIFO()).toBe(true);
    mustBeWritable("--junit", at("a new folder/file"));
    expect(fs.readdirSync(at("a new folder"))).toEqual([]);
  },
);

test("folders are made one below the other; a file in the way is told", () => {
  makeFolder(at("one/two/three"));
  makeFolder(at("one/two/three"));
  expect(fs.statSync(at("one/two/three")).isDirectory()).toBe(true);
  fs.writeFileSync(at("file"), "");
  for (const path of [at("file"), at("file/below"), at("file/below/that")]) {
    expect(refused(() => makeFolder(path)).message).toMatch(/: cannot be made a folder: /);
  }
});

test.runIf(process.platform === "linux")("a folder that takes no more ends the try", () => {
  for (const path of ["/proc/loophole", "/proc/loophole/below", "/proc/self/loophole/a"]) {
    expect(refused(() => mustHaveRoom(path))).toBeInstanceOf(InputError);
  }
  expect(refused(() => mustHaveRoom("/proc")).message).toMatch(/^\/proc: cannot be written to: /);
});
