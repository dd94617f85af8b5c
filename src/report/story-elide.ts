/**
 * Which steps of a story can be left out without losing its thread: what Windows does by itself, and
 * what one thread after another does in the same way.
 */
import type { Finding, Step } from "../judge/finding.ts";
import { mentions, nameOf, stepOf } from "./story-names.ts";
import { counted, glue, listed } from "./text.ts";

export const windows = "Windows";

/** A step to show, by index, or what stands for several. */
type Telling = { readonly step: number } | { readonly elided: string };

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
  /** The block that has the same steps in another thread, if it was shown. */
  readonly like?: Block;
}

export function tellings(finding: Finding): Telling[] {
  const told: Telling[] = [];
  let left: Block[] = [];
  const flush = (): void => {
    const count = left.reduce((sum, { from, until }) => sum + until - from, 0);
    if (left.every(({ idle }) => idle) && count < windowsMin) left.forEach(show);
    else told.push({ elided: elision(left) });
    left = [];
  };
  const show = ({ from, until }: Block): void => {
    for (let step = from; step < until; step++) told.push({ step });
  };
  for (const block of blocksOf(finding)) {
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

function elision(blocks: readonly Block[]): string {
  const idle = blocks.filter((b) => b.idle).reduce((sum, b) => sum + b.until - b.from, 0);
  const parts = idle === 0 ? [] : [`${counted(idle, "step")} of Windows`];
  const originals = new Set(blocks.flatMap(({ like }) => (like === undefined ? [] : [like])));
  for (const original of originals) {
    const threads = blocks.filter(({ like }) => like === original).map(({ thread }) => thread);
    const more = threads.length - namesMax;
    const named = more > 0 ? [...threads.slice(0, namesMax), `${more} more`] : threads;
    const steps = `steps${glue}${original.from + 1} to${glue}${original.until}`;
    parts.push(`${steps} again, in ${listed(named)}`);
  }
  return `… ${parts.join("; ")}`;
}

function blocksOf(finding: Finding): Block[] {
  const { steps, chain } = finding;
  const kept = neededSteps(finding);
  const inChain = new Set(chain.map((link) => stepOf(link, steps)));
  const shown = new Map<string, Block>();
  const blocks: Block[] = [];
  for (let from = 0, until = 0; from < steps.length; from = until) {
    const { thread } = steps[from];
    const idle = !kept.has(from);
    until = from + 1;
    while (until < steps.length && steps[until].thread === thread && !kept.has(until) === idle) {
      until++;
    }
    const key = steps.slice(from, until).map(looks).join("\n");
    const like = shown.get(key);
    const plain = { from, until, thread, idle };
    const needed = [...inChain].some((at) => at >= from && at < until);
    const repeats = !idle && !needed && until - from >= repeatMin && like?.thread !== thread;
    blocks.push(repeats && like !== undefined ? { ...plain, like } : plain);
    if (like === undefined && !idle) shown.set(key, plain);
  }
  return blocks;
}

const looks = ({ owner, routine, operation, opId, outcome, at, depth }: Step): string =>
  JSON.stringify([owner, routine, operation, opId, outcome, at, depth]);

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
    const { thread, outcome, owner } = steps[i];
    const follows = next.get(thread);
    const enters = follows !== undefined && follows.owner !== windows;
    const begun = (name: string): boolean => (first.get(name) ?? i) < i;
    const frees = names.some((name) => name !== thread && mentions(outcome, name) && begun(name));
    if (owner !== windows || enters || frees) kept.add(i);
    next.set(thread, steps[i]);
  }
  const total = path.reduce((sum, { us }) => sum + us, 0);
  for (const { who, what, us } of path) {
    if (us < total * shareMin) continue;
    const at = steps.findIndex((s) => s.thread === nameOf(who) && s.operation === what);
    if (at >= 0) kept.add(at);
  }
  return kept;
}
