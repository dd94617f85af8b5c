import { expect, test } from "vitest";
import { observe } from "../../src/explore/observe.ts";
import { RootKind } from "../../src/machine/opcodes.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { rules } from "../../src/windows/rules.ts";
import { compile, longestUs, look, timedRun, users } from "./support/look.ts";

/** Counts the images of each kind, and those that come before their elders. */
const order = defineDriver("order", (d) => {
  const exe = d.variable("Exe");
  const ntdll = d.variable("Ntdll");
  const dll = d.variable("Dll");
  const early = d.variable("Early");
  d.onImage("OnImage", (a) => {
    a.when(a.isImage("exe"), () => a.InterlockedIncrement(exe));
    a.when(a.isImage("ntdll"), () => {
      a.when(exe.equals(0), () => a.InterlockedIncrement(early));
      a.InterlockedIncrement(ntdll);
    });
    a.when(a.isImage("dll"), () => {
      a.when(ntdll.equals(0), () => a.InterlockedIncrement(early));
      a.InterlockedIncrement(dll);
    });
  });
});

test("CB-Q3, T15: a new process reports its EXE, then ntdll, then each DLL", () => {
  expect(look(order).finals("Exe", "Ntdll", "Dll", "Early")).toEqual([[1, 1, 0, 0]]);
  expect(look(order, { images: 3 }).finals("Exe", "Ntdll", "Dll", "Early")).toEqual([[1, 1, 3, 0]]);
});

test("CB-I1: image callbacks run in the new process, while its creator goes on", () => {
  const driver = defineDriver("slow", (d) => {
    d.onImage("OnImage", (a) => {
      a.KeDelayExecutionThread("100ms");
    });
  });
  const { roots } = timedRun(compile(driver));
  const create = roots.find(({ kind, who }) => kind === RootKind.operation && who.name === "user1");
  expect(create?.took).toBeLessThan(10_000);
  const launch = roots.find(({ kind }) => kind === RootKind.launch);
  expect(launch?.took).toBeGreaterThanOrEqual(200_000);
});

test("CB-I3, W15: a driver's image is mapped on a worker, so a callback that waits for a work item there can starve", () => {
  const driver = defineDriver("queues", (d) => {
    d.onImageDriver("OnDriver", (a) => {
      const done = a.event("Done", "NotificationEvent");
      const item = a.workItem("Item", (w) => {
        w.KeSetEvent(done);
      });
      a.IoQueueWorkItem(item, "DelayedWorkQueue");
      a.KeWaitForSingleObject(done);
    });
  });
  const loads = (count: number) =>
    look(driver, {
      workload: users(...Array.from({ length: count }, () => ["load a driver"] as const)),
    });
  // The one worker and the one that relief adds.
  expect(loads(1).outcomes).toEqual([]);
  expect(loads(2).outcomes).toEqual(["deadlock"]);
});

test("APC-4, CB-I1: file I/O in an image callback hangs where special kernel APCs are off, and only there", () => {
  const driver = defineDriver("reads", (d) => {
    d.onImage("OnImage", (a) => {
      a.ZwReadFile();
    });
  });
  expect(look(driver).outcomes).toEqual([]);
  expect(look(driver).broken).toEqual([]);
  const off = look(driver, { specialApcs: "off" });
  expect(off.outcomes).toEqual(["deadlock"]);
  expect(off.broken).toContain("B9");
  const asks = defineDriver("asks", (d) => {
    d.onImage("OnImage", (a) => {
      a.when(a.apcsDisabled(), () => a.return());
      a.ZwReadFile();
    });
  });
  expect(look(asks, { specialApcs: "off" }).outcomes).toEqual([]);
});

test("P44, CB-Q8: a hundred images at 400 ms each make a launch too long; at 4 ms each they do not", () => {
  const driver = (interval: "400ms" | "4ms") =>
    defineDriver("adds", (d) => {
      d.onImageDll("OnDll", (a) => {
        a.KeDelayExecutionThread(interval);
      });
    });
  const world = { images: 100 } as const;
  expect(longestUs(timedRun(compile(driver("400ms"), world)), RootKind.launch)).toBeGreaterThan(
    40_000_000,
  );
  const found = (interval: "400ms" | "4ms") =>
    observe(compile(driver(interval), world), { budget: 20_000, seed: "images", rules })
      .observations;
  expect(found("400ms").map(({ target }) => target.outcome)).toEqual(["latency"]);
  expect(found("4ms")).toEqual([]);
});

/** A service loads a DLL in answer to a message of an image callback, with so many threads. */
const loads = (loaded: boolean) =>
  defineDriver("loads", (d) => {
    const port = d.port("Port");
    d.onImageExe("OnExe", (a) => {
      a.FltSendMessage(port, "reply");
    });
    d.onImageDll("OnDll", (a) => {
      a.FltSendMessage(port, "reply");
    });
    d.service("Agent", (s) => {
      s.thread("Answers", (t) => {
        const message = t.pointer("Message");
        t.forever(() => {
          t.FilterGetMessage(port, message);
          if (loaded) t.LoadLibrary();
          t.FilterReplyMessage(message);
        });
      });
    });
  });

test("P16: a service that loads a DLL to answer waits for itself", () => {
  expect(look(loads(true)).outcomes).toEqual(["deadlock"]);
  expect(look(loads(false)).outcomes).toEqual([]);
});

test("CB-L3: a thread that starts waits for the loader lock, which is held across an image callback", () => {
  const driver = (createsFirst: boolean) =>
    defineDriver("loader", (d) => {
      const port = d.port("Port");
      d.onImageDll("OnDll", (a) => {
        a.FltSendMessage(port, "reply");
      });
      d.service("Agent", (s) => {
        const answers = s.thread(
          "Answers",
          (t) => {
            const message = t.pointer("Message");
            t.FilterGetMessage(port, message);
            t.FilterReplyMessage(message);
          },
          { count: createsFirst ? 1 : 0 },
        );
        s.thread("Loads", (t) => {
          if (!createsFirst) t.CreateThread(answers);
          t.LoadLibrary();
        });
      });
    });
  // The thread that would answer was created, and may still have the loader's lock to take.
  const seen = look(driver(false), { workload: [] });
  expect(seen.outcomes).toEqual(["deadlock"]);
  expect(seen.observations.map(({ target }) => target.mechanism).join()).toContain(
    "CRITICAL_SECTION",
  );
});
