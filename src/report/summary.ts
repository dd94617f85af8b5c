/** What a check found and what it may claim, on one screen. Never "no bugs". */
import { type BoundName, bounds, inOrder } from "../base/bounds.ts";
import type { Finding } from "../judge/finding.ts";
import { adviceOn } from "./bound-advice.ts";
import { headline } from "./story.ts";
import { needOf } from "./story-circumstances.ts";
import { placeOfFinding } from "./story-names.ts";
import {
  capitalised,
  columns,
  counted,
  entry,
  finish,
  glue,
  grouped,
  heading,
  listed,
  type Page,
  pageOf,
  paragraph,
  sentence,
  type TextOptions,
  wrap,
} from "./text.ts";
import { type Cell, table } from "./text-table.ts";

type Claim = "complete" | "bounded" | "sampled";

/** What a summary tells of a check: a `CheckReport` is one. */
export interface Checked {
  readonly verdict: "clean" | "findings" | "bounded";
  readonly findings: readonly { readonly finding: Finding }[];
  readonly results: readonly {
    readonly property: Finding["property"];
    readonly claim: Claim;
    readonly bounds: readonly BoundName[];
    readonly worlds: number;
    readonly states: number;
    readonly runs: number;
  }[];
  readonly worlds: readonly {
    readonly name: string;
    readonly claim: Claim;
    readonly bounds: readonly BoundName[];
    readonly states: number;
  }[];
  /** Hangs at the operations of one that is told, and at more. */
  readonly contained?: number;
  readonly unreached: readonly string[];
  /** Operations that can wait: how many had to, of how many, and which never had. */
  readonly waits?: {
    readonly contended: number;
    readonly of: number;
    readonly never: readonly string[];
  };
  readonly spent: number;
  readonly repeats: number;
  readonly stopped: boolean;
  /** Times of the author's own, in words. */
  readonly ownTimes?: readonly string[];
}

interface SummaryOptions extends TextOptions {
  /** What was checked: a driver's name, or a file's. */
  readonly subject: string;
}

export function tellSummary(report: Checked, options: SummaryOptions): string {
  const page = pageOf(options);
  return finish([
    ...verdictLines(page, report, options.subject),
    ...findingLines(page, report),
    ...resultLines(page, report),
    ...boundLines(page, report),
    ...worldLines(page, report),
    ...unreachedLines(page, report),
    ...waitLines(page, report),
    ...budgetLines(page, report),
  ]);
}

/** What a property is a search for: what was found are these. */
const searchedFor: Readonly<Record<Finding["property"], string>> = {
  "deadlock-freedom": "deadlocks and livelocks",
  "bounded-latency": "latency over budget",
  "no-crash": "crashes",
  rules: "broken rules",
};

/** Narrower pages do without the numbers that the verdict has, too. */
const extentsFrom = 64;

const claimWords: Readonly<Record<Claim, string>> = {
  complete: "every state that a run can reach was visited, and compared in full",
  bounded: "a bound was reached, or a world was not looked at, so more may lie beyond",
  sampled: "the budget left states open, and random runs went on into them",
};

/** What a result may claim: "complete in 14 worlds, 120 345 states". */
function scopeOf({ claim, bounds, worlds, states, runs }: Checked["results"][number]): string {
  const extent = claim === "sampled" ? counted(runs, "run") : counted(states, "state");
  const by = bounds.length === 0 ? "" : ` by ${listed(bounds.map(spaced))}`;
  return `${claim}${by} in ${counted(worlds, "world")}, ${extent}`;
}

/** A bound's name in words: "hang states". */
const spaced = (name: BoundName): string =>
  name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** What the bounds that were reached cut, one line each. */
function boundLines(page: Page, { results, worlds }: Checked): string[] {
  const reached = inOrder([...results, ...worlds].flatMap((one) => one.bounds));
  if (reached.length === 0) return [];
  const width = Math.max(...reached.map((name) => columns(spaced(name))));
  return [
    ...heading(page, "Bounds that were reached"),
    ...reached.flatMap((name) => {
      const { max, cuts } = bounds[name];
      const size = max === 0 ? "" : `, at most ${grouped(max)}`;
      const advice = adviceOn[name];
      return [
        ...entry(page, spaced(name), `${cuts}${size}`, width),
        ...(advice === undefined ? [] : entry(page, "", advice, width).map(page.paint.dim)),
      ];
    }),
  ];
}

/** Scopes, each with what was searched in it, unless that is everything. */
function scopes({ results }: Checked): string {
  const groups = new Map<string, string[]>();
  for (const result of results) {
    const scope = scopeOf(result);
    groups.set(scope, [...(groups.get(scope) ?? []), searchedFor[result.property]]);
  }
  if (groups.size === 0) return "nothing was searched";
  if (groups.size === 1) return [...groups.keys()][0];
  return [...groups].map(([scope, what]) => `${scope} (${listed(what)})`).join("; ");
}

/** Once what is in them is mended, they are gone or told. */
const otherHangs = (contained: number): string =>
  contained === 0
    ? ""
    : `${capitalised(counted(contained, "more hang"))} at the operations of one of these, and at others, ${contained === 1 ? "is" : "are"} not told: mend what is told, and check again. `;

function verdictLines(page: Page, report: Checked, subject: string): string[] {
  const { bold, green, red, yellow } = page.paint;
  const { verdict, findings, stopped, contained = 0 } = report;
  const colour = { clean: green, findings: red, bounded: yellow }[verdict];
  const found = verdict === "findings" ? `${grouped(findings.length)} in ${subject}` : subject;
  const limits = {
    clean:
      "Nothing was found in these worlds, within the model's bounds. Beyond them nothing is claimed.",
    bounded: `Nothing was found, but that is less than “clean”: ${claimWords.bounded}.`,
    findings: `${otherHangs(contained)}Nothing else was found in these worlds, within the model's bounds. Beyond them nothing is claimed.`,
  }[verdict];
  const early = stopped ? " The check was ended early; this is the part that was finished." : "";
  const line = `${verdict.toUpperCase()}: ${found}; ${scopes(report)}${contention(report)}`;
  return [
    ...wrap(line, page.width).map((text) => bold(colour(text))),
    "",
    ...paragraph(page, `${limits}${early}`),
    ...timeLines(page, report),
  ];
}

/** How often it was tried: "; contended 3 of 4 waits". */
function contention({ waits }: Checked): string {
  if (waits === undefined || waits.of === 0) return "";
  return `; contended ${grouped(waits.contended)} of ${counted(waits.of, "wait")}`;
}

/** On which times the verdict rests, where they are the author's. */
function timeLines(page: Page, { ownTimes = [] }: Checked): string[] {
  if (ownTimes.length === 0) return [];
  return paragraph(page, sentence(capitalised(`by your times, ${listed([...ownTimes])}`)));
}

function findingLines(page: Page, { findings }: Checked): string[] {
  if (findings.length === 0) return [];
  const width = String(findings.length).length;
  const lines = findings.flatMap(({ finding }, i) => {
    const first = findings.findIndex((other) => other.finding.mechanism === finding.mechanism);
    const same = first < i ? ` Same shape as ${first + 1}.` : "";
    const isAlike = (other: Finding): boolean =>
      other !== finding && headline(other) === headline(finding);
    const place = placeOfFinding(finding);
    // Findings with the same words are told apart by where they are.
    const at = place !== "" && findings.some((one) => isAlike(one.finding)) ? `At ${place}. ` : "";
    const takes = `${at}It takes ${needOf(finding)}.${same}`;
    return [
      ...entry(page, String(i + 1).padStart(width), headline(finding), width),
      ...entry(page, "", takes, width).map(page.paint.dim),
    ];
  });
  return [...heading(page, "Findings"), ...lines];
}

function resultLines(page: Page, { results, findings }: Checked): string[] {
  if (results.length === 0) return [];
  const { dim, red } = page.paint;
  const wide = page.width >= extentsFrom;
  const rows = results.map((result) => {
    const { property, claim, worlds, states, runs } = result;
    const count = findings.filter(({ finding }) => finding.property === property).length;
    const cells: Cell[] = [
      { text: searchedFor[property] },
      { text: count === 0 ? "none" : grouped(count), style: count === 0 ? undefined : red },
      { text: claim },
      { text: grouped(worlds) },
      { text: wide ? grouped(states) : "" },
      { text: wide && runs > 0 ? grouped(runs) : "" },
    ];
    return { cells };
  });
  const claims = [...new Set(results.map(({ claim }) => claim))];
  const meaning = claims.map((claim) => `${claim}: ${claimWords[claim]}`).join("; ");
  const isTimed = results.some(
    ({ property, claim }) => property === "bounded-latency" && claim === "complete",
  );
  const timed = isTimed ? ` ${arrivalWords}` : "";
  return [
    ...heading(page, "What was searched for"),
    ...table(
      page,
      [
        { title: "searched for", min: 10 },
        { title: "found" },
        { title: "claim" },
        { title: "worlds", align: "right" },
        { title: "states", align: "right" },
        { title: "runs", align: "right" },
      ],
      rows,
    ),
    ...paragraph(page, sentence(capitalised(meaning)) + timed).map(dim),
  ];
}

/** When users arrive is a choice of ours (docs/semantics.md, section 15). */
const arrivalWords =
  "With times, users arrive together with a step of somebody else, or so that what follows from them comes together with the next one of those who do not depend on it; and at no other moment.";

/** Names in a world's list may hold spaces: a line breaks between worlds, not inside one. */
const unbroken = (text: string): string => text.replaceAll(" ", glue);

function worldLines(page: Page, { worlds }: Checked): string[] {
  if (worlds.length === 0) return [];
  const claims = (["complete", "bounded", "sampled"] as const).filter((claim) =>
    worlds.some((world) => world.claim === claim),
  );
  const width = Math.max(...claims.map((claim) => claim.length));
  const lines = claims.flatMap((claim) => {
    const names = worlds
      .filter((world) => world.claim === claim)
      .map(({ name, states }) => unbroken(`${name} (${grouped(states)})`));
    return entry(page, claim, names.join(", "), width);
  });
  return [
    ...heading(page, `Worlds (${grouped(worlds.length)}), with the states reached in each`),
    ...lines,
  ];
}

function unreachedLines(page: Page, { unreached }: Checked): string[] {
  if (unreached.length === 0) return [];
  const why =
    "No run came to these operations, so nothing is claimed of them. Is a condition never true, an event never raised, a service that would call them missing from the driver's file?";
  return [
    ...heading(page, `Look at: ${counted(unreached.length, "operation")} never reached`),
    ...paragraph(page, why),
    ...byRoutine(unreached).flatMap(([routine, names]) =>
      entry(page, "·", routine === "" ? listed(names) : `${routine}: ${names.join(", ")}`, 1),
    ),
  ];
}

/** Operations that could have waited and never had to, unless no run came to them at all. */
function waitLines(page: Page, { waits, unreached }: Checked): string[] {
  const never = (waits?.never ?? []).filter((id) => !unreached.includes(id));
  if (never.length === 0) return [];
  const why =
    "Whenever a run came to these, what they ask for was there, so nothing is claimed of what comes of waiting for it. Is whoever would hold it missing from the driver's file?";
  return [
    ...heading(page, `Look at: ${counted(never.length, "wait")} never contended`),
    ...paragraph(page, why),
    ...byRoutine(never).flatMap(([routine, names]) =>
      entry(page, "·", routine === "" ? listed(names) : `${routine}: ${names.join(", ")}`, 1),
    ),
  ];
}

/** Ids are "Routine/operation"; each routine is told once, in order of appearance. */
function byRoutine(ids: readonly string[]): [string, string[]][] {
  const groups = new Map<string, string[]>();
  for (const id of ids) {
    const at = id.indexOf("/");
    const routine = at < 0 ? "" : id.slice(0, at);
    groups.set(routine, [...(groups.get(routine) ?? []), id.slice(at + 1)]);
  }
  return [...groups];
}

function budgetLines(page: Page, { spent, repeats, stopped }: Checked): string[] {
  const again = `A check with --budget ${repeats} repeats ${stopped ? "what was done" : "this one"}.`;
  return [
    ...heading(page, "Budget"),
    ...paragraph(page, `${counted(spent, "operation")} of the machine were spent. ${again}`),
  ];
}
