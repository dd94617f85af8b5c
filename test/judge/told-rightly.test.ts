/** Who and what a story names: the one who does it, by the name that his thing has. */
import { expect, test } from "vitest";
import { search } from "../../src/explore/search.ts";
import { get } from "../../src/explore/store.ts";
import type { Finding } from "../../src/judge/finding.ts";
import { plainNames } from "../../src/judge/instances.ts";
import { stopsBehind } from "../../src/judge/stops.ts";
import { createMachine } from "../../src/machine/machine.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { users, worldWith } from "../explore/support/worlds.ts";
import { deadlockIn, findingsIn, storyOf } from "./support/findings.ts";

const asks = (timeout?: "200ms") =>
  defineDriver("pipes", (d) => {
    const ask = d.port("AskPipe");
    const answer = d.port("AnswerPipe");
    d.onProcessCreate("OnCreate", (a) => {
      a.NtWriteFile(ask);
      a.NtReadFile(answer, timeout === undefined ? {} : { Timeout: timeout });
    });
    d.service("Svc", (s) => {
      s.thread("Loop", (t) => {
        const message = t.pointer("M");
        t.forever(() => {
          t.ReadFile(ask, message);
          t.NtWriteFile(answer);
        });
      });
    });
  });

test("a pipe is called a pipe wherever it is waited for, and a later event is told of what it does itself", () => {
  const world = worldWith({
    workload: users(2, "create"),
    service: { condition: "restarted" },
  });
  const found = findingsIn(asks(), world, "told").filter(({ outcome }) => outcome === "deadlock");
  expect(found.length).toBeGreaterThan(0);
  for (const one of found) expect(storyOf(one)).not.toContain("FLT_PORT");
  const later = found.flatMap(({ chain }) => chain.filter((link) => link.later !== undefined));
  // OnCreate writes to one of the pipes alone.
  for (const { wait, later: callbacks } of later)
    if (callbacks?.includes("OnCreate") === true)
      expect(wait.objects.map(({ name }) => name)).toEqual(["AskPipe"]);
  expect(found.map(storyOf).join(" ")).toContain("something in pipe AnswerPipe");
  const bounded = findingsIn(asks("200ms"), world, "told");
  expect(bounded.filter(({ outcome }) => outcome === "deadlock")).toEqual([]);
});

const policy = (keeps: boolean) =>
  defineDriver("policy", (d) => {
    const mutex = d.mutex("Policy");
    const set = d.request("SetPolicy", (r) => {
      r.KeWaitForMutexObject(mutex);
      if (keeps) r.when(r.opaque("BadInput"), () => r.return());
      r.KeReleaseMutex(mutex);
    });
    d.onProcessCreate("OnCreate", (a) => {
      const got = a.KeWaitForMutexObject(mutex, { Timeout: "50ms" });
      a.when(got.succeeded(), () => a.KeReleaseMutex(mutex));
    });
    d.service("Svc", (s) => {
      s.thread("Ui", (t) => t.forever(() => t.DeviceIoControl(set)));
    });
  });

test("a mutex that a request keeps is told of the request, whoever else takes it", () => {
  const crashOf = (keeps: boolean): Finding | undefined =>
    findingsIn(policy(keeps), worldWith({ workload: [] }), "told").find(
      ({ outcome }) => outcome === "crash",
    );
  const found = crashOf(true);
  expect(found?.callback).toBeUndefined();
  expect(found?.request).toBe("SetPolicy");
  expect(storyOf(found)).toContain("CRASH: request SetPolicy of policy can crash the machine");
  expect(crashOf(false)).toBeUndefined();
});

const verdicts = (timeout?: "200ms") =>
  defineDriver("verdicts", (d) => {
    const port = d.port("Port");
    d.onProcessCreate("OnCreate", (a) => {
      a.FltSendMessage(port, "reply", timeout === undefined ? {} : { Timeout: timeout });
    });
    d.service("Svc", (s) => {
      s.thread("Answer", (t) => {
        const message = t.pointer("M");
        t.forever(() => {
          t.FilterGetMessage(port, message);
          t.FilterReplyMessage(message);
        });
      });
    });
  });

test("R2 is broken however long the wait: a bound is advised only where a hang is", () => {
  const story = (outcome: Finding["outcome"], timeout?: "200ms"): string =>
    storyOf(
      findingsIn(
        verdicts(timeout),
        worldWith({ service: { condition: outcome === "rule" ? "well" : "hung" } }),
        "told",
      ).find((one) => one.outcome === outcome),
    );
  for (const timeout of ["200ms", undefined] as const) {
    expect(story("rule", timeout)).toContain("Decide without the service: a bound of the wait");
    expect(story("rule", timeout)).not.toContain("or bound the wait");
  }
  expect(story("deadlock")).toContain("Decide without the service, or bound the wait.");
});

test("a kernel APC that is held off is named, with what holds it off and what to do about that", () => {
  const apc = (holds: "region" | "mutex" | "nothing") =>
    defineDriver("apcs", (d) => {
      const table = d.fastMutex("Table");
      d.onProcessCreate("OnCreate", (a) => {
        const done = a.event("Ran", "NotificationEvent");
        const collect = a.apc("Collect", (r) => r.KeSetEvent(done));
        if (holds === "mutex") a.ExAcquireFastMutex(table);
        const kind = holds === "region" ? "Normal" : "Special";
        a.KeInsertQueueApc(collect, a.thread("current"), kind);
        a.KeWaitForSingleObject(done);
        if (holds === "mutex") a.ExReleaseFastMutex(table);
      });
    });
  const region = storyOf(deadlockIn(apc("region"), worldWith({}), "told"));
  expect(region).toContain(
    "kernel APC Collect, which is held off while it is in a critical region",
  );
  expect(region).toContain("Queue APC Collect as a special one");
  const mutex = storyOf(deadlockIn(apc("mutex"), worldWith({}), "told"));
  expect(mutex).toContain("held off while it is at APC_LEVEL, with FAST_MUTEX Table");
  expect(mutex).toContain("Give back FAST_MUTEX Table before waiting for what APC Collect does.");
  expect(deadlockIn(apc("nothing"), worldWith({}), "told")).toBeUndefined();
});

const several = (which: "mutexes" | "mutex and event") =>
  defineDriver("several", (d) => {
    const one = d.mutex("One");
    const other = d.mutex("Other");
    const ready = d.event("Ready", "NotificationEvent");
    const pump = d.systemThread("Pump", (t) => t.KeSetEvent(ready));
    d.driverEntry((a) => a.PsCreateSystemThread(pump));
    d.onProcessCreate("OnCreate", (a) => {
      a.KeWaitForMultipleObjects([one, which === "mutexes" ? other : ready], "WaitAll");
      a.ZwQueryInformationProcess();
      if (which === "mutexes") a.KeReleaseMutex(other);
      a.KeReleaseMutex(one);
    });
  });

test("mutexes that are waited for together are short locks as one alone is", () => {
  const rulesOf = (which: "mutexes" | "mutex and event"): readonly string[] =>
    findingsIn(several(which), worldWith({ workload: users(2, "create") }), "told").flatMap(
      ({ rules }) => rules,
    );
  expect(rulesOf("mutexes")).toEqual([]);
  expect(rulesOf("mutex and event")).toEqual(expect.arrayContaining(["R5", "R6b"]));
});

test("who stands behind a hang is told of the lock that he asks for himself, and first", () => {
  const nested = (isFirst: boolean) =>
    defineDriver("nested", (d) => {
      const one = d.pushLock("A");
      const other = d.pushLock("B");
      d.onProcessCreate("OnCreate", (a) => {
        a.FltAcquirePushLockExclusive(one);
        if (!isFirst) a.FltReleasePushLock(one);
        a.RtlCreateUserThread();
        if (isFirst) a.FltReleasePushLock(one);
      });
      d.onThreadCreate("OnThread", (a) => {
        a.FltAcquirePushLockExclusive(other);
        a.FltAcquirePushLockExclusive(one);
        a.FltReleasePushLock(one);
        a.FltReleasePushLock(other);
      });
    });
  const found = deadlockIn(nested(true), worldWith({}), "told");
  const stops = found?.stops?.map(({ routine, what }) => [routine, what.name]);
  expect(stops).toEqual([
    ["OnCreate", "A"],
    ["OnThread", "B"],
  ]);
  expect(deadlockIn(nested(false), worldWith({}), "told")).toBeUndefined();
});

test("who asks for a kept lock again and again is told to go round for ever, unless he gives up", () => {
  const tries = (limit: "forever" | 3) =>
    defineDriver("tries", (d) => {
      const table = d.fastMutex("Table");
      const ready = d.event("Ready", "NotificationEvent");
      d.onProcessCreate("OnCreate", (a) => {
        let got: ReturnType<typeof a.ExTryToAcquireFastMutex> | undefined;
        a.poll({ until: () => (got as NonNullable<typeof got>).succeeded(), limit }, () => {
          got = a.ExTryToAcquireFastMutex(table);
          a.when(got.failed(), () => a.KeDelayExecutionThread("10ms"));
        });
        a.when((got as NonNullable<typeof got>).succeeded(), () => {
          a.KeSetEvent(ready);
          a.ExReleaseFastMutex(table);
        });
      });
      d.onProcessExit("OnExit", (a) => {
        a.ExAcquireFastMutex(table);
        a.KeWaitForSingleObject(ready);
        a.ExReleaseFastMutex(table);
      });
    });
  const world = worldWith({ workload: users(1, "create and exit") });
  const polls = (limit: "forever" | 3): string[] => {
    const program = compileScenario({ drivers: [tries(limit)], world });
    const { machine, store, expanded } = search(createMachine(program, false), { budget: 2_000 });
    const threads = program.threads.map((_, t) => t);
    const found = Array.from({ length: expanded }, (_, state) => {
      get(store, state);
      return stopsBehind(machine, threads, plainNames(machine));
    });
    return found.flat().flatMap((stop) => (stop.polls === true ? [stop.routine] : []));
  };
  expect([...new Set(polls("forever"))]).toEqual(["OnCreate"]);
  expect(polls(3)).toEqual([]);
});
