/** The cause in two sentences, made from the finding's data alone. */
import { unreachable } from "../base/invariant.ts";
import type { CrashKind } from "../judge/crash-facts.ts";
import type { Finding, Link } from "../judge/finding.ts";
import { languageFrom } from "../windows/language.ts";
import { againWords, becauseOf, nobodyNow, nobodyWould, pastClause } from "./story-chain.ts";
import {
  breachOf,
  callbackOf,
  calledAs,
  clause,
  endOf,
  hangsByItself,
  hangsWords,
  hasEnded,
  isEnd,
  isEntry,
  nameOf,
  opening,
  runsOn,
  stepOfPart,
} from "./story-names.ts";
import { cameOf } from "./story-outcomes.ts";
import { placeOf } from "./story-path.ts";
import type { CountedPart, PlainFinding } from "./story-plain.ts";
import {
  isCall,
  isCutShort,
  lastingOf,
  laterWords,
  namesNext,
  objectWords,
  operationWords,
  standingWords,
  waitWords,
  whoWords,
} from "./story-words.ts";
import { capitalised, glue, listed, roughly, sentence, uncapitalised } from "./text.ts";

export function causeOf(finding: PlainFinding): readonly string[] {
  switch (finding.outcome) {
    case "deadlock":
    case "livelock":
      return hangCause(finding);
    case "latency":
      return latencyCause(finding);
    case "crash":
      return crashCause(finding);
    case "rule":
      return ruleCause(finding);
    default:
      return unreachable(finding.outcome, "outcome");
  }
}

/** Links that the second sentence spells out before it says "and so on". */
const spelledMax = 4;

function hangCause(finding: Finding): string[] {
  const { chain, outcome, crash, mechanism } = finding;
  if (chain.length === 0) return [sentence(capitalised(crash ? crashText[crash] : mechanism))];
  const [first, ...others] = chain;
  const reason = becauseOf(first, others[0]);
  const because = reason === "" ? "" : `: ${reason}`;
  const end = chainEnd(finding);
  const later = [laterWords(chain) ?? []].flat().map(sentence);
  if (finding.forGoodIn !== undefined)
    later.push(`In the world “${finding.forGoodIn}” none ends it: there it is for good.`);
  if (finding.isLaterUnknown === true)
    later.push("Whether a later event would end that was not searched to its end.");
  if (finding.request !== undefined)
    later.push(
      "The wait is one in kernel mode: an end of the process does not break it, so that the process cannot be ended, either.",
    );
  if (outcome === "livelock" && runsOn(first)) {
    const call = operationWords(first);
    const does = isCall(first) ? `goes round at ${call}` : call;
    const where = first.at === undefined ? "" : ` (${first.at})`;
    return [
      sentence(
        `${opening(clause(first.who))} ${does}${where}${lastingOf(finding) === "for good" ? ", for ever" : ""}`,
      ),
      "It never stands still, and never gets out by itself.",
      ...later,
    ];
  }
  const asks = first.wait.kind === "variable" ? "keeps looking at" : "keeps asking for";
  const verb = outcome === "livelock" ? asks : "waits for";
  const waits = hangsByItself(first) ? standstill(first) : `${verb} ${waitWords(first.wait)}`;
  const start = `${opening(clause(first.who))} ${waits}${because}`;
  if (others.length === 0) return [sentence(start), sentence(capitalised(end)), ...later];
  const circle = finding.closesAt === undefined ? undefined : chain[finding.closesAt];
  const hops = others
    .slice(0, spelledMax)
    .map((link, i) => hop(link, i, i === others.length - 1 ? circle : others[i + 1]));
  const more = others.length - hops.length;
  if (more > 0) hops.push(`so on over ${more} more`);
  return [sentence(start), sentence(`${opening(hops.join(", "))}, and ${end}`), ...later];
}

/** "hangs ahead of FilterGetMessage(Port, M)", "is suspended" */
const standstill = (link: Link): string =>
  isCall(link) ? `${hangsWords(link)} ${operationWords(link)}` : operationWords(link);

/** One further wait, with its reason unless that is who comes next. */
function hop(link: Link, i: number, next: Link | undefined): string {
  const again = link.polls === undefined ? "" : `, which ${againWords(link)},`;
  const who = again === "" ? clause(link.who) : `${whoWords(link.who)}${again}`;
  const call = operationWords(link);
  if (hasEnded(link)) return `${who} ${call}`;
  if (runsOn(link)) return `${who} ${standingWords(link)}`;
  if (hangsByItself(link)) return `${who} ${standstill(link)}`;
  const why = becauseOf(link, next);
  const obvious = why === "" || (next !== undefined && namesNext(link, next) && !isCutShort(link));
  const does = link.wait.kind === "start" ? `${call}, and waits ` : i === 0 ? "in turn waits " : "";
  return `${who} ${does}for ${waitWords(link.wait)}${obvious ? "" : ` (${why})`}`;
}

function chainEnd(finding: Finding): string {
  const { chain, outcome } = finding;
  const last = chain[chain.length - 1];
  const { past } = last;
  const end = endOf(finding);
  const alone = lastingOf(finding) === "for good" ? "" : " by itself";
  if (end.kind === "circle") {
    const name = nameOf(chain[end.at].who);
    if (end.at < chain.length - 1) {
      return `for that ${name} would have to go on first: the waits form a circle, and none of them can end${alone}`;
    }
    return `for that ${name} itself would have to go on: it waits for itself${alone === "" ? ", and for ever" : ""}${pastClause(last)}`;
  }
  if (hasEnded(last)) return "does not come back for what the others wait for";
  if (runsOn(last)) return "does not come to what the others wait for";
  if (outcome === "livelock" && end.nobody)
    return `${past?.kind === "countedUp" || past?.kind === "changed" ? nobodyNow(finding, last) : nobodyWould(last)}, so this goes on${alone === "" ? " for ever" : ""}`;
  const isOpen = !end.nobody && last.past === undefined;
  return isOpen ? "there the chain of waits ends" : nobodyNow(finding, last);
}

function latencyCause(finding: PlainFinding): string[] {
  const { path = [], chain, budget } = finding;
  const total = path.reduce((sum, { us }) => sum + us, 0);
  if (total === 0) return [sentence(capitalised(finding.mechanism))];
  const [most, second] = summed(path).sort((a, b) => b.us - a.us);
  const part = (one: CountedPart): string =>
    `${roughly(one.us)} of ${roughly(total)} (${percent(one.us, total)}), passes ${passing(finding, one)}`;
  if (finding.until !== undefined)
    return [
      sentence(
        `${nameOf(most.who)} waits at “${placeOf(most)}” until ${finding.until.thread} comes, and nothing else ends that in this run`,
      ),
      sentence(`Here that is after ${roughly(most.us)}: it can be any time`),
    ];
  const also = second !== undefined && second.us * 5 > total ? `; the next, ${part(second)}` : "";
  const waiting = nameOf(finding.who ?? chain[0]?.who ?? path[0].who);
  const own = path.filter(({ who }) => nameOf(who) === waiting);
  const sum = (parts: readonly CountedPart[]): number => parts.reduce((all, { us }) => all + us, 0);
  const elsewhere = total - sum(own);
  const asleep = sum(own.filter(({ waits }) => waits === true));
  const idle = sum(own.filter((one) => one.idle === true));
  const effect =
    elsewhere * 2 > total
      ? `For ${roughly(elsewhere)} ${waiting} does nothing but wait for other threads, so their time becomes the ${budget?.of ?? "caller"}'s`
      : asleep * 2 > total
        ? `For ${roughly(asleep)} ${waiting} only waits, and nobody ends that before its time is over`
        : idle * 2 > total
          ? `For ${roughly(idle)} ${waiting} only waits, until somebody happens to end that`
          : `${elsewhere === 0 ? "All" : "Most"} of it is time of ${waiting}'s own`;
  return [sentence(`The largest part, ${part(most)}${also}`), sentence(effect), ...again(finding)];
}

/** A timer that is waited for and begins anew each time that somebody sets it. */
function again({ rearmed }: Finding): string[] {
  if (rearmed === undefined) return [];
  const by = listed([...new Set(rearmed.again.map((one) => one.by))]);
  const at = listed(rearmed.again.map(({ step }) => `${step + 1}`));
  const steps = rearmed.again.length === 1 ? "step" : "steps";
  const timer = `Timer ${rearmed.timer} was set at step${glue}${rearmed.set + 1}`;
  return [
    sentence(
      `${timer}, and set anew before it fell due, by ${by} at ${steps}${glue}${at}: each time its wait began all over again`,
    ),
  ];
}

/** The parts of one thread at one operation as one. */
function summed(path: readonly CountedPart[]): CountedPart[] {
  const sums = new Map<string, CountedPart>();
  for (const part of path) {
    const key = `${whoWords(part.who)} ${part.operation} ${part.waits}`;
    const sum = sums.get(key);
    const times = (sum === undefined ? 0 : (sum.times ?? 1)) + (part.times ?? 1);
    sums.set(key, { ...part, us: (sum?.us ?? 0) + part.us, times });
  }
  return [...sums.values()];
}

/** Where, or until when, a part of the time passes. */
function passing(finding: Finding, part: CountedPart): string {
  const { who, api, waits, idle, slowed, times = 1 } = part;
  const what = placeOf(part);
  const name = nameOf(who);
  const often = times === 1 ? "" : `, ${times}${glue}times`;
  if (waits === true && api === undefined)
    return `before ${name} comes to “${what}”${ended(finding, name)}`;
  if (waits === true || (idle === true && api !== undefined))
    return `while ${name} waits at “${what}”${often}`;
  if (slowed === true && api === undefined)
    return `in ${name}, which ${what} for a time of the model's`;
  const slow = slowed === true ? ", slowed to a time of the model's" : "";
  return `in ${name} at “${what}”${often}${whose(finding, part)}${slow}`;
}

/** Services that are ended behind a step of the thread, which it does not do by itself. */
function ended({ steps }: Finding, thread: string): string {
  const from = steps.findIndex((step) => step.thread === thread);
  const told = steps.filter((step, i) => i > from && cameOf(step, "toldToEnd"));
  const owners = [...new Set(told.map(({ owner }) => owner))];
  return from < 0 || owners.length === 0 ? "" : `, which ends ${listed(owners)}`;
}

const percent = (us: number, total: number): string => `${Math.round((100 * us) / total)}${glue}%`;

/** Whose code that is, where a step tells and it is not the driver's. */
function whose({ steps, driver }: Finding, part: CountedPart): string {
  const step = stepOfPart(steps, part);
  if (step === undefined) return "";
  if (step.owner !== driver) return `, which is code of ${step.owner}`;
  return step.thread.endsWith(step.routine) ? "" : ` in ${step.routine}`;
}

const crashText: Readonly<Record<CrashKind, string>> = {
  useAfterReturn:
    "what it touches lived on the stack of a routine that has returned since, and that memory belongs to somebody else by now",
  useAfterFree: "what it touches has been freed already",
  irql: "at the IRQL that the thread is at by then this may not be called, and the system stops",
  notOwner: "it gives back a lock that this thread does not hold",
  regionUnderflow: "it leaves a critical or guarded region that this thread is not in",
  notAttached:
    "it detaches from a process that this thread is not attached to, and the system stops",
  recursion:
    "each call of the callback causes another before it returns, all on one stack, until the stack runs out",
  nullPointer: "it follows a pointer that holds nothing",
  keepsMutex: "it still owns a KMUTEX on its way back to user mode, and the system stops",
  keepsRegion:
    "it is still in a critical or guarded region on its way back to user mode, and the system stops",
  semaphoreLimit:
    "it gives back more to a semaphore than its limit, which raises an exception that nobody catches",
  returnsRaised: "it returns at a raised IRQL, which its caller cannot bear, and the system stops",
  corruptList:
    "it takes an entry off a list in which that does not stand, and the system finds the list corrupted",
  codeIsGone: "by now the driver is unloaded, and the memory that this code stood in is gone",
};

const startFailedText =
  "by now DriverEntry has failed, so the driver is out of memory again, and with it this code";

const stops = "and the system stops";

const timerGone = (startFailed = false): string =>
  `By now ${startFailed ? "DriverEntry has failed" : "the driver is unloaded"}, and the memory of the timer, or of the code of its DPC, is gone.`;

/** What a thread still has where it should have nothing. */
function keptWords(keeps: Finding["keeps"] = []): string {
  if (keeps.length === 0) return "is still in a critical or guarded region";
  const held = keeps.map(({ what, since }) => {
    const from = since === undefined ? "" : `, since step${glue}${since + 1},`;
    return `${objectWords(what)}${from}`;
  });
  return `still owns ${listed(held)}`;
}

function crashCause(finding: Finding): string[] {
  return [...oneCrash(finding), ...momentWords(finding)];
}

/** At which other operations the same cause was met, each in a run of its own. */
function momentWords({ moments = [] }: Finding): string[] {
  if (moments.length === 0) return [];
  const words = moments.map(({ identity, operation }) =>
    identity.includes("/") ? operation : `the beginning of ${operation}`,
  );
  const places = listed([...new Set(words)]);
  return [sentence(`The same cause was seen at ${moments.length + 1} moments: also at ${places}`)];
}

function oneCrash(finding: Finding): string[] {
  const { steps, crash, mechanism, freed, keeps, startFailed, timerSet } = finding;
  const by =
    freed === undefined ? "" : `: ${steps[freed.step].thread} did, at step${glue}${freed.step + 1}`;
  const known = startFailed ? startFailedText : crash && crashText[crash];
  const text = known ?? mechanism;
  const why = sentence(capitalised(`${text}${by}`));
  const last = steps.at(-1);
  if (last === undefined) return [why];
  const { thread, operation, routine, at } = last;
  if (timerSet !== undefined) {
    const since = timerSet.step === undefined ? "" : `, at step${glue}${timerSet.step + 1},`;
    const gone = crash === "codeIsGone" ? timerGone(startFailed) : why;
    return [sentence(`${timerSet.operation}${since} has set a timer, which is set still`), gone];
  }
  if (crash === "keepsMutex" || crash === "keepsRegion")
    return [sentence(`${thread} ${keptWords(keeps)} on its way back to user mode, ${stops}`)];
  const where = isEntry(last) || isEnd(last) ? "" : ` in ${routine}`;
  return [sentence(`${thread} comes to ${operation}${where}${placed(at)}`), why];
}

function ruleCause(finding: Finding): string[] {
  const { rules: ids, driver, steps, chain } = finding;
  const step = steps[breachOf(finding)];
  const where = step === undefined ? "" : `, at ${calledAs(step)}${placed(step.at)}`;
  const who = callbackOf(finding) ?? (driver === "" ? "The driver" : driver);
  const breach = `${who} breaks ${ids.length === 0 ? "a rule" : listed(ids)}${where}`;
  const { latencyUs } = finding;
  const cost =
    latencyUs === undefined
      ? ""
      : `, and by the model's costs the callback takes ${roughly(latencyUs)} where nothing else is in its way`;
  const isCrash = steps.some((one) => cameOf(one, "crashes"));
  const calm = isCrash
    ? "This run ends in a crash"
    : chain.length === 0
      ? `Nothing hangs in this run${cost}`
      : "No event waits for it in this run";
  const { rules } = languageFrom(finding.extension);
  const broken = rules.filter(({ id }) => ids.includes(id));
  if (broken.length === 0) return [sentence(breach), sentence(calm)];
  const texts = broken.map(({ text }) => uncapitalised(text.replace(/\.$/, "")));
  const why = uncapitalised(broken[broken.length - 1].why);
  const also = isCrash ? "; besides," : ", but";
  return [sentence(`${breach}: ${texts.join("; ")}`), sentence(`${calm}${also} ${why}`)];
}

const placed = (at: string | undefined): string => (at === undefined ? "" : ` (${at})`);
