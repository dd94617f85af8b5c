/** Ids of operations outlive edits: what is put in beside an operation leaves its id alone. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { drivers as generated } from "../../src/generate/arbitraries.ts";
import type { Body, DriverModel, Statement } from "../../src/language/model.ts";
import { operationIds } from "../../src/language/print.ts";
import { realDrivers } from "../support/real-drivers.ts";
import { drivers } from "./support/drivers.ts";

/** The bodies of a driver with something put in at the `at`th of all the places where it can stand. */
function withInserted(model: DriverModel, at: number, put: Statement): DriverModel {
  let place = 0;
  const insert = (body: Body): Body => {
    const out: Statement[] = [];
    for (const statement of [...body, undefined]) {
      if (place++ === at) out.push(put);
      if (statement === undefined) break;
      if (statement.kind === "if") {
        const { then, else: otherwise } = statement;
        out.push({
          ...statement,
          then: insert(then),
          ...(otherwise === undefined ? {} : { else: insert(otherwise) }),
        });
      } else if ("body" in statement) out.push({ ...statement, body: insert(statement.body) });
      else out.push({ ...statement });
    }
    return out;
  };
  const routines = model.routines.map((one) => ({ ...one, body: insert(one.body) }));
  return { ...model, routines };
}

/** Ids in the order of the text, all but that of what was put in. */
const idsWithout = (model: DriverModel, put?: Statement): readonly string[] =>
  [...operationIds(model)].filter(([statement]) => statement !== put).map(([, id]) => id);

const anyDriver = fc.oneof(fc.constantFrom(...realDrivers), generated(), drivers);

/** A call of an API that the driver calls, on an object that it does not have. */
function onAnother(model: DriverModel, pick: number): Statement {
  const calls = [...operationIds(model).keys()].filter((one) => one.kind === "call");
  const api = calls.length === 0 ? "KeSetEvent" : calls[pick % calls.length].api;
  return { kind: "call", api, args: { Object: { ref: "NobodysObject" } } };
}

const unrelated: readonly Statement[] = [
  { kind: "call", api: "NobodysCall", args: {} },
  { kind: "other", name: "NobodysAssumption", costUs: 1 },
  { kind: "invoke", routine: "NobodysRoutine" },
  { kind: "if", test: { kind: "opaque", name: "NobodysQuestion" }, then: [{ kind: "return" }] },
];

test("an inserted statement that has nothing to do with the others renames none", () => {
  fc.assert(
    fc.property(anyDriver, fc.nat(200), fc.constantFrom(...unrelated), (model, at, put) => {
      const inner = put.kind === "if" ? put.then[0] : undefined;
      const after = [...operationIds(withInserted(model, at, put))];
      const left = after.filter(([one]) => one !== put && one !== inner).map(([, id]) => id);
      expect(left).toEqual(idsWithout(model));
    }),
    { numRuns: 200 },
  );
});

test("another call of the same API, on another object, renames none", () => {
  fc.assert(
    fc.property(anyDriver, fc.nat(200), fc.nat(), (model, at, pick) => {
      const put = onAnother(model, pick);
      expect(idsWithout(withInserted(model, at, put), put)).toEqual(idsWithout(model));
    }),
    { numRuns: 200 },
  );
});

test("an inserted call on the same object renames its later equals and what asks their results", () => {
  const wait = (result: string): Statement => ({
    kind: "call",
    api: "KeWaitForSingleObject",
    args: { Object: { ref: "Done" }, Timeout: { timeout: 5 } },
    result,
  });
  const asks = (of: string): Statement => ({
    kind: "if",
    test: { kind: "result", of, is: "timeout" },
    then: [],
  });
  const body = [wait("first"), asks("first")];
  const model = (statements: Body): DriverModel => ({
    ...realDrivers[0],
    routines: [{ name: "A", role: "entry", locals: [], body: statements }],
  });
  const put = wait("second");
  expect(idsWithout(model(body))).toEqual([
    "A/KeWaitForSingleObject(Done)",
    "A/if(KeWaitForSingleObject(Done) timed out)",
  ]);
  expect(idsWithout(model([put, ...body]), put)).toEqual([
    "A/KeWaitForSingleObject(Done)#2",
    "A/if(KeWaitForSingleObject(Done)#2 timed out)",
  ]);
});

test("an id does not depend on the order of arguments, on timeouts, or on a branch's sign", () => {
  const body = (timeout: number, turned: boolean): Body => {
    const test = { kind: "opaque", name: "IsOdd" } as const;
    const args = { Object: { ref: "Done" }, Timeout: { timeout } };
    const [given, other] = [{ kind: "return" } as const, { kind: "veto" } as const];
    return [
      {
        kind: "call",
        api: "KeWaitForSingleObject",
        args: turned ? { Timeout: args.Timeout, Object: args.Object } : args,
      },
      turned
        ? { kind: "if", test: { kind: "not", test }, then: [other], else: [given] }
        : { kind: "if", test, then: [given], else: [other] },
    ];
  };
  const ids = (timeout: number, turned: boolean): readonly string[] =>
    idsWithout({
      ...realDrivers[0],
      routines: [{ name: "A", role: "entry", locals: [], body: body(timeout, turned) }],
    });
  expect([...ids(7, true)].sort()).toEqual([...ids(5, false)].sort());
});
