/**
 * Timed reading: which transitions are timely, and the open arrival. When a user arrives is open until
 * somebody else has seen of it; until then all that it has done can still be put later
 * (docs/semantics.md, section 15).
 */
import { locate } from "./frames.ts";
import {
  Alternative,
  Arrival,
  alternativeOf,
  codeOf,
  H,
  refTo,
  Status,
  T,
  Tag,
  threadOf,
} from "./layout.ts";
import { requestsLock } from "./lock-requests.ts";
import { baseOf, type Machine } from "./machine.ts";
import { isOfOpenArrival } from "./objects/timer.ts";
import { Op } from "./opcodes.ts";
import { closeArrival, isMovedOpen, isOpen, openUser, putTimersLater } from "./open-arrival.ts";

/**
 * Keeps what can go within the skew of the earliest. Arrivals can come with any of them; and while
 * nothing but one user has moved since it arrived, what others would do next can go too, as if the
 * user had arrived that much later. Adds the other ways in which the open arrival can come later.
 */
export function keepTimely(m: Machine): void {
  const { codes, times, clocks } = m;
  const { skewUs } = m.program;
  const user = m.words[H.floating] === 0 ? -1 : openUser(m);
  let earliest = Number.POSITIVE_INFINITY;
  let latest = 0;
  let firstArrival = Number.POSITIVE_INFINITY;
  let others = Number.POSITIVE_INFINITY;
  let own = Number.POSITIVE_INFINITY;
  for (let i = 0; i < m.count; i++) {
    if (isArriving(m, baseOf(m, threadOf(codes[i])))) {
      firstArrival = Math.min(firstArrival, Math.max(times[i], clocks[H.now]));
      continue;
    }
    if (times[i] < earliest) earliest = times[i];
    if (times[i] > latest) latest = times[i];
    if (user < 0) continue;
    if (isOwn(m, user, codes[i])) own = Math.min(own, times[i]);
    else others = Math.min(others, times[i]);
  }
  if (earliest === Number.POSITIVE_INFINITY) earliest = firstArrival;
  m.earliest = earliest;
  m.own = own;
  const isOpenStill = user >= 0 && canComeLater(m, own, others) && !isContested(m, user);
  const isAnyArrival = firstArrival !== Number.POSITIVE_INFINITY;
  if (!isAnyArrival && !isOpenStill && latest <= earliest + skewUs) return;
  // Who has done nothing yet can arrive behind what others do next.
  const isMoved = isOpenStill && isMovedOpen(m);
  let kept = 0;
  for (let i = 0; i < m.count; i++) {
    const isArrival = isArriving(m, baseOf(m, threadOf(codes[i])));
    // Not before what has happened already.
    const time = isArrival ? Math.max(times[i], clocks[H.now]) : times[i];
    const isFree = isMoved && !isArrival && !isOwn(m, user, codes[i]);
    if (time > (isFree ? others : earliest) + skewUs) continue;
    codes[kept] = codes[i];
    times[kept++] = time;
  }
  m.count = kept;
  if (isOpenStill && others !== Number.POSITIVE_INFINITY) addLater(m, user, others);
}

/**
 * Whether the open arrival could come later, by the times alone: of the user's own next transition and
 * of the earliest of others. Where all go at about one time, later would be the same.
 */
export function canComeLater(m: Machine, own: number, others: number): boolean {
  const { skewUs } = m.program;
  return isMovedOpen(m) ? others > own || own > others + skewUs : others - own > skewUs;
}

/** Whether a transition is the user's, or of a timer that it has set since it arrived. */
function isOwn(m: Machine, open: number, code: number): boolean {
  if (threadOf(code) === open) return true;
  const op = m.program.code[m.words[baseOf(m, threadOf(code)) + T.pc]];
  return op === Op.expire && isOfOpenArrival(m, alternativeOf(code));
}

/** How the open arrival can come later without a step of another, which comes at `others`. */
function addLater(m: Machine, thread: number, others: number): void {
  const base = baseOf(m, thread);
  const { skewUs } = m.program;
  const last = m.clocks[base];
  const { own } = m;
  // Others go first anyway: then right behind what the user did last, too.
  const isIdle = own > others + skewUs;
  if (isIdle && isMovedOpen(m) && others - last > skewUs) add(m, thread, Alternative.late, others);
  if (own === Number.POSITIVE_INFINITY || others - own <= skewUs) return;
  if (own > last || takesAway(m, thread, base)) add(m, thread, Alternative.meets, others);
}

function add(m: Machine, thread: number, alternative: number, timeUs: number): void {
  m.codes[m.count] = codeOf(thread, alternative);
  m.times[m.count++] = timeUs;
}

/** What can keep another from its next step, or has it go on earlier: by operation. */
const canTakeAway = new Set<number>([
  Op.acquire,
  Op.protect,
  Op.set,
  Op.pulse,
  Op.enqueue,
  Op.dequeue,
  Op.send,
  Op.reply,
  Op.disconnect,
  Op.queueApc,
  Op.alert,
  Op.suspend,
  Op.terminate,
  Op.processDead,
  Op.end,
  Op.setTimer,
  Op.cancelTimer,
]);

/** Whether what a thread does next can take away what another would do next. */
function takesAway(m: Machine, thread: number, base: number): boolean {
  const pc = m.words[base + T.pc];
  const op = m.program.code[pc];
  if (op !== Op.release) return canTakeAway.has(op);
  const object = locate(m, thread, m.program.code[pc + 2]);
  return object >= 0 && (m.words[object] === Tag.semaphore || m.words[object] === Tag.mutex);
}

/** Whether somebody asks in vain for a lock that the user may hold: then it came when it came. */
function isContested(m: Machine, user: number): boolean {
  for (let t = 0; t < m.program.threads.length; t++) {
    if (t !== user && requestsLock(m, t) && !canGo(m, t)) return true;
  }
  return false;
}

function canGo(m: Machine, thread: number): boolean {
  for (let i = 0; i < m.count; i++) if (m.codes[i] === codeOf(thread, 0)) return true;
  return false;
}

/** Whether a thread, by its base, is a user's that is about to arrive. */
export const isArriving = ({ words, program }: Machine, base: number): boolean =>
  words[base + T.status] === Status.ready && program.code[words[base + T.pc]] === Op.arrive;

/** Whether a transition does nothing but put the open arrival later. */
export const isPutLater = (alternative: number): boolean =>
  alternative === Alternative.late || alternative === Alternative.meets;

/** By how much such a transition, at its time as `keepTimely` has it, puts the arrival later. */
export function delayOf(m: Machine, thread: number, alternative: number, timeUs: number): number {
  return timeUs - (alternative === Alternative.late ? m.clocks[baseOf(m, thread)] : m.own);
}

/** Everything that the user has done since it arrived happened that much later. */
export function putLater(m: Machine, delayUs: number): void {
  const { words, clocks } = m;
  const from = baseOf(m, openUser(m));
  const end = from + words[from + T.top];
  for (let i = from; i < end; i++) if (clocks[i] > 0) clocks[i] += delayUs;
  if (clocks[from] > clocks[H.now]) clocks[H.now] = clocks[from];
  putTimersLater(m, delayUs);
  closeArrival(m);
}

/**
 * By how much another's step puts the open arrival later: one that is let go before its time, as that
 * is while nobody has seen of the arrival. 0 if it goes in its own time.
 */
export function delayBy(m: Machine, base: number, timeUs: number): number {
  if (m.words[H.floating] === 0 || isOpen(m, base) || isArriving(m, base)) return 0;
  if (timeUs <= m.earliest + m.program.skewUs) return 0;
  return Math.max(0, timeUs - m.clocks[baseOf(m, openUser(m))]);
}

/** What a step means to the open arrival. */
export function noteStep(m: Machine, base: number, alternative: number): void {
  const { words } = m;
  if (isArriving(m, base)) {
    if (alternative !== Arrival.inPlace && isMovedOpen(m)) return;
    closeArrival(m);
    words[H.floating] = refTo(base);
  } else if (isOpen(m, base)) words[H.floating] = refTo(base) + 1;
  // What others do leaves an arrival open that nothing shows of yet.
  else if (isMovedOpen(m)) closeArrival(m);
}
