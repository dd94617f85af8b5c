/** A title claims no more than the search and the text below it. */
import { expect, test } from "vitest";
import type { Finding, Link } from "../../src/judge/finding.ts";
import { headline, tellFinding } from "../../src/report/story.ts";
import { exhaustedPool } from "./support/hangs.ts";

const running = (finding: Finding): string =>
  tellFinding(finding, { colours: false, width: 100 }).replace(/[\s│]+/g, " ");

test("what was not searched to its end is not for good", () => {
  const open = running({ ...exhaustedPool, isLaterUnknown: true });
  expect(open).toContain("can hang the machine, unless a later event ends it");
  expect(open).toContain("Whether a later event would end that was not searched to its end.");
  expect(open).not.toMatch(/for good|for ever/);
  const whole = running(exhaustedPool);
  expect(whole).toContain("can hang the machine, for good");
  expect(whole).toContain("waits for ever");
});

test("a loop that was not searched to its end goes round, but not for ever", () => {
  const round: Link = {
    who: { kind: "thread", name: "user1", callback: "OnCreate" },
    operation: "DbgPrint()",
    api: "DbgPrint",
    opId: "OnCreate/DbgPrint#1",
    wait: { kind: "nothing", objects: [] },
    enders: [],
  };
  const { closesAt: _, ...open } = exhaustedPool;
  const loop: Finding = { ...open, outcome: "livelock", chain: [round] };
  expect(running(loop)).toContain("and so it goes round, for ever.");
  const unknown = running({ ...loop, isLaterUnknown: true });
  expect(unknown).not.toContain("for ever");
  expect(unknown).toContain("was not searched to its end");
});

test("where who is waited for runs on, what hangs is blocked all the same: a deadlock, and the chain says who runs", () => {
  const runs: Link = {
    who: { kind: "thread", name: "Poller" },
    operation: "if Stop == 1",
    opId: "Poller/if#1",
    isAtStatement: true,
    wait: { kind: "nothing", objects: [] },
    enders: [],
  };
  const { closesAt: _, ...open } = exhaustedPool;
  const hang: Finding = { ...open, chain: [exhaustedPool.chain[0], runs] };
  expect(headline(hang)).toMatch(/^DEADLOCK: /);
  expect(headline({ ...hang, possible: true })).toMatch(/^POSSIBLE DEADLOCK: /);
  expect(running(hang)).toContain("and that one is not blocked: it runs");
  expect(running(exhaustedPool)).not.toContain("it runs");
});
