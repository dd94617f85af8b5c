/** Each saved counterexample has a line of help, and one that fits the wait that it ends in. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { replay } from "../../src/campaign/replay.ts";
import { findCorpusFiles } from "../../src/corpus/files.ts";
import { loadCounterexample } from "../../src/corpus/load.ts";
import type { Finding, Link } from "../../src/judge/finding.ts";
import { helpOf } from "../../src/report/story-help.ts";
import { endOf, runsOn } from "../../src/report/story-names.ts";

const files = findCorpusFiles(fileURLToPath(new URL("../../corpus/", import.meta.url)));

/** What help has to speak of, by what the chain of waits has or ends in; the first that holds. */
const fitting: readonly (readonly [string, (finding: Finding) => boolean, RegExp])[] = [
  ["a crash", ({ outcome }) => outcome === "crash", /./],
  ["a loop", ({ chain: [first] }) => isLoop(first), /loop/],
  ["an item in a queue", has("worker"), /work item/],
  ["an APC that is held off", has("completion"), /APCs are enabled/],
  ["locks in a circle", (one) => isCircleOf(one, "lock"), /in one order|again/],
  ["what holds a rundown off", has("rundown"), /[Rr]emove|rundown/],
  ["what has not begun", has("start"), /return at once|cannot start/],
  ["its own end", (one) => isCircleOf(one, "processEnd"), /before the callback has returned/],
  ["an item that is awaited", awaitsItem, /work item/],
  ["a reply", has("reply"), /service|[Bb]ound/],
  ["a signal that is past", ({ chain }) => chain.at(-1)?.past !== undefined, /event|signal/],
  ["an event", has("event"), /set event|service|bound the wait/],
  ["nobody's call", ({ chain }) => chain.length > 0, /./],
  ["a latency", ({ outcome }) => outcome === "latency", /wait|sleep|poll|timer|worker thread/i],
  ["a rule", () => true, /./],
];

function has(kind: Link["wait"]["kind"]): (finding: Finding) => boolean {
  return ({ chain }) => chain.some(({ wait }) => wait.kind === kind);
}

const isLoop = (first: Link | undefined): boolean => first !== undefined && runsOn(first);

function isCircleOf(finding: Finding, kind: Link["wait"]["kind"]): boolean {
  const end = endOf(finding);
  return end.kind === "circle" && finding.chain.slice(end.at).every((l) => l.wait.kind === kind);
}

function awaitsItem({ chain: [, next] }: Finding): boolean {
  return next?.who.kind === "thread" && next.who.item !== undefined;
}

test.each(files)("%s", async (file) => {
  const { finding } = replay(await loadCounterexample(file));
  if (finding === undefined) throw new Error("no finding");
  const help = helpOf(finding);
  // Of a rule that somebody added, its own words are all there is to say.
  if (finding.outcome === "rule" && finding.rules.every((id) => id.includes("-events"))) {
    expect(help).toBeUndefined();
    return;
  }
  const [kind, , words] = fitting.find(([, holds]) => holds(finding)) ?? [];
  expect(help, kind).toMatch(words ?? /^$/);
});
