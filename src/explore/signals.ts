/**
 * What a told run did to signals: who set, cleared and took what others wait for, and which timers
 * were called off. Objects that nobody owns keep no record of that themselves.
 */
import type { Asked } from "../judge/chain.ts";
import type { Step } from "../judge/finding.ts";
import type { Departures } from "../judge/gone.ts";
import type { Instances } from "../judge/instances.ts";
import { framesOf } from "../judge/objects.ts";
import type { SignalPast } from "../judge/signal-past.ts";
import { locate } from "../machine/frames.ts";
import { addressOf, Result, Returning, Status, T, Tag, waitFlags } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { timersIn } from "../machine/objects/timer.ts";
import { Op } from "../machine/opcodes.ts";

type Act =
  | "sets"
  | "clears"
  | "takes"
  | "gives"
  | "arms"
  | "cancels"
  | "expires"
  | "raises"
  | "lowers"
  | "writes"
  | "removes";

/** One act on one object, in order of time; `holder` tells incarnations of an address apart. */
export interface Done {
  readonly act: Act;
  readonly at: number;
  readonly holder: string;
  readonly order: number;
}

/** Where acts are noted: a step while it is being told. */
export interface Doing {
  readonly thread: number;
  readonly step: Pick<Step, "thread" | "opId" | "came" | "depth">;
  readonly frame: number;
  readonly done: Done[];
}

const actOf: Readonly<Record<number, Act>> = {
  [Op.set]: "sets",
  [Op.reset]: "clears",
  [Op.pulse]: "sets",
  [Op.release]: "gives",
  [Op.protect]: "takes",
  [Op.unprotect]: "gives",
  [Op.setTimer]: "arms",
  [Op.cancelTimer]: "cancels",
  [Op.unregister]: "removes",
  [Op.processDead]: "removes",
};

/** What does nothing where it comes back with failure. */
const mayFail: readonly number[] = [Op.cancelTimer, Op.protect, Op.unregister];

/** Objects of which a wait takes something that is gone for others. */
const taken: readonly number[] = [
  Tag.synchronizationEvent,
  Tag.synchronizationTimer,
  Tag.semaphore,
];

export interface Signals {
  before(thread: number, alternative: number): void;
  /** The step of the transition. */
  after(doing: Doing): void;
  /** The wait of a thread ends with a result; `doing`: the step that began it. */
  woken(thread: number, result: number, doing: Doing | undefined): void;
}

export function createSignals(m: Machine, instances: Instances): Signals {
  const { words, program } = m;
  const { code } = program;
  let order = 0;
  let now:
    | {
        thread: number;
        op: number;
        objects: number[];
        order: number;
        value?: number;
        isCount?: boolean;
      }
    | undefined;
  let all = false;

  const note = (doing: Doing, act: Act, at: number, when = order++): void => {
    doing.done.push({ act, at, holder: holderOf(instances, at), order: when });
  };
  const takes = (doing: Doing, objects: readonly number[], result: number, each: boolean): void => {
    const of = each ? objects : objects.slice(result - Result.object0).slice(0, 1);
    for (const at of objects.length === 1 ? objects : of) {
      if (taken.includes(words[at])) note(doing, "takes", at);
    }
  };

  return {
    before(thread, alternative) {
      const base = baseOf(m, thread);
      const pc = words[base + T.pc];
      const op = code[pc];
      now = undefined;
      if (words[base + T.status] !== Status.ready) return;
      if (op === Op.wait) {
        all = (code[pc + 7] & waitFlags.all) !== 0;
        const count = code[pc + 7] & waitFlags.count;
        const objects = Array.from({ length: count }, (_, i) =>
          locate(m, thread, code[pc + 2 + i]),
        );
        now = { thread, op, objects, order };
      } else if (op === Op.expire) {
        now = { thread, op, objects: timersIn(m), order: order++ };
      } else if (op === Op.add || op === Op.store) {
        const at = locate(m, thread, code[pc + 2]);
        // What lies in a frame can be gone behind the step.
        if (at < 0 || at >= program.threadFirst) return;
        // An exchange adds nothing, and stores behind that.
        const isCount = op === Op.add && code[pc + 3] !== 0;
        now = { thread, op, objects: [at], order: order++, value: words[at], isCount };
      } else if (op in actOf && !(op === Op.unprotect && alternative === Returning.regions)) {
        // Whoever it releases takes after it.
        now = { thread, op, objects: [locate(m, thread, code[pc + 2])], order: order++ };
      }
    },
    after(doing) {
      if (now === undefined || now.objects.some((at) => at < 0)) return;
      const { thread, op, objects } = now;
      const base = baseOf(m, thread);
      const result = words[base + T.result];
      if (op === Op.wait) {
        if (words[base + T.status] === Status.ready && isSuccess(result))
          takes(doing, objects, result, all);
      } else if (op === Op.expire) {
        const left = timersIn(m);
        for (const at of objects) if (!left.includes(at)) note(doing, "expires", at, now.order);
      } else if (op === Op.add || op === Op.store) {
        const change = words[objects[0]] - (now.value ?? 0);
        const isCount = now.isCount === true;
        const act = isCount ? (change > 0 ? "raises" : "lowers") : "writes";
        if (change !== 0) note(doing, act, objects[0], now.order);
      } else if (!mayFail.includes(op) || result === Result.success) {
        note(doing, actOf[op], objects[0], now.order);
        if (op === Op.pulse) note(doing, "clears", objects[0]);
      }
    },
    woken(thread, result, doing) {
      if (doing === undefined || !isSuccess(result)) return;
      const wait = words[baseOf(m, thread) + T.wait];
      const objects = Array.from({ length: wait & waitFlags.count }, (_, i) =>
        addressOf(words[baseOf(m, thread) + T.waitObject + i]),
      );
      takes(doing, objects, result, (wait & waitFlags.all) !== 0);
    },
  };
}

const isSuccess = (result: number): boolean =>
  result === Result.success || (result >= Result.object0 && result < Result.object0 + 4);

const holderOf = (instances: Instances, at: number): string => instances.object(at)?.holder ?? "";

/** How those went who would have ended a wait, as far as these steps tell. */
export const departuresIn = (steps: readonly Doing[]): Departures => ({
  goneAt: (address) =>
    steps.findLastIndex(({ done }) =>
      done.some((one) => one.act === "removes" && one.at === address),
    ),
  failedAt: (opIds) =>
    steps.findLastIndex(
      ({ step }) => opIds.includes(step.opId) && step.came.some(({ kind }) => kind === "fails"),
    ),
});

/** What became of the signal that somebody waits for; undefined where nothing is known. */
export function pastOf(
  m: Machine,
  instances: Instances,
  steps: readonly Doing[],
  asked: Asked,
): SignalPast | undefined {
  const { address } = asked;
  const holder = holderOf(instances, address);
  const acts = steps
    .flatMap(({ done, step, thread }, index) =>
      done.map((one) => ({ ...one, index, who: step.thread, thread })),
    )
    .sort((a, b) => a.order - b.order);
  const own = acts.filter((one) => one.at === address && one.holder === holder);
  const pasts = [
    lostBy(steps, own, asked),
    takenBy(m, steps, counted.includes(m.words[address]), own, asked),
    calledOff(m, instances, acts, asked),
  ].flatMap((past) => past ?? []);
  // What came last is why there is none now.
  return pasts.sort((a, b) => b.order - a.order)[0]?.past ?? countedUp(m, acts, asked);
}

/**
 * The last who counted a variable up that nobody has counted down since, or who wrote it: each count
 * down is of who counted up himself, or else of who did first.
 */
function countedUp(m: Machine, acts: readonly Noted[], { counter }: Asked): SignalPast | undefined {
  if (counter === undefined) return undefined;
  // What a run begins with is counted down first of all.
  let left = m.program.initial[counter.address];
  const open: Noted[] = [];
  for (const one of acts.filter(({ at }) => at === counter.address)) {
    if (one.act === "raises") open.push(one);
    if (one.act !== "lowers") continue;
    const own = open.findLastIndex(({ thread }) => thread === one.thread);
    if (own < 0 && left > 0) left--;
    else open.splice(Math.max(0, own), 1);
  }
  const last = open.at(-1);
  const { name, isTooHigh } = counter;
  const written = acts.findLast(({ act, at }) => act === "writes" && at === counter.address);
  if (name === undefined && written !== undefined && written.order > (last?.order ?? -1))
    return { kind: "changed", step: written.index, by: written.who };
  if (last === undefined || !isTooHigh) return undefined;
  const past = { kind: "countedUp", step: last.index, by: last.who } as const;
  return name === undefined ? past : { ...past, counter: name };
}

/** Of these each taker gives back his own. */
const counted: readonly number[] = [Tag.semaphore, Tag.rundown];

/** The signal that was there before an act: the first since it was cleared or taken. */
function setBefore(own: readonly Noted[], { order }: Noted): Noted | undefined {
  const before = own.filter((one) => one.order < order);
  const gone = before.findLast(({ act }) => act === "clears" || act === "takes");
  return before.find((one) => one.act === "sets" && one.order > (gone?.order ?? -1));
}

interface Past {
  readonly past: SignalPast;
  readonly order: number;
}

type Noted = Done & { readonly index: number; readonly who: string; readonly thread: number };

/** An event set, and cleared again before the one who needs it waited for it. */
function lostBy(
  steps: readonly Doing[],
  own: readonly Noted[],
  { waiter, opId }: Asked,
): Past | undefined {
  const cleared = own.findLast(({ act }) => act === "clears");
  if (cleared === undefined) return undefined;
  const set = setBefore(own, cleared);
  if (set === undefined || own.some((one) => one.act === "sets" && one.order > cleared.order))
    return undefined;
  // Who was let go by that very signal has not lost it.
  const { came } = steps[set.index].step;
  if (came.some((one) => one.kind === "releases" && one.thread === waiter)) return undefined;
  const asks = steps.findIndex(
    ({ step }, i) => i > cleared.index && step.thread === waiter && step.opId === opId,
  );
  const { order, index: step } = cleared;
  const past = { kind: "cleared", set: set.index, step } as const;
  return { order, past: asks < 0 ? past : { ...past, asks } };
}

/** Whoever took what there was, and has given nothing back since. */
function takenBy(
  m: Machine,
  steps: readonly Doing[],
  isCounted: boolean,
  own: readonly Noted[],
  { waiter }: Asked,
): Past | undefined {
  const last = own.findLast(
    (one) =>
      one.act === "takes" &&
      !own.some(
        ({ act, order, thread }) =>
          order > one.order &&
          (isCounted ? act === "gives" && thread === one.thread : act === "sets"),
      ),
  );
  // A signal is there to be taken by who waits for it.
  if (last === undefined || (!isCounted && last.who === waiter)) return undefined;
  const set = setBefore(own, last);
  const waited = steps[last.index].step.came.some(({ kind }) => kind === "waits");
  const taken = { kind: "taken", step: last.index, by: last.who } as const;
  return {
    order: last.order,
    past: {
      ...taken,
      ...(waited ? { waited } : {}),
      ...(set === undefined ? {} : { set: set.index }),
      ...(isInside(m, steps, last) ? { isInside: true } : {}),
    },
  };
}

/** Whether the frame in which a thread did it is on its stack still, and has not been left since. */
function isInside(m: Machine, steps: readonly Doing[], { index, thread }: Noted): boolean {
  const { frame, step } = steps[index];
  return (
    frame !== 0 &&
    framesOf(m, thread).includes(frame) &&
    !steps.some((one, i) => i > index && one.thread === thread && one.step.depth < step.depth)
  );
}

/** A timer that was cancelled for good, and would have been the signal, or its DPC have set it. */
function calledOff(
  m: Machine,
  instances: Instances,
  acts: readonly Noted[],
  { address, endsIt }: Asked,
): Past | undefined {
  const found = acts.findLast((one) => {
    if (one.act !== "cancels" || one.holder !== holderOf(instances, one.at)) return false;
    if (acts.some(({ act, at, order }) => act === "arms" && at === one.at && order > one.order))
      return false;
    const dpc = m.words[one.at + 3] - 1;
    return one.at === address || (dpc >= 0 && endsIt(dpc));
  });
  if (found === undefined) return undefined;
  return { order: found.order, past: { kind: "calledOff", step: found.index } };
}
