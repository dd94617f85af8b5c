/** Who is who in a chain: names inside phrases, steps of links, and how a chain ends. */
import type { Actor, Finding, Link, Part, Step } from "../judge/finding.ts";
import { operationIdsOf } from "../judge/identity.ts";
import { placeInRoutine } from "../language/print-id.ts";
import { cameOf } from "./story-outcomes.ts";
import { actorName, isNobody, whoWords } from "./story-words.ts";

/** "user1" of "user1, in callback AcmeCreateProcess". */
export const nameOf = (who: Actor): string => actorName(who);

/** The callback that the harm is in: the finding says it, or who waits first does. */
export function callbackOf({ callback, chain, path = [] }: Finding): string | undefined {
  const inside = [chain[0]?.who, path[0]?.who].flatMap((who) =>
    who?.kind === "thread" ? (who.callback ?? []) : [],
  );
  return callback ?? inside[0];
}

/** A phrase for the middle of a sentence. */
export function clause(who: Actor): string {
  const isInside = who.kind === "thread" && (who.callback ?? who.item ?? who.apc) !== undefined;
  return isInside ? `${whoWords(who)},` : whoWords(who);
}

/** Names begin a sentence as they are; the judge's phrases get their capital. */
export const opening = (who: string): string =>
  /^(?:work item|an?|the) /.test(who) ? who.charAt(0).toUpperCase() + who.slice(1) : who;

/** A number that tells an object from others of its name. */
export const numberOf = /(?<=\w) \(\d{1,3}\)/;

export const withoutNumbers = (text: string): string =>
  text.replaceAll(new RegExp(numberOf, "g"), "");

/** A step of the one whose time a part of a path is, with the part's operation. */
export const stepOfPart = (
  steps: readonly Step[],
  { who, opId }: Pick<Part, "who" | "opId">,
): Step | undefined => steps.find((s) => s.thread === nameOf(who) && s.opId === opId);

/**
 * The step, by index, at which a finding's rules are broken, −1 if none tells: the last of its
 * operations that says so itself, or whose wait another ends, or the last of them at all.
 */
export function breachOf({ steps, identity, outcome }: Finding): number {
  if (outcome !== "rule") return -1;
  const operations = operationIdsOf(identity);
  const isOne = ({ opId }: Step): boolean => operations.includes(opId);
  const said = steps.findLastIndex((step) => isOne(step) && cameOf(step, "breaks"));
  if (said >= 0) return said;
  for (let i = steps.length - 1; i >= 0; i--) {
    for (const one of steps[i].came) {
      if (one.kind !== "releases") continue;
      const waits = steps.findLastIndex(({ thread }, k) => k < i && thread === one.thread);
      if (waits >= 0 && isOne(steps[waits])) return waits;
    }
  }
  return steps.findLastIndex(isOne);
}

/** "KeSetEvent(Done)"; of several like it in its routine, all but the first with their place. */
export function calledAs({ operation, opId }: Pick<Step, "operation" | "opId">): string {
  const place = placeInRoutine(opId);
  return place < 2 ? operation : `the ${ordinal(place)} ${operation}`;
}

function ordinal(n: number): string {
  const isTeen = n % 100 > 10 && n % 100 < 14;
  return `${n}${(isTeen ? undefined : ["th", "st", "nd", "rd"][n % 10]) ?? "th"}`;
}

/**
 * Where a finding is, for lists in which others have the same words: the operation that breaks a rule,
 * waits first, takes most of the time, or is the last of the run.
 */
export function placeOfFinding(finding: Finding): string {
  const { steps, chain, path = [], outcome } = finding;
  const [first] = chain;
  const [most] = [...path].sort((a, b) => b.us - a.us);
  const step =
    outcome === "rule" ? steps[breachOf(finding)] : outcome === "crash" ? steps.at(-1) : undefined;
  const place = step ?? first ?? most;
  const { operation, opId = "", at } = { at: undefined, ...place };
  if (operation === undefined) return "";
  return `${calledAs({ operation, opId })}${at === undefined ? "" : ` (${at})`}`;
}

/** Whether a step is where its routine begins, and so tells of that itself. */
export const isEntry = ({ opId, routine }: Step): boolean => opId === routine;
/** Whether a step is the end of a routine, which its words name. */
export const isEnd = ({ opId, routine }: Step): boolean => opId === `${routine}/end`;

/** The step at which a link's wait began: the last of its thread with its operation; −1 if untold. */
export const stepOf = (link: Link, steps: readonly Step[]): number =>
  steps.findLastIndex((step) => step.opId === link.opId && step.thread === nameOf(link.who));

/** The first step of its thread with a link's operation; −1 if untold. */
export const firstStepOf = (link: Link, steps: readonly Step[]): number =>
  steps.findIndex((step) => step.opId === link.opId && step.thread === nameOf(link.who));

/** How a chain ends: back at one of its own links (which, if that is told), or elsewhere. */
type ChainEnd =
  | { readonly kind: "circle"; readonly at: number }
  | { readonly kind: "open"; readonly nobody: boolean };

export function endOf({ chain, closesAt }: Finding): ChainEnd {
  if (closesAt !== undefined && closesAt < chain.length) return { kind: "circle", at: closesAt };
  const last = chain.at(-1);
  return { kind: "open", nobody: last !== undefined && isNobody(last) };
}

/** It is gone, and does not come back. */
export const hasEnded = ({ wait }: Link): boolean => wait.kind === "ended";

/** It stands still of its own accord: nothing that it waits for would ever come. */
export const hangsByItself = ({ wait }: Link): boolean => wait.kind === "forever";

export const hangsWords = ({ isAhead }: Link): string =>
  `hangs ${isAhead === true ? "ahead of" : "at"}`;

/** It waits for nothing: it moves. */
export const runsOn = ({ wait }: Link): boolean => wait.kind === "nothing";
