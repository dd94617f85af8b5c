/** A run told step by step, with what the critical path of a latency needs. */

import { activityOf, depthOf, describe, routineName } from "../judge/activity.ts";
import type { Rest, RootSpan, Segment } from "../judge/critical-path.ts";
import type { Came, Step } from "../judge/finding.ts";
import { createInstances, type Instances } from "../judge/instances.ts";
import { waitingOf } from "../judge/wait-for.ts";
import { frameOf } from "../machine/frames.ts";
import {
  Alternative,
  addressOf,
  alternativeOf,
  F,
  H,
  Status,
  T,
  threadFlags,
  threadOf,
} from "../machine/layout.ts";
import { crashedThread } from "../machine/life.ts";
import { baseOf, createMachine, Event, type Machine, siteAt } from "../machine/machine.ts";
import { isCallbackRoot, Op, RootKind, stride } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";
import { createArrivals } from "./arrivals.ts";
import type { ChoiceSource } from "./choices.ts";
import { createHandlers } from "./handlers.ts";
import { createOutcomes, type Draft, note } from "./outcomes.ts";
import { run } from "./run.ts";
import { releasing, touchedObject } from "./touched.ts";

export interface Trace {
  readonly machine: Machine;
  readonly steps: readonly Step[];
  /** The steps with what they speak of, from a run that is made to be told. */
  readonly drafts: readonly Draft[];
  /** The wait that a thread stands at without having taken a step of it, and the steps before. */
  standing(thread: number): { readonly index: number; readonly draft: Draft } | undefined;
  readonly instances: Instances | undefined;
  readonly segments: readonly Segment[];
  readonly roots: readonly RootSpan[];
  readonly quiet: boolean;
  readonly decisions: number;
}

const isWaiting = ({ step }: Draft): boolean => step.came.some(({ kind }) => kind === "waits");

const handing: readonly number[] = [Op.dequeue, Op.pop, Op.allocate];
const quietOps: readonly number[] = [Op.backEdge, Op.branchShared, Op.choose, Op.systemCall];

export function traceRun(
  program: Program,
  timed: boolean,
  source: ChoiceSource,
  stepMax: number,
  stop?: (m: Machine) => boolean,
  toBeTold = false,
): Trace {
  const m = createMachine(program, timed);
  const instances = toBeTold ? createInstances(m) : undefined;
  const outcomes = createOutcomes(m);
  const drafts: Draft[] = [];
  const segments: Segment[] = [];
  const roots: RootSpan[] = [];
  const rests: Rest[] = [];
  const arrivals = createArrivals(m, { drafts, segments, roots, rests });
  const clockBefore = new Float64Array(program.threads.length);
  const costs = new Float64Array(program.threads.length);
  const causes = new Int32Array(program.threads.length).fill(-1);
  const waitSites = new Int32Array(program.threads.length);
  const wasDormant = new Uint8Array(program.threads.length);
  // Who waited is who it was when the wait ended: it may have returned since, in the same step.
  const waiters = new Map<number, Pick<Segment, "who" | "activity">>();
  const noteWaiter = (thread: number): void => {
    waiters.set(thread, { who: describe(m, thread), activity: activityOf(m, thread) });
  };
  // Who told a thread to end, who has its message, and whether it is only about to arrive.
  const toldBy = new Int32Array(program.threads.length).fill(-1);
  const handlers = createHandlers(m);
  const arrives = new Uint8Array(program.threads.length);
  const pcs = new Int32Array(program.threads.length);
  /** Whether a thread waits by now, and the number of steps when that began. */
  const stands: boolean[] = [];
  const stood = new Int32Array(program.threads.length);
  let floatBefore = 0;
  const lastTouch = new Map<number, number>();
  let lastLocal = "";
  const latest = new Map<number, Draft>();

  /**
   * The step that this instruction goes on with: one call can be several instructions (a message is
   * sent, then awaited), and nobody who reads of it cares.
   */
  const goesOn = (thread: number, site: number, pc: number): Draft | undefined => {
    const last = latest.get(thread);
    if (last === undefined || last.site !== site || last.frame !== frameOf(m, thread)) return;
    if (pc <= last.pc || isWaiting(last)) return;
    return last === drafts.at(-1) || program.code[pc] === Op.wait ? last : undefined;
  };

  const draftOf = (thread: number, site: number, ...came: readonly Came[]): Draft => {
    const info = program.sites[site];
    return {
      thread,
      site,
      frame: frameOf(m, thread),
      pc: m.words[baseOf(m, thread) + T.pc],
      asks: [],
      gives: [],
      mentions: instances?.mentions(thread, site) ?? [],
      pointers: instances?.pointers(thread, site) ?? [],
      activation: instances?.activation(thread) ?? "",
      step: {
        ...(timed ? { timeUs: Math.round(m.clocks[baseOf(m, thread)]) - 1 } : {}),
        thread: program.threads[thread].name,
        // A service's code stands in the driver's file, but is not the driver's.
        owner:
          info.users && program.threads[thread].isService && activityOf(m, thread) === "service"
            ? program.threads[thread].owner
            : info.owner,
        routine: routineName(m, thread) || info.routine,
        operation: info.text,
        opId: info.opId,
        came,
        at: info.at,
        depth: depthOf(m, thread),
      },
    };
  };
  const put = (draft: Draft): Draft => {
    drafts.push(draft);
    latest.set(draft.thread, draft);
    return draft;
  };
  const add = (thread: number, site: number, ...came: readonly Came[]): Draft =>
    put(draftOf(thread, site, ...came));
  /** Whether the last step of a thread is of this call. */
  const isTold = (thread: number, site: number): boolean => {
    const last = latest.get(thread);
    return last?.site === site && last.frame === frameOf(m, thread);
  };
  /** Calls that may still show by themselves, since a visible operation can belong to them. */
  const open = new Map<number, Draft>();
  /** The thread is at `site`: a call that it left without having shown is told now. */
  const leave = (thread: number, site: number): void => {
    const call = open.get(thread);
    if (call === undefined || call.site === site) return;
    open.delete(thread);
    put(call);
  };
  /** The step of a call: the thread's last, if it is of that call, else a new one. */
  const stepAt = (thread: number, site: number): Draft => {
    const last = latest.get(thread);
    return last?.step.opId === program.sites[site].opId ? last : add(thread, site);
  };
  const segment = (
    thread: number,
    from: number,
    to: number,
    site: number,
    cause: number,
    waited: boolean,
  ): void => {
    if (to <= from) return;
    segments.push({
      thread,
      from,
      to,
      site,
      ...((waited ? waiters.get(thread) : undefined) ?? {
        who: describe(m, thread),
        activity: activityOf(m, thread),
      }),
      cause,
      waited,
      ...(waited && arrives[thread] === 1 ? { arrives: true } : {}),
      ...(waited ? handlers.take(thread) : {}),
    });
  };

  const visibleSites = new Set<number>();
  for (let pc = 0; pc < program.code.length; pc += stride) {
    if (program.code[pc] >= Op.firstVisible) visibleSites.add(program.code[pc + 1]);
  }

  let acting: Draft | undefined;
  let released = false;
  let handed: number | undefined;
  m.observer = (kind, thread, site, a, b) => {
    const clock = m.clocks[baseOf(m, thread)];
    switch (kind) {
      case Event.step: {
        const pc = m.words[baseOf(m, thread) + T.pc];
        acting = undefined;
        released = false;
        handed = undefined;
        instances?.look();
        outcomes.before(thread, a);
        leave(thread, site);
        open.delete(thread);
        if (m.words[baseOf(m, thread) + T.status] === Status.ready) {
          if (quietOps.includes(program.code[pc]) && a !== Alternative.stop) return;
          acting = goesOn(thread, site, pc);
        }
        if (acting === undefined) acting = add(thread, site);
        acting.pc = pc;
        lastLocal = "";
        return;
      }
      case Event.local: {
        // The pointer that the step came by is there until the next call begins.
        if (thread === acting?.thread) handed ??= m.words[baseOf(m, thread) + T.pointer];
        if (a > 0) {
          segment(thread, clock - a, clock, site, -1, false);
          costs[thread] += a;
        }
        const info = program.sites[site];
        const routine = program.routines[m.words[frameOf(m, thread) + F.routine] - 1];
        if (routine?.pc === m.words[baseOf(m, thread) + T.pc] - stride) instances?.entered(thread);
        const key = `${thread}/${site}`;
        leave(thread, site);
        // What shows by itself is told when it happens; the rest here.
        if (info.users && info.api !== "" && key !== lastLocal) {
          if (!visibleSites.has(site)) add(thread, site);
          else if (!isTold(thread, site)) open.set(thread, draftOf(thread, site));
        }
        lastLocal = key;
        return;
      }
      case Event.woken:
        causes[thread] = a;
        waitSites[thread] = site;
        noteWaiter(thread);
        released ||= a !== thread;
        if (a !== thread && acting !== undefined)
          note(acting, { kind: "releases", thread: program.threads[thread].name });
        return;
      case Event.rested:
        rests.push({ thread, from: clock - a, to: clock });
        return;
      case Event.rootEnd:
        leave(thread, -1);
        roots.push({
          kind: a,
          thread,
          site,
          to: clock,
          took: b,
          who: describe(m, thread),
          callback: isCallbackRoot(a) ? program.sites[site].routine : "",
          steps: drafts.length,
          ...(a === RootKind.request
            ? { rests: rests.filter((one) => one.thread === thread) }
            : {}),
        });
        return;
      case Event.breach:
        note(stepAt(thread, site), { kind: "breaks" });
        return;
      default:
    }
  };

  const stamps = (): void => {
    floatBefore = m.words[H.floating];
    for (let t = 0; t < program.threads.length; t++) {
      clockBefore[t] = m.clocks[baseOf(m, t)];
      wasDormant[t] = m.words[baseOf(m, t) + T.status] === Status.dormant ? 1 : 0;
    }
    costs.fill(0);
    causes.fill(-1);
    waiters.clear();
  };
  let actor = -1;
  let actorSite = 0;
  let touched = -1;
  /** Whom the acting thread's own wait was for. */
  let ownCause = -1;
  /** What is local shows in no step of its own, unless it is the last. */
  const crashed = (): void => {
    if (m.words[H.crash] === 0) return;
    const site = m.words[H.crashSite];
    const thread = crashedThread(m);
    const last = drafts.at(-1);
    if (last?.site === site && last.thread === thread) {
      if (!last.step.came.some(({ kind }) => kind === "crashes")) note(last, { kind: "crashes" });
      return;
    }
    acting = add(thread, site, { kind: "crashes" });
  };
  const settle = (): void => {
    if (actor < 0) return;
    for (const thread of [...open.keys()]) leave(thread, siteAt(m, thread));
    if (toBeTold) {
      for (let t = 0; t < program.threads.length; t++) {
        const pc = m.words[baseOf(m, t) + T.pc];
        if (pc !== pcs[t] || !stands[t]) stood[t] = drafts.length;
        stands[t] = waitingOf(m, t) !== undefined;
        pcs[t] = pc;
      }
    }
    for (let t = 0; t < program.threads.length; t++) {
      const isTold = (m.words[baseOf(m, t) + T.flags] & threadFlags.kill) !== 0;
      if (!isTold) toldBy[t] = -1;
      else if (toldBy[t] < 0) toldBy[t] = actor;
      // What the same step cost came after.
      if (t === actor || causes[t] >= 0) handlers.note(t, m.clocks[baseOf(m, t)] - costs[t]);
    }
    for (let t = 0; t < program.threads.length; t++) {
      const base = baseOf(m, t);
      if (wasDormant[t] === 1 && m.words[base + T.status] === Status.ready) {
        // All that a thread waited for before it ran is whoever started it.
        segment(t, 0, m.clocks[base] - costs[t], actorSite, actor, true);
        continue;
      }
      const jump = m.clocks[base] - clockBefore[t] - costs[t];
      if (jump <= 0 || m.words[base + T.status] === Status.dormant) continue;
      const cause = t === actor ? ownCause : causes[t] >= 0 ? causes[t] : actor;
      const site = t === actor ? actorSite : causes[t] >= 0 ? waitSites[t] : siteAt(m, t);
      segment(t, clockBefore[t], clockBefore[t] + jump, site, cause === t ? -1 : cause, true);
    }
    if (acting !== undefined) outcomes.after(acting, released);
    crashed();
    if (acting === undefined) return;
    if (instances === undefined || !handing.includes(program.code[acting.pc])) return;
    instances.look();
    const reference = handed ?? m.words[baseOf(m, actor) + T.pointer];
    const rest = acting.mentions.filter(({ word }) => acting?.pointers.includes(word) === false);
    const given = acting.pointers.flatMap((word) => instances.handed(word, reference) ?? []);
    acting.mentions = [...rest, ...given];
  };

  const end = run(m, source, {
    stepMax,
    onDecision(machine, index) {
      const code = machine.codes[index];
      actor = threadOf(code);
      const base = baseOf(machine, actor);
      const pc = machine.words[base + T.pc];
      actorSite = program.code[pc + 1];
      stamps();
      // A thread whose arrival was only put later has waited for nothing.
      const later = arrivals.before(index);
      if (later !== undefined) clockBefore[later.thread] += later.byUs;
      noteWaiter(actor);
      touched = -1;
      const at = touchedObject(machine, actor, pc);
      if (at >= 0) {
        if (releasing.includes(program.code[pc])) lastTouch.set(at, actor);
        else touched = lastTouch.get(at) ?? -1;
      }
      const alternative = alternativeOf(code);
      ownCause =
        alternative === Alternative.timeout
          ? -1
          : alternative === Alternative.interrupt
            ? toldBy[actor]
            : touched;
      const isOpen = addressOf(floatBefore) >= base && addressOf(floatBefore) <= base + 1;
      const isReady = machine.words[base + T.status] === Status.ready;
      arrives.fill(0);
      if ((floatBefore !== 0 && isOpen) || (isReady && program.code[pc] === Op.arrive))
        arrives[actor] = 1;
    },
    stop(machine) {
      settle();
      return stop?.(machine) ?? false;
    },
  });
  return {
    machine: m,
    steps: drafts.map((d) => d.step),
    drafts,
    standing(thread) {
      const base = baseOf(m, thread);
      const waits = waitingOf(m, thread);
      if (m.words[base + T.status] !== Status.ready || m.words[base + T.line] !== 0) return;
      if (waits === undefined || !["lock", "entry", "rundown"].includes(waits.what)) return;
      return { index: stood[thread], draft: draftOf(thread, waits.site, { kind: "waits" }) };
    },
    instances,
    segments,
    roots,
    quiet: end.quiet,
    decisions: end.steps,
  };
}
