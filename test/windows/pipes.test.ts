/** SV-33 to SV-35: a write to a pipe waits while that has no room, for whoever reads, and no longer. */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { worldsFor } from "../../src/worlds/worlds.ts";
import { hang } from "./support/hang.ts";
import type { Kernel, Recorder } from "./support/locks.ts";
import { look, users } from "./support/look.ts";

type Pipe = ReturnType<Recorder["port"]>;
type Service = Parameters<Parameters<Recorder["service"]>[1]>[0];
type User = Parameters<Parameters<Service["thread"]>[1]>[0];

const two = { workload: users(["create"], ["create"]) };
const patient = (a: Kernel, pipe: Pipe): unknown => a.NtWriteFile(pipe);
const reads = (t: User, pipe: Pipe): unknown => t.ReadFile(pipe, t.pointer("Message"));
/** It is there for good, and does nothing: its process is, too. */
const stays = (t: User): unknown => t.WaitForSingleObject(t.process("current"));

/** A callback that tells a service of each new process, through a pipe. */
const telling = (
  serves: (t: User, pipe: Pipe) => unknown,
  { room, writes = patient }: { room?: number; writes?: typeof patient } = {},
) =>
  defineDriver("telling", (d) => {
    const pipe = d.port("Pipe", { room });
    d.onProcessCreate("OnCreate", (a) => writes(a, pipe));
    d.service("Agent", (s) => s.thread("Serve", (t) => serves(t, pipe)));
  });

test("a write that finds no room waits for whoever reads, and for ever if nobody does", () => {
  expect(hang(telling(stays), two)).toBe("callback waits for room in a pipe");
  expect(
    look(
      telling((t, pipe) => t.forever(() => reads(t, pipe))),
      two,
    ).outcomes,
  ).toEqual([]);
});

test("what fits into a pipe is written at once, whether anybody reads it or not", () => {
  expect(look(telling(stays)).outcomes).toEqual([]);
  expect(look(telling(stays, { room: 2 }), two).outcomes).toEqual([]);
  expect(look(telling(stays, { room: 0 })).outcomes).toEqual(["deadlock"]);
});

test("a reader of one message makes room for one write", () => {
  const three = { workload: users(["create"], ["create"], ["create"]) };
  const readsOne = (t: User, pipe: Pipe): unknown => {
    reads(t, pipe);
    return stays(t);
  };
  expect(look(telling(readsOne), two).outcomes).toEqual([]);
  expect(look(telling(readsOne), three).outcomes).toEqual(["deadlock"]);
  expect(look(telling(readsOne, { room: 0 })).outcomes).toEqual([]);
  expect(look(telling(readsOne, { room: 0 }), two).outcomes).toEqual(["deadlock"]);
});

test("a write in non-blocking mode, or with a timeout, comes back without room", () => {
  for (const Timeout of [0, "50ms"] as const) {
    const writes = (a: Kernel, pipe: Pipe): unknown => a.NtWriteFile(pipe, { Timeout });
    expect(look(telling(stays, { writes }), two).outcomes, String(Timeout)).toEqual([]);
  }
});

test("a reader that causes what the driver writes about stands behind its own full pipe", () => {
  const driver = telling((t, pipe) =>
    t.forever(() => {
      reads(t, pipe);
      t.CreateProcess();
    }),
  );
  expect(hang(driver)).toBe("");
  expect(hang(driver, two)).toContain("callback waits for room in a pipe (circle)");
});

test("the end of a service ends a write that waits for it to read (SV-35)", () => {
  expect(look(telling(stays, { room: 0 })).outcomes).toEqual(["deadlock"]);
  const ends = telling(
    (t, pipe) => {
      t.ExitProcess();
      reads(t, pipe);
    },
    { room: 0 },
  );
  expect(look(ends).outcomes).toEqual([]);
});

test("a service whose write waits is told to end, and does so (SY-20)", () => {
  const driver = (told: boolean) =>
    defineDriver("filling", (d) => {
      const pipe = d.port("Pipe", { room: 0 });
      d.onProcessCreate("OnCreate", (a) => {
        if (told) a.ZwTerminateProcess(a.process("service"));
        a.ZwWaitForSingleObject(a.process("service"));
      });
      d.service("Agent", (s) => s.thread("Fill", (t) => t.NtWriteFile(pipe)));
    });
  expect(look(driver(true)).outcomes).toEqual([]);
  expect(hang(driver(false))).toContain("service waits for room in a pipe");
});

/** A thread of the driver's reads what the service has to say, and ends with the pipe. */
const listening = (says: (t: User, pipe: Pipe) => unknown) =>
  defineDriver("listening", (d) => {
    const pipe = d.port("Pipe");
    const heard = d.variable("Heard", 0);
    const gone = d.event("Gone", "NotificationEvent");
    const listen = d.systemThread("Listen", (t) => {
      const read = t.NtReadFile(pipe);
      t.when(read.succeeded(), () => {
        t.InterlockedIncrement(heard);
        t.NtReadFile(pipe);
      });
      t.KeSetEvent(gone);
    });
    d.driverEntry((a) => a.PsCreateSystemThread(listen));
    d.onProcessCreate("OnCreate", (a) => a.KeWaitForSingleObject(gone));
    d.service("Agent", (s) => s.thread("Say", (t) => says(t, pipe)));
  });

test("what a service wrote can be read once it has ended, and then the read fails (SV-35)", () => {
  const ends = look(listening((t, pipe) => t.NtWriteFile(pipe)));
  expect(ends.outcomes).toEqual([]);
  expect(ends.finals("Heard")).toEqual([[1]]);
  const goesOn = listening((t, pipe) => {
    t.NtWriteFile(pipe);
    stays(t);
  });
  expect(look(goesOn).outcomes).toEqual(["deadlock"]);
});

test("the end of a service closes the pipe that it reads, not one that the driver reads in its thread (SV-35)", () => {
  const closes = (reader: "the service" | "the driver") =>
    defineDriver("closes", (d) => {
      const pipe = d.port("Pipe", { room: 2 });
      const gone = d.variable("Gone");
      d.onProcessCreate("OnCreate", (a) => {
        a.ZwTerminateProcess(a.process("service"));
        a.KeWaitForSingleObject(a.process("service"));
        const written = a.NtWriteFile(pipe, { Timeout: 0 });
        a.when(written.is("disconnected"), () => a.InterlockedIncrement(gone));
      });
      const read = d.request("Read", (r) => r.NtReadFile(pipe, { Timeout: 0 }));
      d.service("Agent", (s) => {
        s.thread("Main", (t) => {
          if (reader === "the driver") t.DeviceIoControl(read);
          else reads(t, pipe);
        });
      });
    });
  expect(look(closes("the driver")).finals("Gone")).toEqual([[0]]);
  expect(look(closes("the service")).finals("Gone")).toEqual([[1]]);
});

test("the end of a service that writes ends a driver's write that waits behind it (SV-35)", () => {
  const fills = (isOver: boolean) =>
    telling((t, pipe) => {
      t.NtWriteFile(pipe);
      if (!isOver) stays(t);
    });
  expect(look(fills(false)).outcomes).toEqual(["deadlock"]);
  expect(look(fills(true)).outcomes).toEqual([]);
});

test("the ends of two full pipes that both write wait for each other", () => {
  const driver = (serviceReadsFirst: boolean) =>
    defineDriver("crossing", (d) => {
      const down = d.port("Down", { room: 0 });
      const up = d.port("Up", { room: 0 });
      d.onProcessCreate("OnCreate", (a) => {
        a.NtWriteFile(down);
        a.NtReadFile(up);
      });
      d.service("Agent", (s) => {
        s.thread("Serve", (t) => {
          const calls = [() => reads(t, down), () => t.NtWriteFile(up)];
          for (const one of serviceReadsFirst ? calls : calls.reverse()) one();
          stays(t);
        });
      });
    });
  expect(hang(driver(true))).toBe("");
  expect(hang(driver(false))).toBe(
    "callback waits for room in a pipe > service waits for room in a pipe (circle)",
  );
});

test("there is a world in which a pipe with more room is full", () => {
  const most = (room?: number): number =>
    Math.max(
      ...worldsFor([telling(stays, { room })], "default")
        .filter(({ service }) => service.condition === "hung")
        .map(({ workload }) => workload.length),
    );
  expect(most()).toBe(2);
  expect(most(4)).toBe(5);
});

test("a pipe has room for a few messages here, and nothing but a port has room", () => {
  expect(() => telling(stays, { room: 5 })).toThrow("room for 0 to 4 messages here, not 5");
  expect(() => telling(stays, { room: 0.5 })).toThrow("a whole number of messages, not for 0.5");
});
