/**
 * When the threads of a run worked and when they waited, for whom, and what each root took: what
 * latencies are told from. Nothing is told of single steps, which most runs are not made for.
 */
import type { Rest, RootSpan, Segment } from "../judge/critical-path.ts";
import { activityOf, whereabouts } from "../judge/thread-activity.ts";
import { isArriving, isPutLater } from "../machine/arrivals.ts";
import {
  Alternative,
  alternativeOf,
  Result,
  Status,
  T,
  threadFlags,
  threadOf,
} from "../machine/layout.ts";
import {
  baseOf,
  createMachine,
  Event,
  type Machine,
  type Observer,
  siteAt,
} from "../machine/machine.ts";
import { isCallbackRoot, RootKind } from "../machine/opcodes.ts";
import { isMarked, unmarked } from "../machine/open-arrival.ts";
import type { Program } from "../machine/program.ts";
import { createArrivals } from "./arrivals.ts";
import type { ChoiceSource } from "./choices.ts";
import { createHandlers } from "./handlers.ts";
import type { Draft } from "./outcomes.ts";
import { run } from "./run.ts";
import { releasing, touchedObject } from "./touched.ts";

export interface Spans {
  readonly machine: Machine;
  readonly segments: readonly Segment[];
  readonly roots: readonly RootSpan[];
  readonly quiet: boolean;
  readonly decisions: number;
}

export interface SpanRecorder {
  readonly segments: readonly Segment[];
  readonly roots: readonly RootSpan[];
  readonly observer: Observer;
  /** Before a decision, by its index into `codes`; once its step has been taken; behind the run. */
  before(index: number): void;
  after(): void;
  end(): void;
}

/** Makes a run for the sake of its latencies. */
export function spansOf(
  program: Program,
  timed: boolean,
  source: ChoiceSource,
  stepMax: number,
  stop?: (m: Machine) => boolean,
): Spans {
  const machine = createMachine(program, timed);
  const { segments, roots, observer, before, after, end } = recordSpans(machine);
  machine.observer = observer;
  const { quiet, steps: decisions } = run(machine, source, {
    stepMax,
    onDecision: (_, index) => before(index),
    stop(m) {
      after();
      return stop?.(m) ?? false;
    },
  });
  end();
  return { machine, segments, roots, quiet, decisions };
}

/** @param drafts Steps that are told of the same run: those of an arrival move with it. */
export function recordSpans(m: Machine, drafts: Draft[] = []): SpanRecorder {
  const { program } = m;
  const { code, sites } = program;
  const threads = program.threads.length;
  const segments: Segment[] = [];
  const roots: RootSpan[] = [];
  const rests: Rest[] = [];
  const handlers = createHandlers(m);
  const arrivals = createArrivals(m, {
    drafts,
    segments,
    roots,
    rests,
    handlers: handlers.current,
  });
  const clockBefore = new Float64Array(threads);
  const costs = new Float64Array(threads);
  const causes = new Int32Array(threads).fill(-1);
  const waitSites = new Int32Array(threads);
  const broken = new Uint8Array(threads);
  const wasDormant = new Uint8Array(threads);
  // Who waited is who it was when the wait ended: it may have returned since, in the same step.
  const waiters = new Map<number, Pick<Segment, "who" | "activity">>();
  const noteWaiter = (thread: number): void => {
    waiters.set(thread, { who: whereabouts(m, thread), activity: activityOf(m, thread) });
  };
  // Who told a thread to end, and whether it is only about to arrive.
  const toldBy = new Int32Array(threads).fill(-1);
  const arrives = new Uint8Array(threads);
  const lastTouch = new Map<number, number>();
  let actor = -1;
  let actorSite = 0;
  let touched = -1;
  /** Whom the acting thread's own wait was for. */
  let ownCause = -1;

  const segment = (
    thread: number,
    from: number,
    to: number,
    site: number,
    cause: number,
    waited: boolean,
    absent = false,
  ): void => {
    // What ends with an arrival gets longer if that is put later.
    const grows = isMarked(to) && !isMarked(from);
    if (!grows && unmarked(to) <= unmarked(from)) return;
    segments.push({
      thread,
      from,
      to,
      site,
      ...((waited ? waiters.get(thread) : undefined) ?? {
        who: whereabouts(m, thread),
        activity: activityOf(m, thread),
      }),
      cause,
      waited,
      ...(waited && arrives[thread] === 1 ? { arrives: true } : {}),
      ...(waited && broken[thread] === 1 ? { broken: true } : {}),
      ...(absent ? { absent } : {}),
      ...(waited ? handlers.take(thread) : {}),
    });
  };

  const observer: Observer = (kind, thread, site, a, b) => {
    const clock = m.clocks[baseOf(m, thread)];
    switch (kind) {
      case Event.local:
        if (a <= 0) return;
        segment(thread, clock - a, clock, site, -1, false);
        costs[thread] += a;
        return;
      case Event.woken:
        causes[thread] = a;
        broken[thread] = b === Result.terminated ? 1 : 0;
        waitSites[thread] = site;
        noteWaiter(thread);
        return;
      case Event.rested:
        rests.push({ thread, from: clock - a, to: clock });
        return;
      case Event.rootEnd:
        roots.push({
          kind: a,
          thread,
          site,
          to: clock,
          took: b,
          who: whereabouts(m, thread),
          callback: isCallbackRoot(a) ? sites[site].routine : "",
          steps: drafts.length,
          ...(a === RootKind.request
            ? { rests: rests.filter((one) => one.thread === thread) }
            : {}),
        });
        return;
      default:
    }
  };

  const stamp = (): void => {
    for (let t = 0; t < threads; t++) {
      clockBefore[t] = m.clocks[baseOf(m, t)];
      wasDormant[t] = m.words[baseOf(m, t) + T.status] === Status.dormant ? 1 : 0;
    }
    costs.fill(0);
    causes.fill(-1);
    broken.fill(0);
    waiters.clear();
  };

  return {
    segments,
    roots,
    observer,
    before(index) {
      const decision = m.codes[index];
      const isStep = !isPutLater(alternativeOf(decision));
      actor = isStep ? threadOf(decision) : -1;
      arrivals.before(index);
      if (!isStep) return;
      const base = baseOf(m, actor);
      const pc = m.words[base + T.pc];
      actorSite = code[pc + 1];
      stamp();
      noteWaiter(actor);
      touched = -1;
      const at = touchedObject(m, actor, pc);
      if (at >= 0) {
        if (releasing.includes(code[pc])) lastTouch.set(at, actor);
        else touched = lastTouch.get(at) ?? -1;
      }
      const alternative = alternativeOf(decision);
      broken[actor] = alternative === Alternative.interrupt ? 1 : 0;
      ownCause =
        alternative === Alternative.timeout
          ? -1
          : alternative === Alternative.interrupt
            ? toldBy[actor]
            : touched;
      arrives.fill(0);
      // Whoever meets with something later than itself could have arrived later, and waits for nobody.
      const meetsLater = isMarked(m.clocks[base]) && !isMarked(m.times[index]);
      if (isArriving(m, base) || meetsLater) arrives[actor] = 1;
    },
    end: arrivals.end,
    after() {
      arrivals.after();
      if (actor < 0) return;
      for (let t = 0; t < threads; t++) {
        const isTold = (m.words[baseOf(m, t) + T.flags] & threadFlags.kill) !== 0;
        if (!isTold) toldBy[t] = -1;
        else if (toldBy[t] < 0) toldBy[t] = actor;
        // What the same step cost came after.
        if (t === actor || causes[t] >= 0) handlers.note(t, m.clocks[baseOf(m, t)] - costs[t]);
      }
      for (let t = 0; t < threads; t++) {
        const base = baseOf(m, t);
        if (wasDormant[t] === 1 && m.words[base + T.status] === Status.ready) {
          // All that a thread waited for before it ran is whoever started it.
          segment(t, 0, m.clocks[base] - costs[t], actorSite, actor, true, true);
          continue;
        }
        const until = m.clocks[base] - costs[t];
        if (until <= clockBefore[t] || m.words[base + T.status] === Status.dormant) continue;
        const cause = t === actor ? ownCause : causes[t] >= 0 ? causes[t] : actor;
        const site = t === actor ? actorSite : causes[t] >= 0 ? waitSites[t] : siteAt(m, t);
        segment(t, clockBefore[t], until, site, cause === t ? -1 : cause, true);
      }
    },
  };
}
