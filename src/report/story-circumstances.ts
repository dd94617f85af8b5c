/** What a finding says beside its steps: rules, what the world needed, and what the verdict rests on. */
import type { Finding, Need } from "../judge/finding.ts";
import { rules } from "../windows/rules.ts";
import {
  capitalised,
  entry,
  heading,
  type Page,
  paragraph,
  sentence,
  uncapitalised,
} from "./text.ts";

/** The ladder of `needsLadder`, in words. */
export const needText: Readonly<Record<Need, string>> = {
  "nothing wrong": "nothing out of the ordinary: one event on an idle, healthy machine",
  concurrency: "no more than events at the same time, on an idle and healthy machine",
  "busy pool": "system worker threads that are busy with other drivers' work",
  "slow service": "a user-mode service that takes its time to answer",
  "a neighbour": "another driver on the machine, which does what it may",
  "hung service": "a user-mode service that has stopped answering, or has been ended",
  fault: "a call that fails, as calls do when memory or handles run out",
};

export function ruleLines(page: Page, { rules: ids }: Finding): string[] {
  if (ids.length === 0) return [];
  const width = Math.max(...ids.map((id) => id.length));
  const texts = ids.flatMap((id) => {
    const rule = rules.find((one) => one.id === id);
    if (rule === undefined) return entry(page, id, "(no text of ours for this rule)", width);
    const why = entry(page, "", `Because ${uncapitalised(rule.why)}`, width).map(page.paint.dim);
    return [...entry(page, id, rule.text, width), ...why];
  });
  return [...heading(page, "Rules that this run breaks"), ...texts];
}

export function circumstanceLines(page: Page, finding: Finding): string[] {
  const { needs, world, assumptions, outcome } = finding;
  const rest = assumptions.flatMap((text) => entry(page, "·", sentence(capitalised(text)), 1));
  return [
    ...heading(page, "What it takes"),
    ...paragraph(page, sentence(capitalised(needText[needs]))),
    ...paragraph(page, `Found in the world “${world}”.`),
    ...(rest.length === 0 ? [] : [...heading(page, "What the verdict rests on"), ...rest]),
    ...heading(page, "What the model leaves out"),
    ...paragraph(page, modelled(outcome)),
  ];
}

function modelled(outcome: Finding["outcome"]): string {
  const always =
    "Thread priorities and competition for processors, paging, and whatever the driver's file does not say.";
  if (outcome !== "latency") return always;
  return `${always} What each step costs is our assumption, neither measured nor given by Microsoft: read the times as orders of magnitude.`;
}
