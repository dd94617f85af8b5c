import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/base/input-error.ts";
import { reachableRoutines } from "../../src/language/validate-routine.ts";
import { drivers } from "./support/drivers.ts";
import { file, type Json, place, testFaults, validate } from "./support/file.ts";
import { refused } from "./support/refused.ts";

test("a sound file is the driver that it says", () => {
  expect(validate(file())).toStrictEqual(file());
});

test("drivers without routines are drivers", () => {
  const empty = { ...file(), routines: [], registrations: [], objects: [], services: [] };
  expect(validate(empty).routines).toEqual([]);
});

testFaults([
  [
    "an unknown kind of statement",
    (d) => {
      d.routines[1].body[0].kind = "cal";
    },
    "routines[1].body[0].kind",
    '"cal" where one of call, if, repeat, forever, poll, return, veto, invoke, other belongs; did you mean "call"?',
  ],
  [
    "an unknown key",
    (d) => {
      d.routines[1].body[0].labl = "x";
    },
    "routines[1].body[0]",
    'unknown key "labl"',
  ],
  [
    "a missing list",
    (d) => {
      delete d.objects;
    },
    "objects",
    "nothing where array belongs",
  ],
  [
    "an unknown version",
    (d) => {
      d.version = 2;
    },
    "version",
    "2 where 1 belongs",
  ],
  [
    "a repeat too often",
    (d) => {
      d.routines[3].body[1].times = 1001;
    },
    "routines[3].body[1].times",
    "too big: expected number to be <=1000",
  ],
  [
    "a poll of no round",
    (d) => {
      d.routines[3].body[2].limit = 0;
    },
    "routines[3].body[2].limit",
    "too small: expected number to be >=1",
  ],
  [
    "a place that is none",
    (d) => {
      d.routines[1].at = "acme.c";
    },
    "routines[1].at",
    'a place in the C source is "file.c:123"',
  ],
]);

describe("a driver is refused for", () => {
  test.each([null, 3, "driver", []])("being %j, no driver at all", (value) => {
    expect(refused(() => validate(value)).place).toBe(place);
  });

  test("nesting without end, even in itself", () => {
    const driver = file();
    driver.routines[0].body[2].then.push(driver.routines[0].body[2]);
    expect(refused(() => validate(driver)).reason).toBe("nested more than 200 levels deep");
  });
});

test("a thread that the service starts later is reached through the call that starts it", () => {
  const driver = file();
  driver.services[0].threads[0].count = 0;
  expect(refused(() => validate(driver)).reason).toBe(
    'nothing starts, queues or calls userThread "Worker"',
  );
  expect(reachableRoutines(validate(file()))).toEqual(
    new Set(["Callback", "Worker", "Scan", "Helper", "Flush"]),
  );
});

test("what the builder records and its JSON text say the same", () => {
  fc.assert(
    fc.property(drivers, (driver) => {
      const text = JSON.stringify(driver);
      expect(validate(JSON.parse(text))).toStrictEqual(driver);
      expect(JSON.stringify(validate(JSON.parse(text)))).toBe(text);
    }),
  );
});

/** All places in a JSON value where something can be replaced. */
function slots(value: Json): { holder: Json; key: string | number }[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.keys(value).flatMap((key) => [{ holder: value, key }, ...slots(value[key])]);
}

test("a file with anything replaced is either sound or refused at a place inside it", () => {
  const junk = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom<Json>(
      "Lock",
      "ScanDone",
      "Callback",
      { ref: "Reply" },
      { kind: "return" },
      -1,
      0,
    ),
  );
  fc.assert(
    fc.property(fc.nat(), junk, (at, replacement) => {
      const driver = file();
      const all = slots(driver);
      const { holder, key } = all[at % all.length];
      holder[key] = structuredClone(replacement);
      try {
        expect(validate(driver)).toStrictEqual(driver);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        expect(error.place.startsWith(`${place}: `)).toBe(true);
      }
    }),
    { numRuns: 1_000 },
  );
});
