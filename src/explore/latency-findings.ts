/** Latencies of a timed run: what took longer than its budget, and where the time went. */
import {
  beginOf,
  criticalPath,
  pathMechanism,
  type RootSpan,
  type Segment,
  segmentsByThread,
} from "../judge/critical-path.ts";
import { identityOf } from "../judge/identity.ts";
import { isTooLong, limitedBy } from "../judge/latency.ts";
import { sameTarget, type Target } from "../judge/mechanism.ts";
import type { RuleShape } from "../language/shape.ts";
import type { Program } from "../machine/program.ts";
import { followCodes } from "./choices.ts";
import type { Sink } from "./observation.ts";
import { type Spans, spansOf } from "./spans.ts";
import { lateRules } from "./told-effects.ts";
import { weightOfTrace } from "./weight.ts";

/** Something that took too long in a run, by what it is told of. */
export interface Late {
  readonly root: RootSpan;
  readonly target: Target;
}

/** Makes a run again, traced, and notes everything in it that took too long. Returns what it cost. */
export function noteLatencies(
  program: Program,
  codes: readonly number[],
  add: Sink,
  rules: readonly RuleShape[],
): number {
  const trace = spansOf(program, true, followCodes(codes), codes.length);
  for (const { target, root } of latenciesOf(program, trace)) {
    // The rules over time are over what the system waits for: a request holds up its service alone.
    const broken = target.of === "request" ? [] : lateRules(rules);
    add({ target, timed: true, codes, rules: broken, latencyUs: root.took });
  }
  return weightOfTrace(trace.machine, codes.length);
}

/** Everything in a traced run that took too long, and the longest of its kind first. */
export function latenciesOf(program: Program, { roots, segments }: Spans): Late[] {
  return roots
    .filter((root) => isTooLong(program, root.kind, root.took))
    .sort((a, b) => b.took - a.took)
    .flatMap((root) => {
      const target = latencyTarget(program, segments, root);
      return target === undefined ? [] : [{ root, target }];
    });
}

/** The longest of this target in a traced run. */
export const longestOf = (program: Program, trace: Spans, target: Target): Late | undefined =>
  latenciesOf(program, trace).find((late) => sameTarget(late.target, target));

/** A latency is told of the operations of the driver that waited or worked in it. */
function latencyTarget(
  program: Program,
  segments: readonly Segment[],
  root: RootSpan,
): Target | undefined {
  const from = beginOf(root);
  const isRest = (s: Segment): boolean =>
    root.rests?.some((rest) => rest.from <= s.from && s.to <= rest.to) === true;
  // Many short stretches at one operation count as one long one.
  const spent = new Map<string, number>();
  const count = (thread: number, to: number): void => {
    for (const s of segmentsByThread(segments).get(thread) ?? []) {
      if (s.to <= from || s.to > to || isRest(s)) continue;
      if (s.absent === true) {
        if (s.from < to) count(s.cause, s.to);
        continue;
      }
      const { users, opId } = program.sites[s.site];
      // What a later choice of an earlier step cost is taken off the root's beginning.
      if (users) spent.set(opId, (spent.get(opId) ?? 0) + s.to - Math.max(s.from, from));
    }
  };
  count(root.thread, root.to);
  const longest = Math.max(...spent.values());
  const all = [...spent.values()].reduce((sum, us) => sum + us, 0);
  // Many small ones together can be a good part of it: then those like the longest count.
  const isShared = longest * 100 < root.took && all * 10 >= root.took;
  const least = isShared ? longest / 2 : root.took / 100;
  const identity = [...spent].filter(([, us]) => us >= least).map(([opId]) => opId);
  if (identity.length === 0) return undefined;
  return {
    outcome: "latency",
    identity: identityOf(identity.sort()),
    mechanism: pathMechanism(criticalPath(program, segments, root)),
    of: limitedBy(root.kind),
  };
}
