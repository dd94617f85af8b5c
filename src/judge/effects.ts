/**
 * What callbacks do in effect, observed in runs: the evidence that rules are written over. A wait
 * counts by who ended it, not by the object's name; waiting for a lock that its holder gives back
 * without waiting itself is short and breaks nothing (R5's note).
 */
import { systemRole } from "../language/scope.ts";
import {
  addressOf,
  attachedShift,
  H,
  Irql,
  P,
  Status,
  T,
  Tag,
  waitFlags,
} from "../machine/layout.ts";
import {
  baseOf,
  breaches,
  Event,
  isAlive,
  type Machine,
  type Observer,
} from "../machine/machine.ts";
import { Op, stride } from "../machine/opcodes.ts";
import type { Site } from "../machine/program.ts";
import { wanted } from "../machine/waits.ts";
import { endersOf, endsPoll, pollsOf } from "./awaited-polls.ts";
import { heldLocks, holdsLock } from "./held-locks.ts";
import { awaitsDpcs, type LetGo, letGoBy, releasingSites } from "./held-up-effects.ts";
import { capturesLeadTo, framesOf, frameWithRole, routineOfFrame } from "./objects.ts";
import { activityOf, callbackFrame } from "./thread-activity.ts";

export interface Evidence {
  readonly effect: string;
  /** Rules that the family of the callback names in which it was seen, where it says so. */
  readonly rules: readonly string[] | undefined;
  readonly site: number;
  /** Order of discovery: the search's transition number. */
  readonly moment: number;
}

export interface EffectWatch {
  readonly observer: Observer;
  readonly evidence: Map<string, Evidence>;
  /** Sites that ran. */
  readonly reached: Uint8Array;
  moment: number;
}

export function watchEffects(m: Machine): EffectWatch {
  const evidence = new Map<string, Evidence>();
  const { sites } = m.program;
  const reached = new Uint8Array(sites.length);
  const heeded = heededSites(m);
  const pollEnders = endersOf(m.program);
  const watch: EffectWatch = { observer, evidence, reached, moment: 0 };
  let running = 0;
  const note: Note = (effect, site) => noteIn(effect, site, rulesAt(m, running));
  const noteIn = (effect: string, site: number, rules: readonly string[] | undefined): void => {
    const key = `${effect}@${sites[site].owner}/${sites[site].opId}@${rules ?? ""}`;
    if (!evidence.has(key)) evidence.set(key, { effect, rules, site, moment: watch.moment });
  };

  function observer(kind: number, thread: number, site: number, a: number): void {
    running = thread;
    const isRun = kind === Event.step || kind === Event.local;
    if (isRun) reached[site] = 1;
    // A run ends at a crash: what that operation would have done besides is nobody's.
    if (m.words[H.crash] !== 0) return;
    switch (kind) {
      case Event.step:
      case Event.local:
        if (heeded[site] === 0) {
          // Nothing more to learn there.
          m.heard[site] = 1;
          return;
        }
        for (const effect of effectsOfCall(m, thread, sites[site])) note(effect, site);
        for (const { effect, rules } of forbiddenIn(m, thread, sites[site])) {
          noteIn(effect, site, rules);
        }
        if (
          kind === Event.step &&
          sites[site].users &&
          isSuspendableHolder(m, thread, sites[site])
        ) {
          note("protectsWhileSuspendable", site);
        }
        if (kind === Event.step) {
          notePollsEnded(m, thread, pollEnders, noteIn);
          for (const one of letGoBy(m, thread, a)) noteLetGo(m, thread, one, noteIn);
        }
        return;
      case Event.blocked:
        if (sites[site].users && isAttached(m, thread) && !isDelayed(m, thread)) {
          note("actsWhileAttached", site);
        }
        return;
      case Event.heldUp:
        if (!sites[site].users) return;
        if (isAttached(m, thread)) note("actsWhileAttached", site);
        if (awaitsDpcs(m, thread)) note("callbackBlocksOnOtherThread", site);
        return;
      case Event.woken:
        if (sites[site].users) woken(m, thread, site, a, note);
        return;
      case Event.breach:
        note(breaches[a], site);
        return;
      default:
    }
  }
  return watch;
}

type Note = (effect: string, site: number) => void;

/** Rules that bind the innermost callback on the stack, where its family says so. */
function rulesAt(m: Machine, thread: number): readonly string[] | undefined {
  const frame = callbackFrame(m, thread);
  return frame === 0 ? undefined : routineOfFrame(m, frame).rules;
}

/** Another run begins: what the last one showed is forgotten, but not which sites ran. */
export function forgetEffects(watch: EffectWatch): void {
  watch.evidence.clear();
  watch.moment = 0;
}

/** Tags that `effectsOfCall` asks for, beside those that a family forbids its callbacks. */
const tagsAsked: readonly string[] = ["registry", "fileIo", "ipc"];

/** Sites of users' drivers whose calls can have an effect by being made. */
function heededSites({ program }: Machine): Uint8Array {
  const { code, sites, routines } = program;
  const tags = new Set([
    ...tagsAsked,
    ...routines.flatMap(({ forbids }) => Object.keys(forbids ?? {})),
  ]);
  const heeded = Uint8Array.from(sites, ({ users, effects }) =>
    users && effects.some((effect) => tags.has(effect)) ? 1 : 0,
  );
  for (let pc = 0; pc < code.length; pc += stride) {
    const site = code[pc + 1];
    if (code[pc] === Op.protect && sites[site].users) heeded[site] = 1;
  }
  for (const pc of endersOf(program).keys()) heeded[code[pc + 1]] = 1;
  for (const site of releasingSites(program)) heeded[site] = 1;
  return heeded;
}

const none: readonly never[] = [];

/** What a call does by being made in the state that its thread is in. */
function effectsOfCall(m: Machine, thread: number, site: Site): readonly string[] {
  const { effects } = site;
  if (effects.length === 0) return none;
  const found: string[] = [];
  const frame = callbackFrame(m, thread);
  const touchesRegistry = effects.includes("registry");
  const doesFileIo =
    effects.includes("fileIo") &&
    !(effects.includes("declinesWithoutApcs") && !specialApcsReach(m, thread));
  if (touchesRegistry && frame !== 0) found.push("callbackTouchesRegistry");
  if (doesFileIo && holdsLock(m, thread, site.owner)) found.push("fileIoHoldingLock");
  if ((doesFileIo || touchesRegistry || effects.includes("ipc")) && isAttached(m, thread)) {
    found.push("actsWhileAttached");
  }
  return found;
}

function specialApcsReach(m: Machine, thread: number): boolean {
  const base = baseOf(m, thread);
  return m.words[base + T.irql] < Irql.apc && m.words[base + T.guarded] === 0;
}

const isAttached = (m: Machine, thread: number): boolean =>
  m.words[baseOf(m, thread) + T.flags] >> attachedShift > 0;

/** Waiting for nothing but time. */
function isDelayed(m: Machine, thread: number): boolean {
  const base = baseOf(m, thread);
  return (m.words[base + T.wait] & (waitFlags.active | waitFlags.count)) === waitFlags.active;
}

interface Forbidden {
  readonly effect: string;
  readonly rules: readonly string[] | undefined;
}

/**
 * What a call is to the families of the callbacks on the stack, whatever else runs above them: the
 * lock that B3 is about is held until the callback returns.
 */
function forbiddenIn(m: Machine, thread: number, { effects }: Site): readonly Forbidden[] {
  if (effects.length === 0) return none;
  return framesOf(m, thread).flatMap((frame) => {
    const { forbids, rules } = routineOfFrame(m, frame);
    const own = forbids === undefined ? none : effects.filter((tag) => Object.hasOwn(forbids, tag));
    return own.map((tag) => ({ effect: forbids?.[tag] ?? tag, rules }));
  });
}

/**
 * About to take rundown protection where somebody could suspend it, and so hold up the owner for as
 * long (B16): a thread of a process other than System, with kernel APCs on.
 */
function isSuspendableHolder(m: Machine, thread: number, { effects }: Site): boolean {
  const { words } = m;
  const base = baseOf(m, thread);
  if (m.program.code[words[base + T.pc]] !== Op.protect) return false;
  // What is kept over threads is held up by none of them.
  if (effects.includes("keptAcrossThreads")) return false;
  if (!specialApcsReach(m, thread) || words[base + T.critical] > 0) return false;
  return words[addressOf(words[base + T.process]) + P.role] !== systemRole;
}

/** A mutex that comes is a short lock, a timer is time. */
const own: readonly number[] = [Tag.mutex, Tag.notificationTimer, Tag.synchronizationTimer];

function woken(m: Machine, thread: number, site: number, actor: number, note: Note): void {
  const base = baseOf(m, thread);
  const frame = callbackFrame(m, thread);
  if (frame === 0) return;
  const count = m.words[base + T.wait] & waitFlags.count;
  const object = addressOf(m.words[base + T.waitObject]);
  let owned = 0;
  while (owned < count && own.includes(m.words[addressOf(m.words[base + T.waitObject + owned])]))
    owned++;
  // A delay is nobody's, but where it comes between two looks for what somebody else does.
  if (owned === count) {
    for (const poll of pollsOf(m, thread, frame)) {
      if (!poll.isOwnDoing) note("callbackBlocksOnOtherThread", poll.site);
    }
    return;
  }
  note("callbackBlocksOnOtherThread", site);
  const isMessage = m.words[object] === Tag.message;
  const wants = isMessage ? m.words[object + 3] : wanted.reply;
  const writes = wants === wanted.room;
  // Who gave up waiting for a message has asked a service all the same, and only services answer.
  const isTheirs = actor === thread ? isMessage : m.program.threads[actor].isService === true;
  if (isTheirs || (isMessage && !writes)) {
    // Who only tells a service something asks it nothing.
    if (wants === wanted.reply) note("callbackAsksUserMode", site);
    note("callbackWaitsForIpc", site);
  }
  if (actor === thread) return;
  const objects = Array.from({ length: count }, (_, i) =>
    addressOf(m.words[base + T.waitObject + i]),
  );
  noteItem(m, thread, frame, actor, (effect) => note(effect, site), objects);
}

/** Who lets a callback go is who that waits for; who gave up has waited all the same. */
function noteLetGo(
  m: Machine,
  actor: number,
  { thread, frame, site, isPort }: LetGo,
  noteIn: (effect: string, site: number, rules: readonly string[] | undefined) => void,
): void {
  const note = (effect: string): void => noteIn(effect, site, rulesAt(m, thread));
  const isTheirs = actor !== thread && m.program.threads[actor].isService;
  note("callbackBlocksOnOtherThread");
  if (isTheirs) note("callbackAsksUserMode");
  if (isTheirs || isPort) note("callbackWaitsForIpc");
  if (actor !== thread) noteItem(m, thread, frame, actor, note);
}

/**
 * A work item ends what a callback waits for.
 * @param objects What the wait was for: a mutex among these it took only as it ended (SY-19).
 */
function noteItem(
  m: Machine,
  thread: number,
  frame: number,
  actor: number,
  note: (effect: string) => void,
  objects: readonly number[] = none,
): void {
  if (activityOf(m, actor) !== "workItem" || !isOwnItem(m, frame, actor)) return;
  note("callbackAwaitsQueuedWork");
  const held = heldLocks(m, thread).filter(
    ({ address }) => !objects.includes(address) || m.words[address + 2] > 1,
  );
  if (held.length > 0) note("awaitsWorkHoldingLock");
}

/** Who is about to end a poll that another thread's callback sleeps in is who that waits for. */
function notePollsEnded(
  m: Machine,
  actor: number,
  enders: ReturnType<typeof endersOf>,
  noteIn: (effect: string, site: number, rules: readonly string[] | undefined) => void,
): void {
  const base = baseOf(m, actor);
  const here =
    m.words[base + T.status] === Status.ready ? enders.get(m.words[base + T.pc]) : undefined;
  if (here === undefined) return;
  for (let thread = 0; thread < m.program.threads.length; thread++) {
    const frame = thread === actor || !isAlive(m, thread) ? 0 : callbackFrame(m, thread);
    if (frame === 0) continue;
    const polls = pollsOf(m, thread, frame);
    for (const ender of here) {
      const { site } = ender.poll;
      if (!polls.includes(ender.poll) || !endsPoll(m, actor, thread, ender)) continue;
      const note = (effect: string): void => noteIn(effect, site, rulesAt(m, thread));
      note("callbackBlocksOnOtherThread");
      if (m.program.threads[actor].isService === true) {
        note("callbackAsksUserMode");
        note("callbackWaitsForIpc");
      }
      noteItem(m, thread, frame, actor, note);
    }
  }
}

/** An item of the activation, or one of the same driver that serves all of them. */
function isOwnItem(m: Machine, activation: number, actor: number): boolean {
  const item = frameWithRole(m, actor, "workItem");
  if (item === 0) return false;
  if (capturesLeadTo(m, item, activation)) return true;
  return routineOfFrame(m, item).owner === routineOfFrame(m, activation).owner;
}
