/**
 * Runs without a search: what the runs of one program in one reading share, so that the loop of a
 * run allocates nothing. Which transition goes is asked of a source of choices, as everywhere.
 */
import { bounds } from "../base/bounds.ts";
import { type EffectWatch, forgetEffects, watchEffects } from "../judge/effects.ts";
import { isTooLong } from "../judge/latency.ts";
import { waitingOf } from "../judge/wait-for.ts";
import { isAllAnswered } from "../machine/enabled.ts";
import { Drawn, hop } from "../machine/hop.ts";
import { threadOf } from "../machine/layout.ts";
import { requestsLock } from "../machine/lock-requests.ts";
import { createMachine, Event, isOver, type Machine, reset } from "../machine/machine.ts";
import type { Program } from "../machine/program.ts";
import {
  createStanding,
  fillEnabled,
  type Standing,
  settleAll,
  stepStanding,
} from "../machine/standing.ts";
import { begin } from "../machine/step.ts";
import type { ChoiceSource } from "./choices.ts";

export interface Sampler {
  readonly m: Machine;
  readonly watch: EffectWatch;
  readonly standing: Standing;
  /** The decisions of the last run: the first `steps` of them. */
  readonly codes: Int32Array;
  /** Transitions that the local operations of one run may count for. */
  readonly workMax: number;
  steps: number;
  /** Nothing was enabled at its end. */
  quiet: boolean;
  /** It ended by its length, while something was still owed. */
  unfinished: boolean;
  /** Something in it took longer than its budget, and something of that is worth a trace. */
  late: boolean;
  worthTracing: boolean;
  /** By site: 1 where somebody had to wait. */
  readonly contended: Uint8Array;
  /** Which effects, together, have been told of runs. */
  readonly told: Set<string>;
}

export interface SamplerOptions {
  /** Decisions of one run, and the transitions that its local work may count for, at most. */
  readonly runSteps: number;
  readonly workMax?: number;
  /** By site: 1 is put where somebody has to wait. */
  readonly contended?: Uint8Array;
  /** Whether a root of a kind that took so long, in microseconds, is worth a trace: any, unless told. */
  readonly isWorthTracing?: (kind: number, tookUs: number) => boolean;
  /** Nobody asks for effects: what runs is not listened to. */
  readonly withoutEffects?: boolean;
}

export function createSampler(program: Program, timed: boolean, options: SamplerOptions): Sampler {
  const { runSteps, workMax = bounds.runWork.max, isWorthTracing = () => true } = options;
  const { contended = new Uint8Array(program.sites.length), withoutEffects = false } = options;
  const m = createMachine(program, timed);
  const watch = watchEffects(m);
  const codes = new Int32Array(runSteps);
  const told = new Set<string>();
  const sampler: Sampler = {
    m,
    watch,
    standing: createStanding(m),
    codes,
    workMax,
    steps: 0,
    quiet: false,
    unfinished: false,
    late: false,
    worthTracing: false,
    contended,
    told,
  };
  if (withoutEffects) m.heard.fill(1);
  m.observer = (kind, thread, site, a, b) => {
    if (kind === Event.blocked || kind === Event.heldUp) contended[site] = 1;
    if (kind === Event.rootEnd) {
      if (!isTooLong(program, a, b)) return;
      sampler.late = true;
      sampler.worthTracing ||= isWorthTracing(a, b);
    } else if (!withoutEffects) watch.observer(kind, thread, site, a, b);
  };
  return sampler;
}

/** One run from the beginning. What it showed is in the sampler until the next. */
export function sampleRun(sampler: Sampler, source: ChoiceSource): void {
  const { m, watch, codes, standing, workMax } = sampler;
  forgetEffects(watch);
  sampler.late = false;
  sampler.worthTracing = false;
  sampler.quiet = false;
  sampler.unfinished = false;
  reset(m);
  begin(m);
  settleAll(m, standing);
  const { random } = source;
  let steps = 0;
  let last = -1;
  while (steps < codes.length && m.work <= workMax) {
    let code: number;
    let time = 0;
    if (random !== undefined) steps = hop(m, standing, random, codes, steps);
    if (random !== undefined && standing.drawn !== Drawn.ask) {
      if (standing.drawn === Drawn.none) break;
      code = standing.drawn;
      time = standing.drawnUs;
    } else {
      if (fillEnabled(m, standing) === 0) break;
      const index = source.pick(m, last);
      code = m.codes[index];
      time = m.times[index];
    }
    codes[steps++] = code;
    watch.moment = steps;
    last = threadOf(code);
    stepStanding(m, standing, code, time);
    if (isAllAnswered(m)) {
      sampler.steps = steps;
      return;
    }
  }
  const isCut = steps === codes.length || m.work > workMax;
  sampler.quiet = !isCut && !isOver(m);
  sampler.unfinished = isCut && !isOver(m);
  sampler.steps = steps;
  if (isCut || sampler.quiet) noteHeldUp(sampler);
}

/** Who stands at a request for a lock has to wait there, and was not told of when he came. */
function noteHeldUp({ m, contended }: Sampler): void {
  for (let t = 0; t < m.program.threads.length; t++) {
    const waiting = requestsLock(m, t) ? waitingOf(m, t) : undefined;
    if (waiting !== undefined) contended[waiting.site] = 1;
  }
}

/** The decisions of the last run, to keep. */
export function decisionsOf({ codes, steps }: Sampler): number[] {
  const kept: number[] = [];
  for (let i = 0; i < steps; i++) kept.push(codes[i]);
  return kept;
}
