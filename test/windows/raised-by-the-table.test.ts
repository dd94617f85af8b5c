/** Calls of the table that are said to raise registry, object or file events do so, once somebody has added the family. */
import { check, type DriverModel, defineApi, defineDriverWith, defineFamily } from "loophole-fuzz";
import { expect, test } from "vitest";
import { refused } from "../language/support/refused.ts";

const routine = { name: "Routine", kind: { type: "routine", role: "callback" } } as const;
const change = (remove: "TRUE" | "FALSE") =>
  [{ op: "register", routine: { param: "Routine" }, remove }] as const;
const apis = [
  defineApi({ name: "Adds", params: [routine], does: change("FALSE"), summary: "Registers." }),
  defineApi({ name: "Takes", params: [routine], does: change("TRUE"), summary: "Removes." }),
] as const;

const added = <const N extends string, const E extends readonly string[]>(name: N, events: E) => {
  const family = defineFamily({
    name,
    events,
    context: "whoever does it",
    registers: "Adds",
    removes: "Takes",
    veto: true,
    paths: events.map((raises) => ({ action: `does ${raises}`, routine: `Nt${raises}`, raises })),
  });
  return defineDriverWith({ apis, families: [family] });
};
const withRegistry = added("registry", ["open"]);
const withObject = added("object", ["open"]);
const withFile = added("file", ["open"]);
const withSeveral = added("registry", ["open", "set"]);
const withKeys = added("keys", ["open"]);

const found = (driver: DriverModel): string[] =>
  check({ drivers: [driver] }, { scope: "small", budget: 40_000, seed: "raised" }).findings.map(
    ({ finding: { outcome, mechanism } }) => `${outcome}: ${mechanism}`,
  );

type Opens = "ZwOpenKey" | "ZwOpenProcess" | "ZwCreateFile";
const families = { registry: withRegistry, object: withObject, file: withFile };

/** A create opens something under a lock; who hears of that takes the same one, or another. */
const opensUnderLock = (family: keyof typeof families, opens: Opens, takes: "Held" | "Other") =>
  families[family]("opens", (d) => {
    const held = d.fastMutex("Held");
    const other = d.fastMutex("Other");
    d.onProcessCreate("OnCreate", (a) => {
      a.KeEnterCriticalRegion();
      a.ExAcquireFastMutexUnsafe(held);
      a[opens]();
      a.ExReleaseFastMutexUnsafe(held);
      a.KeLeaveCriticalRegion();
    });
    const method = { registry: "onRegistry", object: "onObject", file: "onFile" }[family];
    const listen = d as unknown as Record<string, typeof d.onProcess>;
    listen[method]("OnOpen", (a) => {
      a.KeEnterCriticalRegion();
      a.ExAcquireFastMutexUnsafe(takes === "Held" ? held : other);
      a.ExReleaseFastMutexUnsafe(takes === "Held" ? held : other);
      a.KeLeaveCriticalRegion();
    });
  });

test.each([
  ["registry", "ZwOpenKey"],
  ["object", "ZwOpenProcess"],
  ["file", "ZwCreateFile"],
] as const)(
  "a callback for %s events is called by %s, under the locks of its caller",
  (family, opens) => {
    const hangs = (takes: "Held" | "Other") =>
      found(opensUnderLock(family, opens, takes)).filter((one) => one.startsWith("deadlock"));
    expect(hangs("Held")).toHaveLength(1);
    expect(hangs("Other")).toEqual([]);
  },
);

test("a call of user mode raises likewise, in the service's thread", () => {
  const asks = (opens: boolean) =>
    withRegistry("asks", (d) => {
      const port = d.port("Port");
      d.onProcessCreate("OnCreate", (a) => a.FltSendMessage(port, "reply"));
      d.onRegistry("OnKey", (a) => a.FltSendMessage(port, "reply"));
      d.service("Agent", (s) => {
        s.thread("Answer", (t) => {
          const message = t.pointer("Message");
          t.forever(() => {
            t.FilterGetMessage(port, message);
            if (opens) t.RegOpenKey();
            t.FilterReplyMessage(message);
          });
        });
      });
    });
  const inWell = (driver: DriverModel) =>
    check(
      {
        drivers: [driver],
        worlds: [
          {
            name: "well",
            workload: [{ name: "user", does: ["create"] }],
            pool: { profile: "tiny", load: "idle" },
            service: { condition: "well" },
            startup: "before",
            removal: "none",
          },
        ],
      },
      { scope: "small", budget: 40_000, seed: "raised" },
    ).findings.filter(({ finding }) => finding.outcome === "deadlock");
  expect(inWell(asks(true))).toHaveLength(1);
  expect(inWell(asks(false))).toEqual([]);
});

test("what a callback vetoes fails, and what it lets pass does not", () => {
  const fails = (vetoes: boolean) =>
    withRegistry("vetoes", (d) => {
      const never = d.event("Never", "NotificationEvent");
      d.onProcessCreate("OnCreate", (a) => {
        const opened = a.ZwOpenKey();
        a.when(opened.failed(), () => {
          a.KeWaitForSingleObject(never);
        });
      });
      d.onRegistry("OnKey", (a) => {
        if (vetoes) a.veto();
      });
    });
  expect(found(fails(true)).join()).toContain("deadlock");
  expect(found(fails(false)).join()).not.toContain("deadlock");
});

test("a call that is told to raise events of a family under another name does", () => {
  const hangs = (raises: boolean) =>
    withKeys("keys", (d) => {
      const lock = d.fastMutex("Policy");
      d.onProcessCreate("OnCreate", (a) => {
        a.ExAcquireFastMutex(lock);
        if (raises) a.other("ZwOpenKey", { cost: "1ms", raises: "keys" });
        else a.ZwOpenKey();
        a.ExReleaseFastMutex(lock);
      });
      d.onKeys("OnKey", (a) => {
        a.ExAcquireFastMutex(lock);
        a.ExReleaseFastMutex(lock);
      });
    });
  expect(found(hangs(true)).join()).toContain("deadlock");
  expect(found(hangs(false)).join()).not.toContain("deadlock");
});

test("of a family with several events the author says which one a call raises", () => {
  const opens = (says: boolean) =>
    withSeveral("several", (d) => {
      const lock = d.fastMutex("Policy");
      d.onProcessCreate("OnCreate", (a) => {
        a.ExAcquireFastMutex(lock);
        if (says) a.other("ZwOpenKey", { cost: "1ms", raises: "registry-open" });
        else a.ZwOpenKey();
        a.ExReleaseFastMutex(lock);
      });
      d.onRegistryOpen("OnKey", (a) => {
        a.ExAcquireFastMutex(lock);
        a.ExReleaseFastMutex(lock);
      });
    });
  expect(found(opens(true)).join()).toContain("deadlock");
  expect(refused(() => opens(false)).message).toMatch(
    /ZwOpenKey raises registry.*"registry-open" or "registry-set", by a\.other\("ZwOpenKey"/,
  );
});

test("what the table does itself is still called, and not assumed", () => {
  const assumes = (assumed: { cost: string; raises?: string }) => () =>
    withRegistry("assumes", (d) => {
      d.onProcessCreate("OnCreate", (a) => a.other("ZwOpenKey", assumed as never));
      d.onRegistry("OnKey", () => {});
    });
  const call = /the table has ZwOpenKey: call it/;
  expect(refused(assumes({ cost: "1ms" })).message).toMatch(call);
  expect(refused(assumes({ cost: "1ms", raises: "registry" })).message).toMatch(call);
  expect(refused(assumes({ cost: "1ms", raises: "process" })).message).toMatch(call);
});
