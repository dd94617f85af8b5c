/**
 * Puts a program together: lays out objects, processes and threads, collects instructions, and
 * closes it all into a `Program`. Knows the machine, nothing of Windows.
 */
import { invariant } from "../base/invariant.ts";
import { leavingOf } from "../machine/checks.ts";
import { timeOperands, timeWord } from "../machine/durations.ts";
import { foresee, leapsOf } from "../machine/foresight.ts";
import { F, H, P, processState, Q, refTo, Status, T, Tag } from "../machine/layout.ts";
import { Op, stride } from "../machine/opcodes.ts";
import {
  type Component,
  likenessOf,
  type ObjectInfo,
  type Program,
  type RoutineCode,
  type Site,
  type Stopping,
  type SymmetryClass,
  type ThreadInfo,
} from "../machine/program.ts";
import { feltOps } from "./felt-ops.ts";
import type { ObjectDecl } from "./model.ts";
import { freshWords, isQueue, queueCapacity, queueWords, sizeOf } from "./object-words.ts";

export interface Label {
  pc: number;
  readonly uses: number[];
}
export const newLabel = (): Label => ({ pc: -1, uses: [] });

interface Slot {
  readonly name: string;
  readonly base: number;
  thread: number;
}

export interface ThreadSpec {
  readonly name: string;
  readonly className: string;
  readonly owner: string;
  readonly routine: number;
  readonly process: number;
  readonly ready: boolean;
  readonly isService?: boolean;
  readonly arrives?: boolean;
  /** The level that it starts at, above PASSIVE_LEVEL. */
  readonly irql?: number;
}

export interface Assembler {
  readonly code: number[];
  readonly sites: Site[];
  readonly routines: RoutineCode[];
  site: number;
  alloc(decl: ObjectDecl, owner: string, capacity?: number): number;
  allocWords(words: readonly number[]): number;
  process(name: string, role: number, state: number, told?: number): number;
  routine(code: Omit<RoutineCode, "leaving" | "pc" | "frameWords" | "template">): number;
  thread(spec: ThreadSpec): number;
  /** While a routine of user mode is compiled: where its thread can stop, in the order of its text. */
  userMode: number[] | undefined;
  emit(op: number, a?: number, b?: number, c?: number, d?: number, e?: number, f?: number): number;
  /** Makes operand `position` (0 = a) of the last instruction the address of `label`. */
  target(label: Label, position: number): void;
  place(label: Label): void;
  here(): number;
  addSite(site: Site): number;
  classNumber(name: string): number;
}

export interface Assembled extends Assembler {
  /** Whether code asks after the initial thread of a process. */
  asksInitialThread: boolean;
  /** What stands for the parent of a process that nobody of the run created; 0 where nobody asks. */
  outsideProcess: number;
  readonly slots: Slot[];
  /** How many process slots there are in all. */
  readonly slotCount: number;
  /** What stands at an address. */
  readonly objects: Map<number, ObjectInfo>;
  readonly processObjects: Map<number, ObjectInfo>;
  readonly recordKeys: Set<string>;
  readonly threads: (ThreadInfo & { readonly ready: boolean; readonly irql: number })[];
  /** The clock's table, 0 for none, and the DPC objects by the class of their threads. */
  timers: number;
  readonly dpcQueues: Map<string, number>;
  readonly frameObjects: Map<string, ObjectInfo>;
  readonly registrations: Map<number, { routine: number; owner: string }>;
  readonly workerQueues: Map<string, number>;
  readonly childSlots: number[][];
  readonly records: { bases: number[]; template: number[]; words: number; name: string }[];
  faults: number;
  /** Where a record has the link that walks follow; 0 where nobody walks lists. */
  linkAt: number;
  /** Of each routine of user mode: places where its thread can stop, and `computes`. */
  readonly userRoutines: number[][];
  finish(options: {
    stackWords: number;
    skewUs: number;
    budgets: ReadonlyMap<number, number>;
    stopping?: Stopping;
  }): Program;
}

/** Between the places where a thread of user mode can stop: it works by itself. No place of any. */
export const computes = 0;

/** The end of a thread that nobody is told of: it belongs to no path. */
const threadEnd: Site = {
  owner: "",
  routine: "",
  opId: "",
  text: "the thread ends",
  api: "",
  effects: [],
  users: false,
};

/**
 * `processes` is how many process slots there are: they come first, all alike, `perProcessWords`
 * long behind their header, started from `perProcessFresh`.
 */
export function createAssembler(
  processes: number,
  perProcessWords: number,
  perProcessFresh: readonly number[],
): Assembled {
  // Address 0 is where a thread's first routine returns to: the thread ends.
  const code: number[] = new Array(stride).fill(0);
  code[0] = Op.end;
  const longUs: number[] = [];
  const sites: Site[] = [threadEnd];
  const routines: RoutineCode[] = [];
  const threads: (ThreadInfo & { ready: boolean; irql: number })[] = [];
  const slots: Slot[] = [];
  const objects = new Map<number, ObjectInfo>();
  const classes: string[] = [];
  const queues: number[] = [];
  const processWords = P.size + perProcessWords;
  const processesEnd = H.size + processes * processWords;
  const initial: number[] = new Array(processesEnd).fill(0);

  const self: Assembled = {
    code,
    sites,
    routines,
    slots,
    slotCount: processes,
    objects,
    recordKeys: new Set(),
    threads,
    frameObjects: new Map(),
    registrations: new Map(),
    workerQueues: new Map(),
    timers: 0,
    processObjects: new Map(),
    dpcQueues: new Map(),
    childSlots: [],
    records: [],
    site: 0,
    faults: 0,
    linkAt: 0,
    userMode: undefined,
    userRoutines: [],
    asksInitialThread: false,
    outsideProcess: 0,
    alloc(decl, owner, capacity = queueCapacity) {
      const base = initial.length;
      const size = sizeOf(decl.kind, capacity);
      for (let i = 0; i < size; i++) initial.push(0);
      const fresh = freshWords(decl, base, capacity);
      for (let i = 0; i < fresh.length; i += 2) initial[fresh[i]] = fresh[i + 1];
      objects.set(base, { name: decl.name, kind: decl.kind, owner });
      if (isQueue(decl.kind)) queues.push(base);
      return base;
    },
    allocWords(words) {
      const base = initial.length;
      initial.push(...words);
      return base;
    },
    process(name, role, state, told = 0) {
      const base = H.size + slots.length * processWords;
      invariant(base < processesEnd, "every process has a slot");
      initial[base + P.tag] = Tag.process;
      initial[base + P.state] = state;
      initial[base + P.role] = role;
      initial[base + P.told] = told;
      for (let i = 0; i < perProcessFresh.length; i += 2) {
        initial[base + P.size + perProcessFresh[i]] = perProcessFresh[i + 1];
      }
      objects.set(base, { name, kind: "process", owner: "Windows" });
      slots.push({ name, base, thread: -1 });
      return base;
    },
    routine(info) {
      routines.push({
        ...info,
        leaving: leavingOf(info.role),
        pc: 0,
        frameWords: F.size,
        template: [],
      });
      return routines.length - 1;
    },
    thread(spec) {
      threads.push({
        name: spec.name,
        className: spec.className,
        owner: spec.owner,
        routine: spec.routine,
        process: spec.process,
        ready: spec.ready,
        irql: spec.irql ?? 0,
        isService: spec.isService === true,
        arrives: spec.arrives === true,
        exitPc: 0,
        endPc: 0,
      });
      return threads.length - 1;
    },
    emit(op, a = 0, b = 0, c = 0, d = 0, e = 0, f = 0) {
      const operands = [a, b, c, d, e, f];
      const time = timeOperands.get(op);
      if (time !== undefined) operands[time] = timeWord(operands[time], longUs);
      invariant(
        operands.every((word) => (word | 0) === word),
        "an operand is a whole number of 32 bits",
      );
      // In the middle of a call nothing of user mode runs.
      const isFirst = code[(self.userMode?.at(-1) ?? 0) + 1] !== self.site;
      if (isFirst && feltOps.includes(op)) self.userMode?.push(code.length);
      code.push(op, self.site, ...operands);
      return code.length - stride;
    },
    target(label, position) {
      const at = code.length - stride + 2 + position;
      if (label.pc >= 0) code[at] = label.pc;
      else label.uses.push(at);
    },
    place(label) {
      label.pc = code.length;
      for (const at of label.uses) code[at] = label.pc;
    },
    here: () => code.length,
    addSite(site) {
      sites.push(site);
      return sites.length - 1;
    },
    classNumber(name) {
      const at = classes.indexOf(name);
      return at >= 0 ? at : classes.push(name) - 1;
    },
    finish({ stackWords, skewUs, budgets, stopping }) {
      const threadFirst = initial.length;
      const threadWords = T.size + stackWords;
      const words = new Int32Array(threadFirst + threads.length * threadWords);
      words.set(initial);
      words[H.faultsLeft] = self.faults;
      words[H.stopsLeft] = stopping === undefined || stopping.places.length === 0 ? 0 : 1;
      threads.forEach((thread, i) => {
        const base = threadFirst + i * threadWords;
        // Where nobody asks, alike threads stay alike.
        if (self.asksInitialThread && words[thread.process + P.state] !== processState.none) {
          words[thread.process + P.initialThread] ||= refTo(base);
        }
        if (!thread.ready) return;
        const routine = routines[thread.routine];
        words[base + T.status] = Status.ready;
        words[base + T.irql] = thread.irql;
        words[base + T.process] = refTo(thread.process);
        words[base + T.frame] = T.size;
        words[base + T.top] = T.size + routine.frameWords;
        words[base + T.pc] = routine.pc;
        words[base + T.size + F.routine] = thread.routine + 1;
        for (let k = 0; k < routine.template.length; k += 2) {
          words[base + T.size + routine.template[k]] = routine.template[k + 1];
        }
        words[thread.process + P.live]++;
      });
      const byClass = new Map<number, number[]>();
      threads.forEach((thread, i) => {
        const number = self.classNumber(thread.className);
        byClass.set(number, [...(byClass.get(number) ?? []), i]);
      });
      const workers = new Map<number, number[]>();
      for (const [className, queue] of self.workerQueues) {
        workers.set(queue, byClass.get(self.classNumber(className)) ?? []);
      }
      const components: Component[] = [{ base: 0, size: H.size, thread: -1, queue: false }];
      for (const slot of slots) {
        components.push({ base: slot.base, size: processWords, thread: -1, queue: false });
      }
      // Queues are parts of their own: mostly empty, and empty ones are short.
      let from = processesEnd;
      for (const queue of [...queues, threadFirst]) {
        if (queue > from)
          components.push({ base: from, size: queue - from, thread: -1, queue: false });
        if (queue === threadFirst) break;
        const size = queueWords(words[queue + Q.capacity]);
        components.push({ base: queue, size, thread: -1, queue: true });
        from = queue + size;
      }
      const threadComponent = components.length;
      threads.forEach((_, i) => {
        components.push({
          base: threadFirst + i * threadWords,
          size: threadWords,
          thread: i,
          queue: false,
        });
      });
      const flat = Int32Array.from(code);
      const fore = foresee(flat, words, stopping?.places);
      const symmetry = symmetryOf(threads, slots, threadComponent, self.asksInitialThread);
      return {
        code: flat,
        fore,
        leaps: leapsOf(flat, words, fore),
        longUs: Float64Array.from(longUs),
        sites,
        routines,
        threads,
        threadBase: Int32Array.from(threads, (_, i) => threadFirst + i * threadWords),
        threadWords,
        threadFirst,
        initial: words,
        classes: byClass,
        processes: slots,
        childSlots: self.childSlots,
        records: self.records,
        linkAt: self.linkAt,
        queues: Int32Array.from(queues),
        mutexes: Int32Array.from([
          ...[...objects].filter(([, { kind }]) => kind === "KMUTEX").map(([at]) => at),
          ...[...self.processObjects]
            .filter(([, { kind }]) => kind === "KMUTEX")
            .flatMap(([at]) => slots.map(({ base }) => base + at)),
        ]),
        timers: self.timers,
        dpcQueues: Int32Array.from(self.dpcQueues.values()),
        dpcThreads: Int32Array.from(
          [...self.dpcQueues.keys()].flatMap((name) => byClass.get(self.classNumber(name)) ?? []),
        ),
        objects,
        processObjects: self.processObjects,
        recordKeys: self.recordKeys,
        frameObjects: self.frameObjects,
        workers,
        registrations: self.registrations,
        components,
        symmetry,
        likeness: likenessOf(components, symmetry),
        stopping,
        skewUs,
        budgets,
        outsideProcess: self.outsideProcess,
      };
    },
  };
  return self;
}

/**
 * Threads of one class are alike, together with the process of their own if they have one: user
 * threads of one program, children, workers of one queue.
 */
function symmetryOf(
  threads: readonly (ThreadInfo & { readonly ready: boolean })[],
  slots: readonly Slot[],
  threadComponent: number,
  asksInitialThread: boolean,
): SymmetryClass[] {
  const owners = new Map<number, number[]>();
  threads.forEach((thread, i) => {
    owners.set(thread.process, [...(owners.get(thread.process) ?? []), i]);
  });
  const groups = new Map<string, number[][]>();
  threads.forEach((thread, i) => {
    const slot = slots.findIndex((s) => s.base === thread.process);
    const alone = owners.get(thread.process)?.length === 1 && slot > 0;
    // The thread that its process refers to is like no other of that process.
    const isInitial = asksInitialThread && owners.get(thread.process)?.[0] === i;
    const whose = alone ? "own" : `${thread.process}${isInitial ? " initial" : ""}`;
    const key = `${thread.className}|${thread.routine}|${whose}`;
    const bundle = alone ? [1 + slot, threadComponent + i] : [threadComponent + i];
    groups.set(key, [...(groups.get(key) ?? []), bundle]);
  });
  return [...groups]
    .filter(([, bundles]) => bundles.length > 1)
    .map(([name, bundles]) => ({ name, bundles }));
}
