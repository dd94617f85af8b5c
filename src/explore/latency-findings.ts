/** Latencies of a timed run: what took longer than its budget, and where the time went. */
import {
  criticalPath,
  pathMechanism,
  type RootSpan,
  segmentsByThread,
} from "../judge/critical-path.ts";
import { isTooLong } from "../judge/latency.ts";
import type { Target } from "../judge/mechanism.ts";
import type { RuleShape } from "../language/shape.ts";
import type { Program } from "../machine/program.ts";
import { followCodes } from "./choices.ts";
import type { Sink } from "./observation.ts";
import { lateRules } from "./told-effects.ts";
import { traceRun } from "./trace.ts";
import { weightOfTrace } from "./weight.ts";

/** Makes a run again, traced, and notes everything in it that took too long. Returns what it cost. */
export function noteLatencies(
  program: Program,
  codes: readonly number[],
  add: Sink,
  rules: readonly RuleShape[],
): number {
  const trace = traceRun(program, true, followCodes(codes), codes.length);
  for (const root of worst(program, trace.roots)) {
    const target = latencyTarget(program, trace.segments, root);
    if (target === undefined) continue;
    add({ target, timed: true, codes, rules: lateRules(rules), latencyUs: root.took });
  }
  return weightOfTrace(trace.machine, codes.length);
}

/** The longest first: of each kind it is the first that is kept. */
const worst = (program: Program, roots: readonly RootSpan[]): RootSpan[] =>
  roots.filter((root) => isTooLong(program, root.kind, root.took)).sort((a, b) => b.took - a.took);

/** A latency is told of the operations of the driver that waited or worked in it. */
export function latencyTarget(
  program: Program,
  segments: Parameters<typeof criticalPath>[1],
  root: RootSpan,
): Target | undefined {
  const from = root.to - root.took;
  // Many short stretches at one operation count as one long one.
  const spent = new Map<string, number>();
  for (const s of segmentsByThread(segments).get(root.thread) ?? []) {
    const { users, opId } = program.sites[s.site];
    if (!users || s.from < from || s.to > root.to) continue;
    spent.set(opId, (spent.get(opId) ?? 0) + s.to - s.from);
  }
  const identity = [...spent].filter(([, us]) => us * 100 >= root.took).map(([opId]) => opId);
  if (identity.length === 0) return undefined;
  return {
    outcome: "latency",
    identity: identity.sort().join(" + "),
    mechanism: pathMechanism(criticalPath(program, segments, root)),
  };
}
