/**
 * Which steps of a story can be left out without losing its thread: what Windows does by itself, and
 * what one thread after another does in the same way.
 */
import type { Finding, Step } from "../judge/finding.ts";
import { nameOf, stepOf, stepOfPart, withoutNumbers } from "./story-names.ts";
import { type Ending, releases } from "./story-outcomes.ts";
import { counted, glue, listed } from "./text.ts";

export const windows = "Windows";

/** A step to show, by index, or what stands for several; `others`: of threads that it names. */
type Telling = { readonly step: number } | { readonly elided: string; readonly others: boolean };

/** Fewer steps of Windows than this, one after another, are shown. */
const windowsMin = 2;
/** Fewer steps than this are shown again for each thread that takes them. */
const repeatMin = 3;
/** Threads that a line names before it counts the others. */
const namesMax = 3;
/** A path's parts below this share need no step of their own. */
const shareMin = 0.01;

/** Steps of one thread, one after another: `from` to `until`, exclusive. */
interface Block {
  readonly from: number;
  readonly until: number;
  readonly thread: string;
  /** Windows' own, and not needed. */
  readonly idle: boolean;
  /** The block that has the same steps in another thread, or a round before, if it was shown. */
  readonly like?: Block;
}

/** Longer rounds of steps are not looked for, and fewer rounds are told one by one. */
const roundMax = 8;
const roundsMin = 3;

/** Steps by index, with how they end. */
type Endings = ReadonlyMap<number, Ending>;

export function tellings(finding: Finding, endings: Endings = new Map()): Telling[] {
  const told: Telling[] = [];
  let left: Block[] = [];
  const flush = (): void => {
    const count = left.reduce((sum, { from, until }) => sum + until - from, 0);
    if (left.every(({ idle }) => idle) && count < windowsMin) left.forEach(show);
    else told.push({ elided: elision(left), others: left.some(isOfAnother) });
    left = [];
  };
  const show = ({ from, until }: Block): void => {
    for (let step = from; step < until; step++) told.push({ step });
  };
  for (const block of blocksOf(finding, endings)) {
    if (block.idle || block.like !== undefined) {
      left.push(block);
      continue;
    }
    if (left.length > 0) flush();
    show(block);
  }
  if (left.length > 0) flush();
  return told;
}

const isOfAnother = ({ thread, like }: Block): boolean =>
  like !== undefined && like.thread !== thread;

function elision(blocks: readonly Block[]): string {
  const idle = blocks.filter((b) => b.idle).reduce((sum, b) => sum + b.until - b.from, 0);
  const parts = idle === 0 ? [] : [`${counted(idle, "step")} of Windows`];
  const originals = new Set(blocks.flatMap(({ like }) => (like === undefined ? [] : [like])));
  for (const original of originals) {
    const threads = blocks.filter(({ like }) => like === original).map(({ thread }) => thread);
    const more = threads.length - namesMax;
    const named = more > 0 ? [...threads.slice(0, namesMax), `${more} more`] : threads;
    const steps = `steps${glue}${original.from + 1} to${glue}${original.until}`;
    const rounds = blocks
      .filter(({ like }) => like === original)
      .reduce((n, b) => n + roundsIn(b), 0);
    const isRound = threads.every((thread) => thread === original.thread);
    parts.push(`${steps} again, ${isRound ? `${rounds}${glue}times` : `in ${listed(named)}`}`);
  }
  return `… ${parts.join("; ")}`;
}

/** How often a block goes through the steps of the one that it is like. */
const roundsIn = ({ from, until, like }: Block): number =>
  like === undefined ? 1 : (until - from) / (like.until - like.from);

/** A block whose steps come round and round: the first of them, and the others as one block. */
function unrolled(block: Block, looks: readonly string[], needed: ReadonlySet<number>): Block[] {
  const { from, until } = block;
  if (block.idle || block.like !== undefined) return [block];
  for (let at = from; at < until; at++) {
    for (let size = 1; size <= roundMax && at + size * roundsMin <= until; size++) {
      let end = at + size;
      while (end < until && looks[end] === looks[end - size]) end++;
      const rounds = Math.floor((end - at) / size);
      const after = at + rounds * size;
      const first = { ...block, from: at, until: at + size };
      const again = { ...block, from: at + size, until: after, like: first };
      if (rounds < roundsMin || [...needed].some((i) => i >= again.from && i < after)) continue;
      const before = at === from ? [] : [{ ...block, until: at }];
      const rest = after === until ? [] : unrolled({ ...block, from: after }, looks, needed);
      return [...before, first, again, ...rest];
    }
  }
  return [block];
}

function blocksOf(finding: Finding, endings: Endings): Block[] {
  const { steps, chain } = finding;
  const kept = neededSteps(finding);
  const inChain = new Set([
    ...chain.map((link) => stepOf(link, steps)),
    ...(finding.rearmed?.again ?? []).map(({ step }) => step),
  ]);
  const looks = steps.map((step, i) => lookOf(step, endings.get(i)));
  const shown = new Map<string, Block>();
  const blocks: Block[] = [];
  for (let from = 0, until = 0; from < steps.length; from = until) {
    const { thread } = steps[from];
    const idle = !kept.has(from);
    until = from + 1;
    while (until < steps.length && steps[until].thread === thread && !kept.has(until) === idle) {
      until++;
    }
    const key = looks.slice(from, until).join("\n");
    const like = shown.get(key);
    const plain = { from, until, thread, idle };
    const needed = [...inChain].some((at) => at >= from && at < until);
    const repeats = !idle && !needed && until - from >= repeatMin && like?.thread !== thread;
    const block = repeats && like !== undefined ? { ...plain, like } : plain;
    blocks.push(...unrolled(block, looks, inChain));
    if (like === undefined && !idle) shown.set(key, plain);
  }
  return blocks;
}

const lookOf = (
  { owner, routine, operation, opId, came, at, depth }: Step,
  ending: Ending = {},
): string =>
  JSON.stringify([owner, routine, withoutNumbers(operation), opId, came, ending, at, depth]);

/**
 * All steps but those of Windows that tell nothing: it enters no other code with them, frees none
 * of the threads that the cause names, and spends no time that counts.
 */
function neededSteps({ steps, chain, path = [] }: Finding): ReadonlySet<number> {
  const kept = new Set([steps.length - 1, ...chain.map((link) => stepOf(link, steps))]);
  const names = chain.map(({ who }) => nameOf(who));
  const next = new Map<string, Step>();
  const first = new Map([...steps.entries()].reverse().map(([i, { thread }]) => [thread, i]));
  for (let i = steps.length - 1; i >= 0; i--) {
    const { thread, owner } = steps[i];
    const follows = next.get(thread);
    const enters = follows !== undefined && follows.owner !== windows;
    const begun = (name: string): boolean => (first.get(name) ?? i) < i;
    const frees = names.some((name) => name !== thread && releases(steps[i], name) && begun(name));
    if (owner !== windows || enters || frees) kept.add(i);
    next.set(thread, steps[i]);
  }
  const total = path.reduce((sum, { us }) => sum + us, 0);
  for (const part of path) {
    const step = part.us < total * shareMin ? undefined : stepOfPart(steps, part);
    if (step !== undefined) kept.add(steps.indexOf(step));
  }
  return kept;
}
