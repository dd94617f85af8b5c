import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { lockFolder, lockName } from "../../src/cli/fuzz/folder-lock.ts";
import { refused } from "../language/support/refused.ts";
import { makeFolder, start } from "./support/command.ts";

const folder = makeFolder({});
afterAll(folder.remove);
const file = join(folder.path, lockName);
const gone = spawnSync(process.execPath, ["--version"]).pid;
const lockOf = (id: number, host = hostname()): void =>
  writeFileSync(file, JSON.stringify({ process: id, host, token: "01234567" }));
const grow = (minutes: number): void => {
  const then = new Date(Date.now() - minutes * 60_000);
  utimesSync(file, then, then);
};

test("a folder has one owner at a time, and is free once that gives it back", () => {
  const lock = lockFolder(folder.path);
  lock.check();
  expect(refused(() => lockFolder(folder.path)).message).toMatch(
    /another campaign works in this folder \(process \d+ on .*\): wait .*, or name another .* remove .*campaign\.lock$/,
  );
  lock.release();
  expect(readdirSync(folder.path)).toEqual([]);
});

test("an owner that is gone is succeeded at once; one that lives, here or elsewhere, is not", () => {
  lockOf(gone);
  lockFolder(folder.path).release();
  expect(existsSync(file)).toBe(false);
  for (const owner of [() => lockOf(process.ppid), () => lockOf(gone, "another machine")]) {
    owner();
    expect(refused(() => lockFolder(folder.path)).reason).toMatch(/another campaign works/);
    // A minute without a sign of life.
    grow(2);
    lockFolder(folder.path).release();
  }
  writeFileSync(file, "no lock");
  expect(refused(() => lockFolder(folder.path)).reason).toMatch(/another campaign works/);
  grow(2);
  lockFolder(folder.path).release();
  expect(readdirSync(folder.path)).toEqual([]);
});

test("an owner that was succeeded says so ahead of its next write, and takes nothing away", () => {
  const lock = lockFolder(folder.path);
  lockOf(process.ppid);
  expect(refused(() => lock.check()).reason).toBe("was taken over by another campaign");
  lock.release();
  expect(JSON.parse(readFileSync(file, "utf8")).token).toBe("01234567");
});

test("of several that find a gone owner one works in the folder, and the others are refused", async () => {
  for (let round = 0; round < 2; round++) {
    lockOf(gone);
    const campaigns = Array.from({ length: 3 }, () =>
      start(folder.path, "fuzz", "--runs", "100000", "--run-budget", "300", "--save", "."),
    );
    const refusals = campaigns.map(async ({ ended }, i) => ({ i, ...(await ended) }));
    const first = await Promise.race(refusals);
    const rest = refusals.filter((_, i) => i !== first.i);
    const second = await Promise.race(rest);
    for (const { code, stderr } of [first, second]) {
      expect(stderr).toMatch(
        /^\.: another campaign works in this folder \(process \d+ on [^\n]*\n$/,
      );
      expect(code).toBe(2);
    }
    const owner = JSON.parse(readFileSync(file, "utf8")) as { process: number };
    const last = campaigns.find((_, i) => i !== first.i && i !== second.i);
    expect(owner.process).toBe(last?.child.pid);
    last?.child.kill("SIGKILL");
    await last?.ended;
  }
  // They were killed, so they are succeeded; behind that nothing of a lock is left.
  lockFolder(folder.path).release();
  expect(readdirSync(folder.path).filter((name) => /^\.|\.lock/.test(name))).toEqual([]);
});
