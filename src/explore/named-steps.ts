/** The steps of a told run, with like objects told apart in them and in the chain of waits. */
import { chainFrom, type Told } from "../judge/chain.ts";
import type { Finding, Step } from "../judge/finding.ts";
import {
  type Mention,
  notingNames,
  numbered,
  numberedNames,
  withNumbers,
} from "../judge/instances.ts";
import { type Draft, heldSince } from "./outcomes.ts";
import { rearmedIn } from "./rearmed.ts";
import { departuresIn, pastOf } from "./signals.ts";
import type { Trace } from "./trace.ts";

function withWait(draft: Draft): Draft {
  const step: Step = { ...draft.step, came: [...draft.step.came, { kind: "waits" }] };
  return { ...draft, step };
}

/**
 * Steps in order of time, where they have one. A run can come to a step before another thread's of an
 * earlier time: one thread goes on by itself ahead of the others, and an arrival is put later. What
 * one has to do with the other is at most the skew out of order, and stays as it came.
 */
function inOrderOfTime(drafts: readonly Draft[], skewUs: number): Draft[] {
  const ordered: Draft[] = [];
  for (const draft of drafts) {
    const latest = (draft.step.timeUs ?? Number.POSITIVE_INFINITY) + skewUs;
    const before = ordered.findLastIndex(({ step }) => (step.timeUs ?? 0) <= latest);
    ordered.splice(before + 1, 0, draft);
  }
  return ordered;
}

/**
 * `start`: the thread that the chain of waits begins with, if there is one; `goesOn`: one that has stood
 * somewhere until the last step.
 */
export function namedSteps(
  { machine: m, drafts: all, standing, stood, instances }: Trace,
  count: number,
  start: number | undefined,
  goesOn?: number,
): {
  readonly steps: readonly Step[];
  readonly told: Told;
  readonly rearmed: Finding["rearmed"];
} {
  const chosen = all.slice(0, count);
  // Who is on the chain and stands at a wait that it has not begun is told to wait there.
  const stands = start === undefined ? [] : chainFrom(m, start).threads.map((t) => standing(t));
  if (goesOn !== undefined) stands.push(stood(goesOn));
  for (const one of stands.sort((a, b) => (b?.index ?? 0) - (a?.index ?? 0))) {
    if (one === undefined) continue;
    const { draft, index } = one;
    const last = chosen.findLastIndex(({ thread }, i) => i < index && thread === draft.thread);
    // Its call has been told by what it did before that wait.
    const begun = chosen[last];
    const isBegun = begun?.site === draft.site && begun.frame === draft.frame;
    if (!isBegun || begun.step.came.some(({ kind }) => kind === "waits"))
      chosen.splice(index, 0, draft);
    else chosen[last] = withWait(begun);
  }
  const drafts = inOrderOfTime(chosen, m.program.skewUs);
  const held: Told["heldSince"] = (lock, thread) => heldSince(m, drafts, lock, thread);
  const spoken: Mention[] = drafts.flatMap(({ mentions }) => mentions);
  if (start !== undefined) {
    chainFrom(m, start, { names: notingNames(m, instances, spoken), heldSince: held });
  }
  const numbering = numbered(spoken);
  const steps = drafts.map(({ step, mentions, activation }) => {
    const call = numbering.ofHolder(activation);
    const operation = withNumbers(step.operation, mentions, numbering);
    return call === undefined ? { ...step, operation } : { ...step, operation, call };
  });
  const names = numberedNames(m, instances, numbering);
  const past: Told["past"] = (asked) => pastOf(m, instances, drafts, asked);
  const departures = departuresIn(drafts);
  return {
    steps,
    told: { names, heldSince: held, past, departures },
    rearmed: rearmedIn(drafts, names),
  };
}
