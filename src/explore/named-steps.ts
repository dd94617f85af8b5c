/** The steps of a told run, with like objects told apart in them and in the chain of waits. */
import { chainFrom, type Told } from "../judge/chain.ts";
import type { Step } from "../judge/finding.ts";
import {
  type Mention,
  notingNames,
  numbered,
  numberedNames,
  withNumbers,
} from "../judge/instances.ts";
import { type Draft, heldSince } from "./outcomes.ts";
import { pastOf } from "./signals.ts";
import type { Trace } from "./trace.ts";

function withWait(draft: Draft): Draft {
  const step: Step = { ...draft.step, came: [...draft.step.came, { kind: "waits" }] };
  return { ...draft, step };
}

/** `start`: the thread that the chain of waits begins with, if there is one. */
export function namedSteps(
  { machine: m, drafts: all, standing, instances }: Trace,
  count: number,
  start: number | undefined,
): { readonly steps: readonly Step[]; readonly told: Told } {
  const drafts = all.slice(0, count);
  // Who is on the chain and stands at a wait that it has not begun is told to wait there.
  const stands = start === undefined ? [] : chainFrom(m, start).threads.map(standing);
  for (const one of stands.sort((a, b) => (b?.index ?? 0) - (a?.index ?? 0))) {
    if (one === undefined) continue;
    const { draft, index } = one;
    const last = drafts.findLastIndex(({ thread }, i) => i < index && thread === draft.thread);
    // Its call has been told by what it did before that wait.
    const begun = drafts[last];
    const isBegun = begun?.site === draft.site && begun.frame === draft.frame;
    if (!isBegun || begun.step.came.some(({ kind }) => kind === "waits"))
      drafts.splice(index, 0, draft);
    else drafts[last] = withWait(begun);
  }
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
  return { steps, told: { names, heldSince: held, past } };
}
