import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Annotation,
  annotationText,
  githubCommand,
  placeOf,
} from "../../src/report/annotations.ts";
import { anyFinding } from "./support/arbitrary.ts";
import { idlePoolRule, slowScan } from "./support/findings.ts";

const anyAnnotation: fc.Arbitrary<Annotation> = fc.record({
  level: fc.constantFrom("error", "warning", "notice"),
  file: fc.string(),
  line: fc.option(fc.nat(), { nil: undefined }),
  title: fc.string(),
  message: fc.oneof(fc.string(), fc.constantFrom("50 %\r\n::error::x", "%0A", "a: b, c")),
});

/** As GitHub's runner reads a line of the log. */
function readCommand(line: string): Record<string, string> {
  const match = /^::(error|warning|notice) ([^\r\n]*?)::([^\r\n]*)\n$/.exec(line);
  if (match === null) throw new Error(`no command: ${line}`);
  const decode = (text: string) =>
    text
      .replaceAll("%3A", ":")
      .replaceAll("%2C", ",")
      .replaceAll("%0D", "\r")
      .replaceAll("%0A", "\n")
      .replaceAll("%25", "%");
  const properties = match[2].split(",").map((one) => {
    const at = one.indexOf("=");
    return [one.slice(0, at), decode(one.slice(at + 1))];
  });
  return { level: match[1], message: decode(match[3]), ...Object.fromEntries(properties) };
}

test("a mark is one line that GitHub reads as it was meant, whatever it says", () => {
  fc.assert(
    fc.property(anyAnnotation, (mark) => {
      // The runner takes the name of a property apart from its value at the first "=".
      expect(readCommand(githubCommand(mark))).toEqual({
        level: mark.level,
        message: mark.message,
        file: mark.file,
        title: mark.title,
        ...(mark.line === undefined ? {} : { line: String(mark.line) }),
      });
    }),
  );
});

test("a finding is marked where its operation stands, if its author said so", () => {
  expect(placeOf({ ...idlePoolRule, steps: [], chain: [] })).toBeUndefined();
  const step = { ...slowScan.steps[0], opId: "A/KeSetEvent#1" };
  const at = (place: string | undefined, identity: string) =>
    placeOf({ ...slowScan, chain: [], identity, steps: [{ ...step, at: place }] });
  expect(at("src/acme.c:120", "A/KeSetEvent#1")).toEqual({ file: "src/acme.c", line: 120 });
  expect(at("acme.c:120", "B/Wait#1 + A/KeSetEvent#1")).toEqual({ file: "acme.c", line: 120 });
  expect(at("acme.c:120", "B/Wait#1")).toBeUndefined();
  expect(at(undefined, "A/KeSetEvent#1")).toBeUndefined();
});

test("what a mark says is the head of the story", () => {
  const { title, message } = annotationText({ ...slowScan, possible: true });
  expect(title).toBe("Loophole: possible latency");
  expect(message).toMatch(/^POSSIBLE LATENCY: process callback AcmeCreateProcess of acme/);
  fc.assert(
    fc.property(anyFinding, (finding) => {
      expect(annotationText(finding).message).not.toContain("\u00a0");
    }),
  );
});
