import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { not, or } from "../../src/language/builder.ts";
import { readBody } from "../../src/language/builder-source.ts";
import { refusedBody } from "./support/bodies.ts";
import { placesIn, refused } from "./support/refused.ts";
import { defineDriver, type KernelActivation } from "./support/tables.ts";

const placeOf = placesIn(import.meta.url);

/** The tests that are found in the source of a body. */
const found = (source: string): readonly string[] | undefined =>
  readBody(source)?.suspicions.map(
    ({ message }) =>
      /JavaScript's (.*) tests `(.*)`, which/.exec(message)?.slice(1).join(": ") ?? "",
  );

describe("a test of JavaScript on what stands for the driver", () => {
  test("is an error although the condition is put to use as well", () => {
    const error = refused(() =>
      defineDriver("acme", (d) => {
        d.onImage("OnImage", () => {});
        d.onProcess("Callback", (a) => {
          // <if>
          const create = a.isCreate();
          if (create) a.ZwReadFile();
          a.when(create, () => a.ZwReadFile());
        });
      }),
    );
    expect(error.place).toBe(placeOf("if"));
    expect(error.reason).toBe(
      "JavaScript's if tests `create`, which stands for something in the driver: it would be " +
        "decided once, while the driver is recorded. Write a.when(condition, () => { … }), " +
        "a.repeat or a.poll; combine conditions with not, and, or",
    );
  });

  test("is found before a loop on it can run for ever", () => {
    const error = refusedBody((a) => {
      while (a.isCreate()) a.ZwReadFile();
    });
    expect(error.reason).toContain("JavaScript's while tests");
  });

  test("is placed at the innermost function that records it", () => {
    const error = refusedBody((a) => {
      const create = a.isCreate();
      a.when(create, () => {
        // <inner>
        a.forever(() => a.ZwReadFile());
        if (create) a.ZwReadFile();
      });
    });
    expect(error.place).toBe(placeOf("inner"));
  });

  test("is found in a body that stands elsewhere", () => {
    const body = (a: KernelActivation) => {
      const create = a.isCreate();
      a.when(create, () => a.ZwReadFile());
      if (create) a.ZwReadFile();
    };
    expect(refusedBody(body).reason).toContain("JavaScript's if tests");
  });

  test("is found on conditions that were combined", () => {
    const error = refusedBody((a) => {
      const either = or(not(a.isCreate()), a.apcsDisabled());
      a.when(either, () => a.ZwReadFile());
      if (either) a.ZwReadFile();
    });
    expect(error.reason).toContain("JavaScript's if tests `either`");
  });
});

test.each([
  ["(a) => { if (a.isCreate()) f(); }", ["if: a.isCreate()"]],
  ["(a) => { const c = a.isCreate(); a.when(c, f); if (c) f(); }", ["if: c"]],
  ["(a) => { let c; c = a.isCreate(); if (c) f(); }", ["if: c"]],
  ["(a) => a.isCreate() ? f() : g()", ["?:: a.isCreate()"]],
  ["(a) => { a.isCreate() && f(); }", ["&& or ||: a.isCreate()"]],
  ["(a) => { a.isCreate() || f(); }", ["&& or ||: a.isCreate()"]],
  ["(a) => { f(!a.isCreate()); }", ["!: a.isCreate()"]],
  ["(a) => { let c = a.isCreate(); c &&= f(); }", ["&&= or ||=: c"]],
  ["(a) => { do f(); while (a.isCreate()); }", ["while: a.isCreate()"]],
  ["(a) => { for (; a.isCreate(); ) f(); }", ["for: a.isCreate()"]],
  ["(a) => { switch (a.ZwReadFile()) { case 1: f(); } }", ["switch: a.ZwReadFile()"]],
  ["(a) => { const { isCreate } = a; if (isCreate()) f(); }", ["if: isCreate()"]],
  ["(a) => { const n = a.variable('N'); if (n === 3) f(); }", ["if: n === 3"]],
  ["(a) => { const n = a.variable('N'); if (1 < n) f(); }", ["if: 1 < n"]],
  ["(a) => { const b = a; if (b.isCreate()) f(); }", ["if: b.isCreate()"]],
  ["(a) => { const c = not(a.isCreate()); a.when(c, f); if (c) f(); }", ["if: c"]],
  ["(a) => { if (host.guard && a.isCreate()) f(); }", ["if: host.guard && a.isCreate()"]],
  ["(a) => { const is = () => a.isCreate(); if (is()) f(); }", ["if: is()"]],
  ["(a) => { function is() { return a.isCreate(); } if (is()) f(); }", ["if: is()"]],
  ["(a) => { const is = (x) => { if (x) f(); }; is(a.isCreate()); }", ["if: x"]],
  [
    "(a) => { const run = (w) => { if (w.isCreate()) f(); }; a.workItem('S', run); }",
    ["if: w.isCreate()"],
  ],
  [
    "(a) => { const run = __name((w) => { if (w) f(); }, 'run'); a.workItem('S', run); }",
    ["if: w"],
  ],
  ["(a) => { wrap(a, (w) => { if (w.isCreate()) f(); }); }", ["if: w.isCreate()"]],
  ["(a) => { for (const c of a.all()) if (c) f(); }", ["if: c"]],
  ["(a) => { { var c = a.isCreate(); } if (c) f(); }", ["if: c"]],
  ["function (a) { if (a.isCreate()) f(); }", ["if: a.isCreate()"]],
  ["body(a) { if (a.isCreate()) f(); }", ["if: a.isCreate()"]],
  ["(a) => { if (a?.isCreate()) f(); }", ["if: a?.isCreate()"]],
  ["({ isCreate }) => { if (isCreate()) f(); }", ["if: isCreate()"]],
])("%s tests what stands for the driver", (source, expected) => {
  expect(found(source)).toEqual(expected);
});

test.each([
  "(a) => { if (host.guard) a.ZwReadFile(); }",
  "(a) => { host.guard && a.ZwReadFile(); }",
  "(a) => { const e = host.guard ? a.event('E') : undefined; if (e !== undefined) a.KeSetEvent(e); }",
  "(a) => { const e = host.event ?? a.event('E'); a.KeSetEvent(e); }",
  "(a) => { for (let i = 0; i < host.rounds; i++) a.ZwReadFile(); }",
  "(a) => { for (const n of ['A', 'B']) a.KeSetEvent(a.event(n)); }",
  "(a) => { const all = [a.event('A')]; if (all.length > 0) a.KeSetEvent(all[0]); }",
  "(a) => { const c = a.isCreate(); const f = (c) => { if (c) g(); }; f(host.guard); a.when(c, g); }",
  "(a) => { a.when(a.isCreate(), () => { if (host.guard) a.ZwReadFile(); }); }",
  "(a) => { try { a.ZwReadFile(); } catch (c) { if (c) throw c; } }",
  "(a) => { if (typeof a.KeFoo === 'function' || 'KeFoo' in a) a.KeFoo(); }",
])("%s decides nothing about the driver", (source) => {
  expect(found(source)).toEqual([]);
});

test("functions without source are not passed over", () => {
  expect(readBody("function () { [native code] }")).toBeUndefined();
});

/** Where a planted test may hide. */
const wraps: readonly ((statement: string) => string)[] = [
  (statement) => `{ ${statement} }`,
  (statement) => `if (host) { ${statement} }`,
  (statement) => `for (const i of host) { ${statement} }`,
  (statement) => `a.when(a.isExit(), () => { ${statement} });`,
  (statement) => `a.workItem("W", (_w) => { ${statement} });`,
  (statement) => `const helper = () => { ${statement} };`,
  (statement) => `try { f(); } finally { ${statement} }`,
  (statement) => `switch (host) { case 1: ${statement} }`,
];

test("a test is found however deep it stands, and nothing else is", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...wraps), { maxLength: 6 }),
      fc.constantFrom("a.isCreate()", "c", "not(c)", "c === d", "a.n.below(3).not()"),
      (around, condition) => {
        const wrap = (statement: string) =>
          `(a) => { const c = a.isCreate(); ${around.reduceRight((inner, one) => one(inner), statement)} }`;
        expect(found(wrap(`if (${condition}) g();`))).toEqual([`if: ${condition}`]);
        expect(found(wrap("if (host.guard) g();"))).toEqual([]);
      },
    ),
  );
});
