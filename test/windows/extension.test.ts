/** What a driver's author adds to the tables: what it does, and what is refused. */
import fc from "fast-check";
import {
  type ApiShape,
  check,
  type DriverModel,
  defineApi,
  defineDriver,
  defineDriverWith,
  defineFamily,
  defineRule,
  drivers,
  type Extension,
  replay,
} from "loophole-fuzz";
import { expect, test } from "vitest";
import { InputError } from "../../src/base/input-error.ts";
import { readDriver } from "../../src/corpus/read.ts";
import { printCounterexample } from "../../src/corpus/save.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { languageOf } from "../../src/windows/language.ts";
import { worldsFor } from "../../src/worlds/worlds.ts";
import { refused } from "../language/support/refused.ts";

const routine = { name: "Routine", kind: { type: "routine", role: "callback" } } as const;
const change = (remove: "TRUE" | "FALSE") =>
  [{ op: "register", routine: { param: "Routine" }, remove }] as const;

const registers = defineApi({
  name: "ExRegister",
  params: [routine],
  does: change("FALSE"),
  summary: "Registers.",
});
const removes = defineApi({
  name: "ExUnregister",
  params: [routine],
  does: change("TRUE"),
  summary: "Removes.",
});
const family = {
  name: "power",
  events: ["sleep", "wake"],
  context: "the thread that asks",
  registers: "ExRegister",
  removes: "ExUnregister",
  paths: [
    { action: "puts the machine to sleep", routine: "NtInitiatePowerAction", raises: "sleep" },
    { action: "wakes the machine", routine: "PopWake", raises: "wake" },
  ],
} as const;
const rule = defineRule({
  id: "TEAM-1",
  effect: "callbackTouchesRegistry",
  text: "No registry.",
  why: "We said so.",
  fact: "R3",
});
const power = defineFamily(family);
const tables = { apis: [registers, removes], families: [power], rules: [] };

const budget = 20_000;
const findingsOf = (driver: DriverModel) =>
  check({ drivers: [driver] }, { scope: "small", budget, seed: "extension" }).findings;

/** A callback that does this when the machine goes to sleep. */
const onSleep = (
  given: Partial<Parameters<typeof defineFamily>[0]>,
  body: Parameters<ReturnType<typeof defineDriverWith<[typeof tables]>>>[1],
  rules: Extension["rules"] = [],
): DriverModel =>
  defineDriverWith({
    ...tables,
    families: [defineFamily({ ...family, ...given }) as typeof power],
    rules,
  })("sleeper", body);

test("a driver brings along what it uses, and nothing else", () => {
  const define = defineDriverWith({ ...tables, rules: [rule] });
  const user = define("user", (d) => {
    d.onPowerSleep("OnSleep", () => {});
  });
  expect(user.extension?.families.map(({ name }) => name)).toEqual(["power"]);
  expect(user.extension?.apis.map(({ name }) => name)).toEqual(["ExRegister", "ExUnregister"]);
  const plain = defineDriverWith(tables)("plain", (d) => {
    d.onProcess("OnProcess", () => {});
  });
  expect(plain).toEqual(defineDriver("plain", (d) => d.onProcess("OnProcess", () => {})));
  expect(worldsFor([plain], "small").some(({ name }) => name.includes("sleep"))).toBe(false);
});

test("worlds have what raises the events that are listened to, and what lies idle stays out", () => {
  const sleeper = onSleep({}, (d) => {
    d.onPowerSleep("OnSleep", () => {});
  });
  for (const world of worldsFor([sleeper], "default")) {
    const does = world.workload.flatMap((thread) => thread.does);
    expect(new Set(does)).toEqual(new Set(["puts the machine to sleep"]));
  }
});

test("a callback runs at its family's IRQL and APC state, and its caller does not", () => {
  const reads = (given: Parameters<typeof onSleep>[0]) =>
    findingsOf(
      onSleep(given, (d) => {
        d.onPowerSleep("OnSleep", (a) => {
          a.ZwReadFile();
        });
      }),
    ).map(({ finding }) => `${finding.outcome}: ${finding.mechanism}`);
  expect(reads({})).toEqual([]);
  expect(reads({ criticalRegion: true })).toEqual([]);
  expect(reads({ irql: "APC_LEVEL" }).join()).toMatch(/irqlTooHigh|callback waits/);
  expect(reads({ irql: "DISPATCH_LEVEL" }).join()).toMatch(/^crash: /);
  expect(reads({ specialApcs: "off" }).join()).toMatch(/apcsDisabled|callback waits/);
});

test("the budget of a family is that of its callbacks", () => {
  const late = (budgetUs: number) =>
    findingsOf(
      onSleep({ budgetUs }, (d) => {
        d.onPowerSleep("OnSleep", (a) => {
          a.KeDelayExecutionThread("100ms");
        });
      }),
    ).filter(({ finding }) => finding.outcome === "latency");
  expect(late(200_000)).toEqual([]);
  const [{ finding }] = late(50_000);
  expect(finding.budget).toEqual({ of: "callback", us: 50_000 });
});

test("rules bind the callbacks of families that name them; one that nobody names binds all", () => {
  const broken = (given: Parameters<typeof onSleep>[0], rules: Extension["rules"] = []) =>
    findingsOf(
      onSleep(
        given,
        (d) => {
          d.onPowerSleep("OnSleep", (a) => {
            a.ZwOpenKey();
          });
        },
        rules,
      ),
    ).flatMap(({ finding }) => finding.rules);
  expect(broken({})).toEqual([]);
  expect(broken({ rules: ["R3"] })).toEqual(["R3"]);
  expect(broken({}, [rule])).toEqual(["TEAM-1"]);
  const forbidding = { forbids: { registry: "powerTouchesRegistry" }, rules: ["POWER"] };
  const own = { ...rule, id: "POWER", effect: "powerTouchesRegistry" };
  expect(broken(forbidding, [own])).toEqual(["POWER"]);
  expect(broken({ forbids: forbidding.forbids }, [own])).toEqual(["POWER"]);
});

test("a path is a program: it takes locks of the system's, and a call can have users' acts done", () => {
  const lock = { name: "PopLock", kind: "KMUTEX" } as const;
  const call = (api: string) =>
    ({ kind: "call", api, args: { Mutex: { ref: "PopLock" } } }) as const;
  const paths = [
    {
      ...family.paths[0],
      raises: undefined,
      objects: [lock],
      body: [
        call("KeWaitForMutexObject"),
        { kind: "other", name: "Notify", costUs: 1, raises: "power-sleep" },
        call("KeReleaseMutex"),
      ],
    },
    {
      ...family.paths[1],
      raises: undefined,
      objects: [lock],
      thread: "DelayedWorkQueue",
      awaited: true,
      body: [
        call("KeWaitForMutexObject"),
        { kind: "other", name: "Notify", costUs: 1, raises: "power-wake" },
        call("KeReleaseMutex"),
      ],
    },
  ] as const;
  const wakes = defineApi({
    name: "PoWake",
    does: [{ op: "act", action: "wakes the machine" }],
    summary: "Wakes the machine and waits.",
  });
  const define = defineDriverWith({
    ...tables,
    apis: [...tables.apis, wakes],
    families: [defineFamily({ ...family, paths })],
  });
  const found = findingsOf(
    define("waker", (d) => {
      d.onPowerSleep("OnSleep", (a) => {
        a.PoWake();
      });
    }),
  );
  // The item that would wake the machine needs the lock that is held around the callback.
  expect(found.map(({ finding }) => `${finding.outcome} at ${finding.identity}`)).toContain(
    "deadlock at OnSleep/PoWake",
  );
  for (const { counterexample } of found) {
    const kept = JSON.parse(printCounterexample(counterexample));
    expect(replay(kept).mismatch).toBeUndefined();
  }
});

const entry = <T extends object>(given: T, changed: object): T => ({ ...given, ...changed });
const withApi = (changed: object) => ({ ...tables, apis: [entry(registers, changed), removes] });
const withFamily = (changed: object) => ({ ...tables, families: [entry(power, changed)] });
const withRule = (changed: object) => ({ ...tables, rules: [entry(rule, changed)] });

test.each<[string, object, RegExp]>([
  [
    "a call that there is",
    withApi({ name: "KeSetEvent" }),
    /^Windows has a call KeSetEvent already/,
  ],
  [
    "a call twice",
    { ...tables, apis: [registers, removes, entry(registers, { summary: "Else." })] },
    /^this extension has a call ExRegister already/,
  ],
  [
    "an effect of a call",
    withApi({ effects: ["wait"] }),
    /^no effect of a call "wait".*did you mean "waits"/,
  ],
  [
    "an operation",
    withApi({ does: [{ kind: "op", op: "regster" }] }),
    /^no operation "regster" of kernel-mode calls; did you mean "register"/,
  ],
  [
    "an operand",
    withApi({ does: [{ kind: "op", op: "register", rutine: 1 }] }),
    /^register has no operand "rutine"; did you mean "routine"/,
  ],
  [
    "a parameter",
    withApi({
      does: [{ kind: "op", op: "register", routine: { param: "Rutine" }, remove: "TRUE" }],
    }),
    /^ExRegister has no parameter "Rutine"; did you mean "Routine"/,
  ],
  [
    "an operand's kind",
    withApi({ does: [{ kind: "op", op: "set", object: { param: "Routine" } }] }),
    /^set takes object NotificationEvent or .* here, and no routine callback/,
  ],
  [
    "a missing operand",
    withApi({ does: [{ kind: "op", op: "register", remove: "TRUE" }] }),
    /^register needs an operand "routine"/,
  ],
  [
    "an action",
    withApi({ does: [{ kind: "op", op: "act", action: "sleeps" }] }),
    /^no action "sleeps"/,
  ],
  ["a raised family", withApi({ raises: ["powr"] }), /^no family "powr"; did you mean "power"/],
  [
    "a family that there is",
    withFamily({ name: "process" }),
    /^Windows has a family process already/,
  ],
  ["an event twice", withFamily({ events: ["sleep", "sleep"] }), /^"sleep" is there twice/],
  [
    "an event that nothing raises",
    withFamily({ events: ["sleep", "wake", "nap"] }),
    /^nothing raises power-nap: no path and no call/,
  ],
  [
    "what registers",
    withFamily({ registers: "ExRegster" }),
    /^no call ExRegster; did you mean "ExRegister"/,
  ],
  ["what removes", withFamily({ removes: "ExRegister" }), /^ExRegister does not remove a callback/],
  ["a rule of a family", withFamily({ rules: ["R99"] }), /^no rule "R99"/],
  [
    "a tag",
    withFamily({ forbids: { wait: "powerWaits" } }),
    /^no call has the effect "wait"; did you mean "waits"/,
  ],
  [
    "a path's call",
    withFamily({
      paths: [{ ...power.paths?.[0], body: [{ kind: "call", api: "KeStEvent", args: {} }] }],
    }),
    /^unknown call "KeStEvent"/,
  ],
  [
    "a path without an end",
    withFamily({ paths: [{ ...power.paths?.[0], body: [{ kind: "forever", body: [] }] }] }),
    /^a path has an end/,
  ],
  [
    "an action twice",
    withFamily({ paths: [power.paths?.[0], power.paths?.[0]] }),
    /^users of a world do “puts the machine to sleep” already/,
  ],
  ["an unknown key", withFamily({ budget: 3 }), /^unknown key "budget"/],
  [
    "an effect of a rule",
    withRule({ effect: "callbackTouchRegistry" }),
    /^no effect "callbackTouchRegistry"; did you mean "callbackTouchesRegistry"/,
  ],
  [
    "an effect that whole runs show",
    withRule({ effect: "callbackRunsLong" }),
    /^no effect "callbackRunsLong"/,
  ],
  [
    "what of several events is raised",
    {
      ...withFamily({ events: ["sleep", "wake"] }),
      apis: [
        ...tables.apis,
        defineApi({
          name: "PoRaise",
          does: [{ op: "raise", family: "power" }],
          summary: "Raises.",
        }),
      ],
    },
    /^"power" has several events: name one, "power-sleep" or "power-wake"/,
  ],
  ["a rule that there is", withRule({ id: "R3" }), /^Windows has a rule R3 already/],
])("%s is refused in one line", (_, extension, reason) => {
  const error = refused(() => defineDriverWith(extension as Extension));
  expect(error.reason).toMatch(reason);
  expect(error.reason).not.toContain("\n");
  expect(error.place).toMatch(/^windows\/extension\.test\.ts:\d+$/);
});

test("an error of an entry is at the line that defines it", () => {
  const wrong = defineApi({ name: "ExWrong", does: [{ op: "nothing" }], summary: "Wrong." });
  const line = Number(/extension\.test\.ts:(\d+)/.exec(new Error("here").stack ?? "")?.[1]) - 1;
  const error = refused(() => defineDriverWith({ apis: [wrong] }));
  expect(error.place).toBe(`windows/extension.test.ts:${line}`);
});

test("two drivers of one machine mean the same by a name, or are refused", () => {
  const driver = (name: string, given: object) => {
    const own = { ...tables, families: [entry(power, given)] };
    return defineDriverWith(own)(name, (d) => d.onPowerSleep("OnSleep", () => {}));
  };
  expect(languageOf([driver("a", {}), driver("b", {})]).extension.families).toHaveLength(1);
  const error = refused(() => languageOf([driver("a", {}), driver("b", { criticalRegion: true })]));
  expect(error.reason).toBe("this extension has a family power already");
});

test("generated drivers use the families they are given, and what they shrink to is one too", () => {
  const arbitrary = drivers({ extension: tables });
  const drawn = fc.sample(arbitrary, { seed: 4, numRuns: 60 });
  const users = drawn.filter(({ extension }) => extension !== undefined);
  expect(users.length).toBeGreaterThan(5);
  for (const driver of drawn) {
    expect(readDriver(JSON.parse(JSON.stringify(driver)), "generated")).toEqual(driver);
    compileScenario({ drivers: [driver], world: worldsFor([driver], "small")[0] });
  }
});

/** An extension with one part of it changed into something else. */
function mutated(value: unknown, at: number, by: unknown): unknown {
  let left = at;
  const walk = (part: unknown): unknown => {
    if (left-- === 0) return by;
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, one]) => [key, walk(one)]));
  };
  return walk(value);
}

test("whatever is changed in an extension, it is refused or it compiles", () => {
  const driver = onSleep({ forbids: { registry: "powerTouchesRegistry" } }, (d) => {
    d.onPower("OnPower", (a) => {
      a.when(a.isEvent("sleep"), () => a.ExUnregister(a.self));
    });
  });
  const words = ["KeSetEvent", "wait", "acquire", "power-sleep", "DISPATCH_LEVEL", "TRUE", ""];
  const values = fc.oneof(
    fc.constantFrom<unknown>(null, true, 0, -1, 1.5, [], {}, { param: "Routine" }, ...words),
    fc.constantFrom(
      registers.does[0],
      { kind: "op", op: "flushDpcs" },
      { kind: "op", op: "attach", delta: 1 },
    ),
  );
  let passed = 0;
  fc.assert(
    fc.property(fc.nat(160), values, (at, by) => {
      const extension = mutated(driver.extension, at, by);
      try {
        const read = readDriver({ ...driver, extension }, "mutated");
        for (const world of worldsFor([read], "small").slice(0, 2)) {
          compileScenario({ drivers: [read], world });
        }
        passed++;
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        expect((error as InputError).reason).not.toContain("\n");
      }
    }),
    { numRuns: 1_000 },
  );
  expect(passed).toBeGreaterThan(50);
});

test("what primitives take is read off the table: the table itself is made of nothing else", () => {
  const { primitives, apis } = languageOf([]);
  for (const api of apis as readonly ApiShape[]) {
    if (api.returns !== undefined || api.mode === "any") continue;
    for (const { op } of api.does) expect(primitives?.[api.mode].has(op), op).toBe(true);
  }
});
