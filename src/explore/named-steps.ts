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
import { heldSince } from "./outcomes.ts";
import type { Trace } from "./trace.ts";

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
    if (one !== undefined) drafts.splice(one.index, 0, one.draft);
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
  return { steps, told: { names: numberedNames(m, instances, numbering), heldSince: held } };
}
