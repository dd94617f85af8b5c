/** Hard errors of a file system: a person is asked, by a normal kernel APC in the thread that asked it (APC-7). */
import { expect, test } from "vitest";
import { needsOf } from "../../src/campaign/needs.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { usualTimes } from "../../src/windows/profiles.ts";
import { worldsFor } from "../../src/worlds/worlds.ts";
import type { Kernel } from "./support/locks.ts";
import { compile, longestUs, look, timedRun, world } from "./support/look.ts";

const removed = { disk: "removed" } as const;

const inCallback = (body: (a: Kernel) => void) =>
  defineDriver("reads", (d) => d.onProcessCreate("OnCreate", (a) => body(a)));

const onWorker = (waits: boolean) =>
  defineDriver("offloads", (d) => {
    const done = d.event("Done", "NotificationEvent");
    const reads = d.workItem("Reads", (w) => {
      w.ZwReadFile();
      w.KeSetEvent(done);
    });
    d.onProcessCreate("OnCreate", (a) => {
      a.IoQueueWorkItem(reads, "DelayedWorkQueue");
      if (waits) a.KeWaitForSingleObject(done);
    });
  });

test("APC-7: a callback that reads from a removed disk waits for a dialog that its own region holds off", () => {
  expect(
    look(
      inCallback((a) => a.ZwReadFile()),
      removed,
    ).outcomes,
  ).toEqual(["deadlock"]);
  expect(look(inCallback((a) => a.ZwReadFile())).outcomes).toEqual([]);
  // What touches no file asks nobody.
  expect(
    look(
      inCallback((a) => a.ZwOpenKey()),
      removed,
    ).outcomes,
  ).toEqual([]);
});

test("APC-7: on a worker the dialog comes up, and whoever waits for the worker waits for the person", () => {
  expect(look(onWorker(true), removed).outcomes).toEqual([]);
  const longest = (waits: boolean) => longestUs(timedRun(compile(onWorker(waits), removed)));
  expect(longest(true)).toBeGreaterThan(usualTimes.personUs);
  expect(longest(false)).toBeLessThan(usualTimes.ioUs);
});

test("APC-4, SV-28: where not even special APCs reach, I/O and file names are what they are without the dialog", () => {
  const named = inCallback((a) => {
    a.KeEnterGuardedRegion();
    a.FltGetFileNameInformation();
    a.KeLeaveGuardedRegion();
  });
  expect(look(named, removed).outcomes).toEqual([]);
  expect(
    look(
      inCallback((a) => a.FltGetFileNameInformation()),
      removed,
    ).outcomes,
  ).toEqual(["deadlock"]);
});

test("a removed disk is a fault, and in no world but an author's", () => {
  const driver = inCallback((a) => a.ZwReadFile());
  expect(worldsFor([driver], "default").some(({ disk }) => disk !== undefined)).toBe(false);
  expect(needsOf({ drivers: [driver], world: world(removed) })).toBe("fault");
});
