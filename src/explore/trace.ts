/** A run told step by step, beside what its latencies are told from. */
import type { Came } from "../judge/came.ts";
import type { Step } from "../judge/finding.ts";
import { createInstances, type Instances } from "../judge/instances.ts";
import { activityOf, depthOf, routineName } from "../judge/thread-activity.ts";
import { waitingOf } from "../judge/wait-for.ts";
import { isPutLater } from "../machine/arrivals.ts";
import { frameOf } from "../machine/frames.ts";
import {
  Alternative,
  alternativeOf,
  apcFlags,
  F,
  H,
  Status,
  T,
  threadOf,
} from "../machine/layout.ts";
import { crashedOfTimer, crashedThread } from "../machine/life.ts";
import {
  baseOf,
  breaches,
  createMachine,
  Event,
  type Machine,
  siteAt,
} from "../machine/machine.ts";
import { Op, stride } from "../machine/opcodes.ts";
import { unmarked } from "../machine/open-arrival.ts";
import type { Program } from "../machine/program.ts";
import type { ChoiceSource } from "./choices.ts";
import { createOutcomes, type Draft, note } from "./outcomes.ts";
import { run } from "./run.ts";
import { createSignals } from "./signals.ts";
import { recordSpans, type Spans } from "./spans.ts";
import { visibleSitesOf } from "./touched.ts";

/** An operation of which no step was taken, and how many steps came before a thread stood at it. */
export interface Stand {
  readonly index: number;
  readonly draft: Draft;
}

export interface Trace extends Spans {
  readonly steps: readonly Step[];
  /** The steps with what they speak of. */
  readonly drafts: readonly Draft[];
  /** The wait that a thread stands at without having taken a step of it, and the steps before. */
  standing(thread: number): Stand | undefined;
  /** The operation at which a thread stood to the end, when another's last step let it go on. */
  stood(thread: number): Stand;
  readonly instances: Instances;
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
): Trace {
  const m = createMachine(program, timed);
  const instances = createInstances(m);
  const outcomes = createOutcomes(m);
  const signals = createSignals(m, instances);
  const drafts: Draft[] = [];
  const spans = recordSpans(m, drafts);
  const pcs = new Int32Array(program.threads.length);
  /** Whether a thread waits by now, and the number of steps when that began. */
  const stands: boolean[] = [];
  const stoodSince = new Int32Array(program.threads.length);
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
    // A thread's end that nobody is told of belongs to no path, and has no site of its own.
    const isEnd = info.owner === "";
    return {
      thread,
      site,
      frame: frameOf(m, thread),
      pc: m.words[baseOf(m, thread) + T.pc],
      asks: [],
      gives: [],
      done: [],
      mentions: instances.mentions(thread, site),
      pointers: instances.pointers(thread, site),
      activation: instances.activation(thread),
      isInApc: isInApc(thread),
      step: {
        ...(timed ? { timeUs: m.clocks[baseOf(m, thread)] - 1 } : {}),
        thread: program.threads[thread].name,
        // A service's code stands in the driver's file, but is not the driver's.
        owner:
          info.users && program.threads[thread].isService && activityOf(m, thread) === "service"
            ? program.threads[thread].owner
            : isEnd
              ? "Windows"
              : info.owner,
        routine: routineName(m, thread) || info.routine,
        operation: info.text,
        opId: info.opId,
        ...(info.api === "" ? {} : { api: info.api }),
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
  /** Those that an APC has come ahead of: their threads stand at them still. */
  const aheadOf = new Map<number, Draft>();
  const isInApc = (thread: number): boolean =>
    (m.words[baseOf(m, thread) + T.apcFlags] & apcFlags.active) !== 0;
  /** The thread is at `site`: a call that it left without having shown is told now. */
  const leave = (thread: number, site: number): void => {
    const interrupted = aheadOf.get(thread);
    if (interrupted !== undefined && !isInApc(thread)) {
      aheadOf.delete(thread);
      if (interrupted.site !== site) put(interrupted);
    }
    const call = open.get(thread);
    if (call === undefined || call.site === site) return;
    open.delete(thread);
    if (isInApc(thread) && !call.isInApc) aheadOf.set(thread, call);
    else put(call);
  };
  /** The step of a call: the thread's last, if it is of that call, else a new one. */
  const stepAt = (thread: number, site: number): Draft => {
    const last = latest.get(thread);
    return last?.step.opId === program.sites[site].opId ? last : add(thread, site);
  };
  const visibleSites = visibleSitesOf(program);

  let acting: Draft | undefined;
  let released = false;
  let handed: number | undefined;
  const tell = (kind: number, thread: number, site: number, a: number, b: number): void => {
    switch (kind) {
      case Event.step: {
        const pc = m.words[baseOf(m, thread) + T.pc];
        acting = undefined;
        released = false;
        handed = undefined;
        instances.look();
        outcomes.before(thread, a);
        signals.before(thread, a);
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
        const info = program.sites[site];
        const routine = program.routines[m.words[frameOf(m, thread) + F.routine] - 1];
        if (routine?.pc === m.words[baseOf(m, thread) + T.pc] - stride) instances.entered(thread);
        const key = `${thread}/${site}`;
        leave(thread, site);
        // What shows by itself is told when it happens; the rest here.
        if (info.users && (info.api !== "" || info.shows === true) && key !== lastLocal) {
          if (!visibleSites.has(site)) add(thread, site);
          else if (!isTold(thread, site)) open.set(thread, draftOf(thread, site));
        }
        lastLocal = key;
        return;
      }
      case Event.woken:
        signals.woken(thread, b, latest.get(thread));
        released ||= a !== thread;
        if (a !== thread && acting !== undefined)
          note(acting, { kind: "releases", thread: program.threads[thread].name });
        return;
      case Event.rootEnd:
        leave(thread, -1);
        return;
      case Event.breach:
        // The call shows by that.
        if (open.get(thread)?.site === site) leave(thread, -1);
        note(stepAt(thread, site), { kind: "breaks", effect: breaches[a] });
        return;
      default:
    }
  };

  m.observer = (kind, thread, site, a, b) => {
    tell(kind, thread, site, a, b);
    spans.observer(kind, thread, site, a, b);
  };

  let actor = -1;
  /** What is local shows in no step of its own, unless it is the last. */
  const crashed = (): void => {
    if (m.words[H.crash] === 0) return;
    const thread = crashedThread(m);
    // Whose step it is that finds the timer set has not come to the call that set it.
    const site = crashedOfTimer(m) ? siteAt(m, thread) : m.words[H.crashSite];
    const last = drafts.at(-1);
    if (last?.site === site && last.thread === thread) {
      if (!last.step.came.some(({ kind }) => kind === "crashes")) note(last, { kind: "crashes" });
      return;
    }
    acting = add(thread, site, { kind: "crashes" });
  };
  const settle = (): void => {
    if (actor < 0) return;
    for (const thread of new Set([...open.keys(), ...aheadOf.keys()]))
      leave(thread, siteAt(m, thread));
    for (let t = 0; t < program.threads.length; t++) {
      const pc = m.words[baseOf(m, t) + T.pc];
      if (pc !== pcs[t] || !stands[t]) stoodSince[t] = drafts.length;
      stands[t] = waitingOf(m, t) !== undefined;
      pcs[t] = pc;
    }
    spans.after();
    if (acting !== undefined) {
      outcomes.after(acting, released);
      signals.after(acting);
    }
    crashed();
    if (acting === undefined || !handing.includes(program.code[acting.pc])) return;
    instances.look();
    const reference = handed ?? m.words[baseOf(m, actor) + T.pointer];
    const rest = acting.mentions.filter(({ word }) => acting?.pointers.includes(word) === false);
    const given = acting.pointers.flatMap((word) => instances.handed(word, reference) ?? []);
    acting.mentions = [...rest, ...given];
  };

  const end = run(m, source, {
    stepMax,
    onDecision(machine, index) {
      const isStep = !isPutLater(alternativeOf(machine.codes[index]));
      actor = isStep ? threadOf(machine.codes[index]) : -1;
      spans.before(index);
    },
    stop(machine) {
      settle();
      return stop?.(machine) ?? false;
    },
  });
  spans.end();
  const stood = (thread: number): Stand => {
    const draft = draftOf(thread, siteAt(m, thread), { kind: "waits" });
    if (draft.step.timeUs !== undefined)
      draft.step = { ...draft.step, timeUs: unmarked(draft.step.timeUs) };
    return { index: stoodSince[thread], draft };
  };
  return {
    machine: m,
    steps: drafts.map((d) => d.step),
    drafts,
    standing(thread) {
      const base = baseOf(m, thread);
      const waits = waitingOf(m, thread);
      if (m.words[base + T.status] !== Status.ready || m.words[base + T.line] !== 0) return;
      if (waits === undefined || !["lock", "entry", "rundown"].includes(waits.what)) return;
      return stood(thread);
    },
    stood,
    instances,
    segments: spans.segments,
    roots: spans.roots,
    quiet: end.quiet,
    decisions: end.steps,
  };
}
