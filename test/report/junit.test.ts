import fc from "fast-check";
import { expect, test } from "vitest";
import { type JunitCase, type JunitSuite, printJunit } from "../../src/report/junit.ts";
import { visible } from "../../src/report/printable.ts";
import { readXml } from "./support/xml.ts";

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({ unit: fc.nat(127).map((code) => String.fromCharCode(code)), maxLength: 12 }),
  fc.constantFrom("]]>", "<!--", "&amp;", "a\r\nb", "\u{1f600}", "\ud800", "\ufffe", "\u2028"),
);

const anyCase: fc.Arbitrary<JunitCase> = fc.record({
  name: anyText,
  classname: anyText,
  problem: fc.option(
    fc.record({
      kind: fc.constantFrom("failure", "error", "skipped"),
      type: anyText,
      message: anyText,
      text: anyText,
    }),
    { nil: undefined },
  ),
  output: anyText,
});

const anySuites: fc.Arbitrary<JunitSuite[]> = fc.array(
  fc.record({ name: anyText, cases: fc.array(anyCase, { maxLength: 3 }) }),
  { maxLength: 3 },
);

/** What XML can hold of a text whose unseen characters are shown. */
const held = (text: string): string =>
  [...visible(text)]
    .map((one) => {
      const code = one.codePointAt(0) as number;
      const isControl = code < 0x20 && !"\t\n\r".includes(one);
      const isHalf = code >= 0xd800 && code <= 0xdfff;
      return isControl || isHalf || code === 0xfffe || code === 0xffff ? "\ufffd" : one;
    })
    .join("");

test("whatever a story says, it is read as it was written, with what is not seen made visible", () => {
  fc.assert(
    fc.property(anySuites, (suites) => {
      const root = readXml(printJunit(suites));
      expect(root.children.map(({ attributes }) => attributes.name)).toEqual(
        suites.map(({ name }) => held(name)),
      );
      for (const [i, { name: file, cases }] of suites.entries()) {
        for (const [j, { name, classname, problem, output }] of cases.entries()) {
          const { attributes, children } = root.children[i].children[j];
          expect(attributes).toEqual({
            name: held(name),
            classname: held(classname),
            file: held(file),
          });
          expect(children.at(-1)).toMatchObject({ name: "system-out", text: held(output) });
          if (problem === undefined) expect(children).toHaveLength(1);
          else {
            expect(children[0].name).toBe(problem.kind);
            expect(children[0].attributes.message).toBe(held(problem.message));
            expect(children[0].text).toBe(problem.kind === "skipped" ? "" : held(problem.text));
          }
        }
      }
    }),
  );
});

test("the counts are those of the cases, and there are no times", () => {
  fc.assert(
    fc.property(anySuites, (suites) => {
      const document = printJunit(suites);
      expect(printJunit(structuredClone(suites))).toBe(document);
      const root = readXml(document);
      for (const [i, cases] of [
        suites.flatMap((s) => s.cases),
        ...suites.map((s) => s.cases),
      ].entries()) {
        const { attributes } = i === 0 ? root : root.children[i - 1];
        const count = (kind: string) => cases.filter((one) => one.problem?.kind === kind).length;
        expect(attributes).toMatchObject({
          tests: String(cases.length),
          failures: String(count("failure")),
          errors: String(count("error")),
          skipped: String(count("skipped")),
        });
        expect(Object.keys(attributes).sort()).toEqual([
          "errors",
          "failures",
          "name",
          "skipped",
          "tests",
        ]);
      }
    }),
  );
});
