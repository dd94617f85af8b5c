import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Finding } from "../../src/judge/finding.ts";
import { headline, tellFinding } from "../../src/report/story.ts";
import { rules } from "../../src/windows/rules.ts";
import { anyFinding } from "./support/arbitrary.ts";
import {
  exhaustedPool,
  findings,
  idlePoolRule,
  lostWakeUp,
  serviceCreatesProcess,
  slowScan,
  useAfterReturn,
} from "./support/findings.ts";

const plain = (finding: Finding, width = 100): string =>
  tellFinding(finding, { colours: false, width });

/** Without what wrapping and drawing add. */
const running = (text: string): string => text.replace(/[\s│]+/g, " ");

/** From a heading on to the next blank line. */
function section(text: string, title: string): string {
  const lines = text.split("\n");
  const from = lines.indexOf(title);
  return from < 0 ? "" : lines.slice(from, lines.indexOf("", from)).join("\n");
}

test("a queue-and-wait with an exhausted pool is told to its end", () => {
  expect(plain(exhaustedPool)).toMatchInlineSnapshot();
});

test("a latency is told with where its time goes", () => {
  expect(plain(slowScan)).toMatchInlineSnapshot();
});

test("a lost wake-up says which step set the event, which cleared it, and who asked too late", () => {
  const text = running(plain(lostWakeUp));
  expect(text).toContain("step 6 set it and step 7 cleared it");
  expect(text).toContain("AcmeTray/MonitorThread asks for it only from step 9 on");
  expect(text).toContain("nobody is left who would set it again");
});

test("a signal that released its waiter is not called lost", () => {
  const steps = lostWakeUp.steps.map((step) =>
    step.operation === "KeSetEvent(Changed)"
      ? { ...step, outcome: "releases AcmeTray/MonitorThread" }
      : step,
  );
  const text = plain({ ...lostWakeUp, steps });
  expect(text).not.toContain("cleared");
  expect(text).toContain("nobody is left who would set it.");
});

test("a chain that ends in a thread waiting for itself says so, and who stands behind it", () => {
  const text = running(plain(serviceCreatesProcess));
  expect(text).toContain(
    "closes the circle: AcmeSvc/Listen waits for what only AcmeSvc/Listen itself could do",
  );
  expect(text).toContain("user1 stands behind it");
});

test("where a finding says that its chain closes, the words of the last link do not matter", () => {
  const chain = serviceCreatesProcess.chain.map((link) => ({ ...link, because: "" }));
  const text = running(plain({ ...serviceCreatesProcess, chain, closesAt: 0 }));
  expect(text).toContain("closes the circle: user1 → AcmeSvc/Listen → user1");
  expect(text).not.toContain("nobody is left");
});

test("a thread is not taken for another whose name begins the same", () => {
  const [first] = exhaustedPool.chain;
  const chain = [
    { ...first, who: "worker 1", because: "worker 12 would set it" },
    { ...first, who: "worker 12", because: "worker 123 holds it" },
  ];
  expect(plain({ ...exhaustedPool, chain, closesAt: undefined })).not.toContain("which closes");
});

test("a possible finding says that no timing shows it, and claims less", () => {
  const text = running(plain(serviceCreatesProcess));
  expect(headline(serviceCreatesProcess)).toMatch(/^POSSIBLE DEADLOCK: .* might hang the machine/);
  expect(text).toContain("no timing of ours shows it");
  expect(running(plain(exhaustedPool))).not.toContain("no timing");
});

test("a crash is explained by its kind, and without one by its mechanism", () => {
  expect(running(plain(useAfterReturn))).toContain(
    "DelayedWorkQueue worker 1 comes to KeSetEvent(ScanDone) in Scan (acme.c:88). What it touches lived on the stack of a routine that has returned since",
  );
  expect(plain({ ...useAfterReturn, crash: undefined })).toContain("Use after return: work item.");
});

test("a rule finding says where the rule is broken, that nothing hangs, and why the rule is there", () => {
  const text = running(plain(idlePoolRule));
  const r7 = rules.find(({ id }) => id === "R7");
  expect(headline(idlePoolRule)).toBe(
    "RULE: process callback AcmeCreateProcess of acme breaks R7",
  );
  expect(text).toContain("(acme.c:121): having queued work, do not wait for it. Nothing hangs");
  expect(text).toContain("waits, breaks R7 acme.c:121");
  expect(text).toContain(r7?.text);
});

test("a rule without a text of ours is named all the same", () => {
  expect(plain({ ...idlePoolRule, rules: ["X9"] })).toContain("X9  (no text of ours");
});

test("only a latency says that its costs are neither measured nor Microsoft's", () => {
  for (const finding of Object.values(findings)) {
    const said = running(plain(finding)).includes("neither measured nor given by Microsoft");
    expect(said).toBe(finding.outcome === "latency");
  }
});

test("a path's parts and its total add up, short parts included", () => {
  const shown = section(plain(slowScan), "Where the time goes, in order").split("\n").slice(2);
  const us = shown.map((line) => Number(line.slice(0, 11).replaceAll(" ", "").replace(".", "")));
  const total = us.pop();
  expect(total).toBe(slowScan.latencyUs);
  expect(us.reduce((a, b) => a + b, 0)).toBe(total);
});

test("time that no part of the path accounts for is shown as such", () => {
  expect(plain({ ...slowScan, latencyUs: 3_000_000 })).toMatch(/896\.986 .*on no step/);
});

test("what Windows does in between is elided, and what the chain or the next caller needs is not", () => {
  const text = section(plain(exhaustedPool), "What happens");
  const steps = plain(exhaustedPool);
  expect(text).not.toBe("");
  expect(steps).toContain("… 3 steps of Windows");
  expect(steps).not.toContain("the manager looks at the queue");
  expect(steps).toMatch(/6 .*○ .*creates a process/);
});

test("what a second thread does just like the first is told in one line, whatever its name", () => {
  const text = plain(exhaustedPool);
  expect(text).toContain("steps 4 to 10 again, in DelayedWorkQueue worker 2");
});

test("a story without times has no column for them", () => {
  expect(plain(lostWakeUp)).not.toMatch(/\bms\b.*operation/);
  expect(plain(lostWakeUp)).toContain("this story has no times");
});

test("every link's thread and what it waits for stand in the story, at every width", () => {
  fc.assert(
    fc.property(anyFinding, fc.integer({ min: 40, max: 200 }), (finding, width) => {
      const text = running(plain(finding, width));
      for (const { who, what } of finding.chain) {
        expect(text).toContain(who);
        if (what !== "nothing") expect(text).toContain(`for ${what}`);
      }
    }),
  );
});

test("a chain always ends in a circle, with nobody left, or in one that runs", () => {
  fc.assert(
    fc.property(anyFinding, (finding) => {
      fc.pre(finding.chain.length > 0);
      expect(running(plain(finding))).toMatch(
        /▼ (?:which closes the circle|and nobody is left|and that one is not blocked|and there the chain ends)/,
      );
    }),
  );
});

test("no line is wider than the page", () => {
  fc.assert(
    fc.property(anyFinding, fc.integer({ min: 60, max: 160 }), (finding, width) => {
      for (const line of plain(finding, width).split("\n")) {
        expect([...line].length).toBeLessThanOrEqual(width);
      }
    }),
  );
});

test.each(Object.entries(findings))("%s fits a page unless a single word does not", (_, finding) => {
  for (let width = 40; width <= 140; width++) {
    for (const line of plain(finding, width).split("\n")) {
      const words = line.trim().split(/ +/).filter((word) => !"│▼·".includes(word));
      if (words.length > 1) expect([...line].length, line).toBeLessThanOrEqual(width);
    }
  }
});

test("colours change no letter, and are there only when asked for", () => {
  fc.assert(
    fc.property(anyFinding, (finding) => {
      const coloured = tellFinding(finding, { colours: true });
      expect(stripVTControlCharacters(coloured).replace(/ +$/gm, "")).toBe(
        tellFinding(finding, { colours: false }),
      );
      expect(coloured).toContain("\u001b[");
    }),
  );
});

test("names from a file cannot bring control characters into the terminal", () => {
  const text = plain({ ...idlePoolRule, driver: "a\u001b[2Jb", world: "x\ny\u0007" });
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
});

test("the same finding is told in the same words each time", () => {
  fc.assert(
    fc.property(anyFinding, (finding) => {
      expect(plain(structuredClone(finding))).toBe(plain(finding));
    }),
  );
});
