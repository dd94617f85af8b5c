import { expect, test } from "vitest";
import { apiTable } from "../../src/windows/api/table.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { factOf } from "../../src/windows/facts/table.ts";
import { usualTimes } from "../../src/windows/profiles.ts";
import type { World } from "../../src/windows/scenario.ts";
import type { Kernel } from "./support/locks.ts";
import { compile, longestUs, look, timedRun, users } from "./support/look.ts";

const doing = (body: (a: Kernel) => void) =>
  defineDriver("doing", (d) => {
    d.onProcessCreate("OnProcessCreate", (a) => body(a));
  });

test("no call is in the table twice, each says one thing, and its facts are facts", () => {
  expect(new Set(apiTable.map(({ name }) => name)).size).toBe(apiTable.length);
  for (const { name, summary, facts, results } of apiTable) {
    expect(summary, name).toMatch(/^[A-Z].*\.$/);
    expect(facts.length, name).toBeGreaterThan(0);
    for (const id of facts) expect(factOf(id).id).toBe(id);
    expect(new Set(results).size, name).toBe(results.length);
  }
});

/** Outcomes of a callback of any family that does this in its critical region. */
const anywhere = (body: (a: Kernel) => void, change: Partial<World> = {}): readonly string[] => {
  const driver = defineDriver("anywhere", (d) => {
    d.onProcess("OnProcess", (a) => body(a));
    d.onImage("OnImage", (a) => body(a));
  });
  const seen = look(driver, { workload: users(["create and exit"]), ...change });
  return [...seen.outcomes, ...seen.broken];
};

test("SV-14, SV-15, SV-16, SV-17: finding, opening and asking about processes harms nobody", () => {
  const asks = (a: Kernel): void => {
    a.PsLookupProcessByProcessId();
    a.PsLookupThreadByThreadId();
    a.PsGetProcessImageFileName();
    a.SeLocateProcessImageName();
    a.ObReferenceObjectByHandle();
    a.ObOpenObjectByPointer();
    a.ZwOpenProcess();
    a.ZwOpenThread();
    a.ZwDuplicateObject();
    a.ZwQueryInformationProcess();
    a.ZwQueryInformationThread();
    a.ObQueryNameString();
    a.ZwClose();
  };
  expect(anywhere(asks)).toEqual([]);
  expect(anywhere(asks, { specialApcs: "off" })).toEqual([]);
});

test("SV-21, SV-22, SV-23: memory, traces and copies are had at DISPATCH_LEVEL, but for paged pool", () => {
  const raised = (body: (a: Kernel) => void): readonly string[] =>
    look(
      doing((a) => {
        a.KeRaiseIrql("DISPATCH_LEVEL");
        body(a);
        a.KeLowerIrql("PASSIVE_LEVEL");
      }),
    ).outcomes;
  expect(
    raised((a) => {
      a.ExAllocatePool2({ Flags: "POOL_FLAG_NON_PAGED" });
      a.ExAllocatePoolWithTag("NonPagedPool");
      a.ExFreePoolWithTag();
      a.RtlCopyMemory();
      a.EtwWrite();
      a.DbgPrint();
      a.DbgPrintEx();
    }),
  ).toEqual([]);
  expect(raised((a) => a.ExAllocatePool2())).toEqual(["crash"]);
  expect(raised((a) => a.ExAllocatePoolWithTag("PagedPool"))).toEqual(["crash"]);
});

test("SV-21, SV-1, SV-2: where something may fail, these may, and elsewhere they do not", () => {
  const driver = defineDriver("fails", (d) => {
    const failed = d.variable("Failed");
    d.onProcessCreate("OnProcessCreate", (a) => {
      const results = [
        a.ExAllocatePoolWithTag("PagedPool"),
        a.ZwOpenFile(),
        a.ZwCreateKey(),
        a.ZwOpenProcess(),
      ];
      for (const result of results) a.when(result.failed(), () => a.InterlockedIncrement(failed));
    });
  });
  expect(look(driver, { startup: "failing" }).finals("Failed")).toEqual([[0], [1]]);
  expect(look(driver).finals("Failed")).toEqual([[0]]);
});

test("a call that says nothing of its result is a success, whatever the call before it came to", () => {
  const driver = defineDriver("prints", (d) => {
    const failed = d.variable("Failed");
    const printed = d.variable("Printed");
    d.onProcessCreate("OnProcessCreate", (a) => {
      const opened = a.ZwOpenProcess();
      const print = a.DbgPrint();
      a.when(opened.failed(), () => a.InterlockedIncrement(failed));
      a.when(print.succeeded(), () => a.InterlockedIncrement(printed));
    });
  });
  expect(look(driver, { startup: "failing" }).finals("Failed", "Printed")).toEqual([
    [0, 1],
    [1, 1],
  ]);
});

test("APC-2, SY-18: IRQL raised by hand holds APCs off, and must be lowered again", () => {
  const read = (lowered: boolean) =>
    doing((a) => {
      a.KeRaiseIrql("APC_LEVEL");
      if (lowered) a.KeLowerIrql("PASSIVE_LEVEL");
      a.ZwReadFile();
      if (!lowered) a.KeLowerIrql("PASSIVE_LEVEL");
    });
  expect(look(read(false)).outcomes).toEqual(["deadlock"]);
  expect(look(read(true)).outcomes).toEqual([]);
  expect(look(doing((a) => a.KeRaiseIrql("APC_LEVEL"))).broken).toEqual(["LEAK"]);
});

test("SY-18: raising to a lower IRQL and lowering to a higher one are bug checks", () => {
  const seen = (first: "APC_LEVEL" | "PASSIVE_LEVEL", body: (a: Kernel) => void) =>
    look(
      doing((a) => {
        a.KeRaiseIrql(first);
        body(a);
      }),
    ).outcomes;
  expect(seen("APC_LEVEL", (a) => a.KeRaiseIrql("PASSIVE_LEVEL"))).toEqual(["crash"]);
  expect(seen("PASSIVE_LEVEL", (a) => a.KeLowerIrql("APC_LEVEL"))).toEqual(["crash"]);
  expect(seen("PASSIVE_LEVEL", (a) => a.KeLowerIrql("PASSIVE_LEVEL"))).toEqual([]);
});

test("SV-20: whoever attaches detaches as often, no more and no less", () => {
  const times = (attached: number, detached: number) =>
    look(
      doing((a) => {
        for (let i = 0; i < attached; i++) a.KeStackAttachProcess();
        for (let i = 0; i < detached; i++) a.KeUnstackDetachProcess();
      }),
    );
  expect(times(2, 2).outcomes).toEqual([]);
  expect(times(2, 2).broken).toEqual([]);
  expect(times(2, 1).broken).toEqual(["LEAK"]);
  const more = times(1, 2);
  expect(more.outcomes).toEqual(["crash"]);
  expect(more.observations[0].target.mechanism).toBe(
    "a thread comes back from a process that it is not attached to",
  );
});

test("SV-28, T4: a name is refused where special APCs are off, and whoever minds asks a worker", () => {
  const driver = (change: Partial<World>) =>
    look(
      defineDriver("names", (d) => {
        const refused = d.variable("Refused");
        d.onImageExe("OnExe", (a) => {
          const name = a.FltGetFileNameInformationUnsafe();
          a.when(name.failed(), () => a.InterlockedIncrement(refused));
          a.FltParseFileNameInformation();
          a.FltReleaseFileNameInformation();
        });
      }),
      change,
    );
  expect(driver({}).finals("Refused")).toEqual([[0]]);
  expect(driver({ specialApcs: "off" }).finals("Refused")).toEqual([[1]]);
  expect(driver({ specialApcs: "off" }).outcomes).toEqual([]);
  expect(driver({ specialApcs: "off" }).broken).toEqual([]);
});

/** A service answers requests that come through a pipe, or does not. */
const pipe = (answers: boolean, timeout: "none" | "1s" = "none") =>
  defineDriver("pipe", (d) => {
    const verdicts = d.port("Verdicts");
    const denied = d.variable("Denied");
    d.onProcessCreate("OnProcessCreate", (a) => {
      const asked = a.ZwFsControlFile(verdicts, { Timeout: timeout });
      a.when(asked.succeeded(), () => a.InterlockedIncrement(denied));
    });
    d.service("Analyzer", (s) => {
      s.thread("Serve", (t) => {
        const message = t.pointer("Message");
        t.forever(() => {
          t.ReadFile(verdicts, message);
          if (answers) t.WriteFile(message);
        });
      });
    });
  });

test("R2, R4: a verdict that is asked for through a pipe hangs like one through a port", () => {
  expect(look(pipe(true)).outcomes).toEqual([]);
  expect(look(pipe(true)).finals("Denied")).toEqual([[1]]);
  expect(look(pipe(true)).broken).toEqual(["R2", "R4", "R5", "R6b"]);
  expect(look(pipe(false)).outcomes).toEqual(["deadlock"]);
  expect(look(pipe(false, "1s")).outcomes).toEqual([]);
});

type Call = "FltSendMessage" | "ZwAlpcSendWaitReceivePort" | "LpcRequestWaitReplyPort";

/** A request of a user thread's asks a service that never answers; its process is then ended. */
const asked = (how: Call | "SecLookupAccountSid") =>
  defineDriver("asked", (d) => {
    const port = d.port("Port");
    const back = d.variable("Back");
    const request = d.request("Request", (r) => {
      if (how === "FltSendMessage") r.FltSendMessage(port, "reply");
      else r[how](port);
      r.InterlockedIncrement(back);
    });
    d.service("Agent", (s) => {
      s.thread("Asks", (t) => {
        t.DeviceIoControl(request);
      });
      s.thread("Ends", (t) => {
        t.ExitProcess();
      });
    });
    // One of another process, so that the port is not closed with the asking one.
    d.service("Server", (s) => {
      const never = s.event("Never", "NotificationEvent");
      s.thread("Sits", (t) => {
        const message = t.pointer("Message");
        t.FilterGetMessage(port, message);
        t.WaitForSingleObject(never);
      });
    });
  });

test.each(["ZwAlpcSendWaitReceivePort", "LpcRequestWaitReplyPort", "SecLookupAccountSid"] as const)(
  "SV-11: a kernel-mode wait in %s does not end with its process, unlike FltSendMessage's",
  (how) => {
    expect(look(asked(how), { workload: [] }).finals("Back")).toEqual([[0]]);
    expect(look(asked("FltSendMessage"), { workload: [] }).ever("Back")).toEqual([0, 1]);
  },
);

test("SV-11, R2: LSA is a service like any other: who asks it for an account waits until it answers", () => {
  const driver = (answers: boolean) =>
    defineDriver("accounts", (d) => {
      const lsa = d.port("LsaPort");
      d.onProcessCreate("OnProcessCreate", (a) => {
        a.when(a.currentIs("service").not(), () => {
          a.SecLookupAccountSid(lsa);
        });
      });
      d.service("Lsass", (s) => {
        const never = s.event("Never", "NotificationEvent");
        s.thread("LooksUp", (t) => {
          const message = t.pointer("Message");
          t.FilterGetMessage(lsa, message);
          if (answers) t.FilterReplyMessage(message);
          t.WaitForSingleObject(never);
        });
      });
    });
  expect(look(driver(true)).outcomes).toEqual([]);
  expect(look(driver(true)).broken).toContain("R2");
  expect(look(driver(false)).outcomes).toEqual(["deadlock"]);
});

test("SV-11: a datagram keeps nobody, though nobody fetches it", () => {
  const driver = (how: "datagram" | "message") =>
    defineDriver("tells", (d) => {
      const port = d.port("Port");
      const got = d.variable("Got");
      d.onProcessCreate("OnProcessCreate", (a) => {
        if (how === "datagram") a.LpcRequestPort(port);
        else a.FltSendMessage(port, "no reply");
      });
      d.service("Agent", (s) => {
        s.thread("Reads", (t) => {
          const message = t.pointer("Message");
          t.Compute("20ms");
          t.FilterGetMessage(port, message);
          t.FilterReplyMessage(message);
          t.InterlockedIncrement(got);
        });
      });
    });
  const hung = { service: { condition: "hung" } } as const;
  expect(look(driver("datagram"), hung).outcomes).toEqual([]);
  expect(look(driver("datagram"), hung).broken).toEqual([]);
  expect(look(driver("datagram")).finals("Got")).toEqual([[1]]);
  expect(look(driver("message"), hung).outcomes).toEqual(["deadlock"]);
});

test("APC-7: a dialog does not come up in a callback's critical region; on a worker a person is waited for", () => {
  const inCallback = look(doing((a) => a.IoRaiseHardError()));
  expect(inCallback.outcomes).toEqual(["deadlock"]);
  const onWorker = defineDriver("offloads", (d) => {
    const asks = d.workItem("Asks", (w) => {
      w.IoRaiseHardError();
    });
    d.onProcessCreate("OnProcessCreate", (a) => {
      a.IoQueueWorkItem(asks, "DelayedWorkQueue");
    });
  });
  expect(look(onWorker).outcomes).toEqual([]);
});

test("APC-7: whoever waits for the worker that asks waits for the person", () => {
  const driver = defineDriver("waits", (d) => {
    d.onProcessCreate("OnProcessCreate", (a) => {
      const done = a.event("Done", "NotificationEvent");
      const asks = a.workItem("Asks", (w) => {
        w.IoRaiseHardError();
        w.KeSetEvent(done);
      });
      a.IoQueueWorkItem(asks, "DelayedWorkQueue");
      a.KeWaitForSingleObject(done);
    });
  });
  expect(longestUs(timedRun(compile(driver)))).toBeGreaterThan(usualTimes.personUs);
});

test("SV-12: a thread that is created from the kernel is told of in its creator", () => {
  const driver = defineDriver("creates", (d) => {
    const told = d.variable("Told");
    d.onThreadCreate("OnThread", (a) => {
      a.InterlockedIncrement(told);
    });
    d.onImageDll("OnImage", (a) => {
      a.RtlCreateUserThread();
    });
  });
  expect(look(driver, { workload: users(["load a DLL"]) }).finals("Told")).toEqual([[1]]);
});

test("APC-5, SY-20: a process that a callback has ended goes as soon as it may", () => {
  const driver = (ends: boolean) =>
    defineDriver("ends", (d) => {
      const exits = d.variable("Exits");
      const creates = d.variable("Creates");
      d.onProcess("OnProcess", (a) => {
        a.when(a.isExit(), () => a.InterlockedIncrement(exits));
        a.when(a.isCreate(), () => {
          if (ends) a.ZwTerminateProcess(a.process("creator"));
          a.InterlockedIncrement(creates);
        });
      });
      d.service("Agent", (s) => {
        s.thread("Starts", (t) => {
          t.CreateProcess();
          t.CreateProcess();
        });
      });
    });
  expect(look(driver(true), { workload: [] }).finals("Creates", "Exits")).toEqual([[1, 1]]);
  expect(look(driver(false), { workload: [] }).finals("Creates", "Exits")).toEqual([[2, 1]]);
});

test("SV-2, APC-4: what reads a hive's file, makes a section, or asks the mount manager needs special APCs", () => {
  for (const body of [
    (a: Kernel) => a.ZwLoadKey(),
    (a: Kernel) => a.ZwCreateSection(),
    (a: Kernel) => a.IoVolumeDeviceToDosName(),
    (a: Kernel) => a.IoQueryFileDosDeviceName(),
    (a: Kernel) => a.ZwDeviceIoControlFile(),
  ]) {
    const raised = (level: "APC_LEVEL" | "PASSIVE_LEVEL") =>
      look(
        doing((a) => {
          a.KeRaiseIrql(level);
          body(a);
          a.KeLowerIrql("PASSIVE_LEVEL");
        }),
      ).outcomes;
    expect(raised("APC_LEVEL")).toEqual(["deadlock"]);
    expect(raised("PASSIVE_LEVEL")).toEqual([]);
  }
});

test("R3, SV-1: keys that are made, written, deleted or loaded are registry calls too", () => {
  for (const body of [
    (a: Kernel) => a.ZwCreateKey(),
    (a: Kernel) => a.ZwSetValueKey(),
    (a: Kernel) => a.ZwDeleteKey(),
    (a: Kernel) => a.ZwLoadKey(),
  ]) {
    expect(look(doing(body)).broken).toEqual(["R3"]);
  }
});

test("SV-25: to yield in a loop is still to spin", () => {
  const driver = (yields: boolean) =>
    defineDriver("spins", (d) => {
      const isBusy = d.variable("IsBusy", 1);
      d.onProcessCreate("OnProcessCreate", (a) => {
        a.poll({ until: isBusy.equals(0), limit: yields ? "forever" : 3 }, () => {
          a.ZwYieldExecution();
        });
      });
    });
  expect(look(driver(true)).outcomes).toEqual(["livelock"]);
  expect(look(driver(false)).outcomes).toEqual([]);
});
