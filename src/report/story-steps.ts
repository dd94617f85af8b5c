/** The steps of a story as a table, grouped by thread. */
import type { Came } from "../judge/came.ts";
import type { Finding, Step } from "../judge/finding.ts";
import { tellings, windows } from "./story-elide.ts";
import { breachOf, isEntry, nameOf, numberOf } from "./story-names.ts";
import { cameOf, type Ending, outcomeWords, releases } from "./story-outcomes.ts";
import { lastingOf } from "./story-words.ts";
import {
  glue,
  heading,
  listed,
  milliseconds,
  type Page,
  paragraph,
  roughly,
  type Style,
} from "./text.ts";
import { type Cell, type Column, type Row, table } from "./text-table.ts";

/** Levels of the call stack that indentation shows. */
const depthMax = 6;
const depthNarrowMax = 3;
/** In narrower pages, what came of a step and its source stand behind the operation. */
const wideFrom = 96;
/** Of a wide page's width, what these columns keep when something has to shrink. */
const operationShare = 0.38;
const sourceShare = 0.22;

const markColumn = 2;
const operationColumn = 3;

interface Side {
  readonly mark: string;
  readonly style: Style;
}

/** How the code of an owner is marked. */
export function sideOf(page: Page, { driver }: Finding, owner: string): Side {
  const { cyan, dim, magenta } = page.paint;
  if (owner === driver) return { mark: "●", style: cyan };
  if (owner === windows) return { mark: "○", style: dim };
  return { mark: "◆", style: magenta };
}

export function stepLines(page: Page, finding: Finding): string[] {
  const { steps } = finding;
  if (steps.length === 0) return [];
  const timed = steps.some(({ timeUs }) => timeUs !== undefined);
  const times = timed
    ? ["Times are the model's own, in milliseconds.", ...backwards(steps)].join(" ")
    : finding.outcome === "crash"
      ? untimedCrash
      : "The order is all that counts here: these steps have no times.";
  return [
    ...heading(page, "What happens"),
    ...paragraph(page, legend(page, finding)),
    ...paragraph(page, hasNumbers(finding) ? `${times} ${numbersTell}` : times),
    "",
    ...table(page, stepColumns(page), stepRows(page, finding)),
  ];
}

/**
 * Steps stand in the order in which they have an effect on one another. The model lets one that is a
 * little later go first, since no two threads keep time to the microsecond.
 */
function backwards(steps: readonly Step[]): string[] {
  let latest = 0;
  let most = 0;
  for (const { timeUs = latest } of steps) {
    most = Math.max(most, latest - timeUs);
    latest = Math.max(latest, timeUs);
  }
  if (most === 0) return [];
  return [
    `They go back by up to ${roughly(most)}: the order of the steps is that in which they happen, and no two threads are in step to the microsecond.`,
  ];
}

/** Unlike a hang, it is not looked for with times. */
const untimedCrash =
  "The order is all that counts here: these steps have no times, and whether the model's costs leave room for this order was not asked.";

const numbersTell =
  "Numbers in brackets tell objects of the same name apart, in the order in which they come up.";

const hasNumbers = ({ steps }: Finding): boolean =>
  steps.some(({ operation }) => numberOf.test(operation));

function legend(page: Page, finding: Finding): string {
  const { driver } = finding;
  const owners = [...new Set(finding.steps.map(({ owner }) => owner))];
  const others = owners.filter((owner) => owner !== driver && owner !== windows);
  const named = [
    ...(owners.includes(driver) ? [[driver, `${driver}, your driver`]] : []),
    ...(owners.includes(windows) ? [[windows, windows]] : []),
    ...(others.length > 0 ? [[others[0], listed(others.map(ownerWords))]] : []),
  ];
  return named
    .map(([owner, words]) => `${sideOf(page, finding, owner).mark}${glue}${words}`)
    .join(`${glue}${glue} `);
}

const ownerWords = (owner: string): string => (owner === "user" ? "user programs" : owner);

function stepColumns(page: Page): Column[] {
  const wide = page.width >= wideFrom;
  return [
    { title: "step", align: "right" },
    { title: "ms", align: "right" },
    { title: "" },
    { title: "operation", min: wide ? Math.floor(page.width * operationShare) : 12 },
    { title: "outcome", min: 12 },
    { title: "source", min: Math.floor(page.width * sourceShare) },
  ];
}

function stepRows(page: Page, finding: Finding): Row[] {
  const endings = endingsOf(finding);
  const least = depthsOf(finding.steps);
  const levels = page.width >= wideFrom ? depthMax : depthNarrowMax;
  /** Two columns a level, from the shallowest step of the thread on. */
  const indentOf = ({ thread, depth }: Step): number =>
    2 * Math.min(levels, depth - (least.get(thread) ?? depth));
  const rows: Row[] = [];
  let before: Step | undefined;
  for (const telling of tellings(finding, endings)) {
    if ("elided" in telling) {
      rows.push({ span: telling.elided, from: operationColumn, style: page.paint.dim });
      // A line that names another thread leaves it open whose the next step is.
      if (telling.others) before = undefined;
      continue;
    }
    const step = finding.steps[telling.step];
    const indent = indentOf(step);
    rows.push(
      ...titleRows(page, step, before, indent),
      stepRow(page, finding, telling.step, endings.get(telling.step), indent),
    );
    before = step;
  }
  return rows;
}

/**
 * By step: where a thread never gets past a wait of the chain (its likes included), and where the
 * finding's rules are broken.
 */
function endingsOf(finding: Finding): ReadonlyMap<number, Ending> {
  const { steps, chain, outcome, rules } = finding;
  const endings = new Map<number, Ending>();
  const isForGood = lastingOf(finding) === "for good";
  if (outcome === "deadlock" || outcome === "rule") {
    // Who looks again and again waits for ever, but in many waits.
    const waits = new Set(chain.filter(({ polls }) => polls === undefined).map(({ opId }) => opId));
    const again = new Set(
      chain.flatMap(({ polls, who, opId }) =>
        polls === undefined ? [] : [`${nameOf(who)} ${opId}`],
      ),
    );
    for (const [thread, i] of new Map(steps.map(({ thread }, i) => [thread, i]))) {
      const { opId } = steps[i];
      const isLast =
        waits.has(opId) &&
        cameOf(steps[i], "waits") &&
        // Who was let go has nothing more to show than that: another stands at this wait.
        !steps.slice(i).some((step) => releases(step, thread));
      const looksAgain = again.has(`${thread} ${opId}`) && cameOf(steps[i], "timesOut");
      const forEver = isLast && isForGood;
      const toTheEnd = isLast && !isForGood;
      if (isLast || looksAgain) endings.set(i, { forEver, toTheEnd, looksAgain });
    }
  }
  const breach = rules.length === 0 ? -1 : breachOf(finding);
  if (breach >= 0) endings.set(breach, { ...endings.get(breach), breaks: rules });
  return endings;
}

/** Who acts, when that changes, and in which routine, where the step itself does not say so. */
function titleRows(page: Page, step: Step, before: Step | undefined, indent: number): Row[] {
  const sameThread = before?.thread === step.thread;
  const rows: Row[] = sameThread
    ? []
    : [{ span: step.thread, from: markColumn, style: page.paint.bold }];
  const known =
    step.owner === windows ||
    step.owner === "user" ||
    !/^\w+$/.test(step.routine) ||
    isEntry(step) ||
    step.thread.endsWith(`/${step.routine}`) ||
    step.thread === step.routine;
  const same = sameThread && before.routine === step.routine && before.call === step.call;
  if (known || same) return rows;
  const span = `in ${step.routine}${step.call === undefined ? "" : `${glue}(${step.call})`}:`;
  return [...rows, { span, from: operationColumn, indent, style: page.paint.dim }];
}

/** By thread, the depth of its shallowest step. */
function depthsOf(steps: readonly Step[]): ReadonlyMap<string, number> {
  const least = new Map<string, number>();
  for (const { thread, depth } of steps) {
    least.set(thread, Math.min(depth, least.get(thread) ?? depth));
  }
  return least;
}

const isHarm = ({ kind }: Came): boolean => kind === "crashes" || kind === "breaks";

function stepRow(
  page: Page,
  finding: Finding,
  i: number,
  ending: Ending | undefined,
  indent: number,
): Row {
  const step = finding.steps[i];
  const outcome = outcomeWords(step, ending);
  const isBad = ending?.forEver === true || ending?.breaks !== undefined || step.came.some(isHarm);
  const { dim, red } = page.paint;
  const side = sideOf(page, finding, step.owner);
  const lead: Cell[] = [
    { text: String(i + 1), style: dim },
    { text: step.timeUs === undefined ? "" : milliseconds(step.timeUs) },
    { text: side.mark, style: side.style },
  ];
  const { operation, at = "" } = step;
  if (page.width >= wideFrom) {
    return {
      cells: [
        ...lead,
        { text: operation, indent, style: side.style },
        { text: outcome, style: isBad ? red : undefined },
        { text: at, style: dim },
      ],
    };
  }
  const source = at === "" ? "" : ` (${at})`;
  const text = `${operation}${source}${outcome === "" ? "" : `: ${outcome}`}`;
  const style = isBad ? red : side.style;
  return { cells: [...lead, { text, indent, style }, { text: "" }, { text: "" }] };
}
