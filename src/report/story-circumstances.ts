/** What a finding says beside its steps: rules, what the world needed, and what the verdict rests on. */
import type { Finding } from "../judge/finding.ts";
import type { Beside, HungAs, Need } from "../judge/needs.ts";
import { facts } from "../windows/facts/table.ts";
import { languageFrom } from "../windows/language.ts";
import { eventOf } from "./story-events.ts";
import { belowWords, faceWords, simplestWords } from "./story-needs.ts";
import {
  capitalised,
  counted,
  entry,
  heading,
  listed,
  type Page,
  paragraph,
  sentence,
  uncapitalised,
} from "./text.ts";

/** What the finding's world needed, in words. */
export function needOf(finding: Finding): string {
  const { needs, family, occasion, budget } = finding;
  const { beside = [], service, dlls } = occasion ?? {};
  const during = besideWords(beside);
  const also = during === "" ? "" : `, while ${during}`;
  if (needs === "hung service") return `${hungText[service ?? "unknown"]}${also}`;
  // The call can fail ahead of what goes on beside: while the driver is loaded, say, which is then unloaded.
  if (needs === "fault") return `${needText[needs]}${during === "" ? "" : `; besides, ${during}`}`;
  if (needs !== "nothing wrong" && needs !== "concurrency") return `${needText[needs]}${also}`;
  const healthy = "on an idle, healthy machine";
  // Start-up comes before all else, and needs nobody.
  if (occasion?.events === 0)
    return `nothing out of the ordinary: ${during || "the driver is loaded"}, ${healthy}`;
  const isOne = (occasion?.events ?? (needs === "nothing wrong" ? 1 : 2)) === 1;
  // What a service asks of its own accord needs no event.
  const event = budget?.of === "request" ? "request of a service" : eventOf(finding);
  const one = dlls === undefined ? `one ${event}` : `one launch with ${counted(dlls, "DLL")}`;
  // Where callbacks for one thing and another meet, the events are not all of one family.
  const kind = callbacksOf(finding).size > 1 ? "" : `${family} `;
  const several =
    dlls === undefined
      ? `several ${kind}events`
      : `several launches with ${counted(dlls, "DLL")} each`;
  const events = isOne ? one : several;
  if (during !== "") return `${events}${also.slice(1)}, ${healthy}`;
  if (needs === "nothing wrong") return `nothing out of the ordinary: ${events} ${healthy}`;
  return `${several} at the same time, ${healthy}`;
}

/** The callbacks that those on the chain of waits are in. */
const callbacksOf = ({ chain }: Finding): ReadonlySet<string> =>
  new Set(chain.flatMap(({ who }) => (who.kind === "thread" ? (who.callback ?? []) : [])));

const besideText: Readonly<Record<Beside, string>> = {
  "start-up": "the driver is being loaded",
  unloading: "the driver is being unloaded",
  "service start": "the driver's service is being started",
};

const besideWords = (beside: readonly Beside[]): string =>
  listed(beside.map((one) => besideText[one]));

/** The rest of the ladder of `needsLadder`. */
const needText: Readonly<
  Record<Exclude<Need, "nothing wrong" | "concurrency" | "hung service">, string>
> = {
  "busy pool": "system worker threads that are busy with other drivers' work",
  "slow service": "a user-mode service that takes its time to answer",
  "a neighbour": "another driver on the machine, which does what it may",
  fault: "a call that fails, as calls do when memory or handles run out",
};

const hungText: Readonly<Record<HungAs | "unknown", string>> = {
  hung: "a user-mode service that has stopped answering",
  ended: "a user-mode service that is being ended",
  suspended: "a user-mode service that has been suspended",
  unknown: "a user-mode service that has stopped answering, or has been ended",
};

export function ruleLines(page: Page, { rules: ids, extension }: Finding): string[] {
  if (ids.length === 0) return [];
  const { rules } = languageFrom(extension);
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
  const { world, assumptions, outcome } = finding;
  const rest = assumptions.flatMap((text) =>
    entry(page, "·", sentence(capitalised(withoutFact(text))), 1),
  );
  return [
    ...heading(page, "What it takes"),
    ...paragraph(page, sentence(capitalised(needOf(finding)))),
    ...paragraph(page, `Found in the world “${world}”.`),
    ...[...simplestWords(finding), ...belowWords(finding), ...faceWords(finding)].flatMap((words) =>
      paragraph(page, words),
    ),
    ...(rest.length === 0 ? [] : [...heading(page, "What the verdict rests on"), ...rest]),
    ...heading(page, "What the model leaves out"),
    ...paragraph(page, modelled(outcome)),
  ];
}

/** The ids of facts are for those who work on the model: in a story they explain nothing. */
function withoutFact(text: string): string {
  const [, rest, id] = /^(.*) \(([A-Z]+[-\dA-Z]*[a-z]?)\)$/.exec(text) ?? [];
  return id !== undefined && facts.has(id) ? rest : text;
}

function modelled(outcome: Finding["outcome"]): string {
  const always =
    "Thread priorities and competition for processors, paging, and whatever the driver's file does not say.";
  if (outcome !== "latency") return always;
  return `${always} What each step costs is our assumption, neither measured nor given by Microsoft: read the times as orders of magnitude.`;
}
