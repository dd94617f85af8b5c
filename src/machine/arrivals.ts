/**
 * Timed reading: which transitions are timely, and the open arrival. When a user arrives is open until
 * somebody has seen of it who does not depend on it; until then all that followed from it can still be
 * put later (docs/semantics.md, section 15).
 */
import { Alternative, Arrival, codeOf, H, Status, T, threadOf } from "./layout.ts";
import { requestsLock } from "./lock-requests.ts";
import { baseOf, type Machine } from "./machine.ts";
import { Op } from "./opcodes.ts";
import {
  closeArrival,
  isArrivalFollowed,
  isArrivalOpen,
  isMarked,
  marked,
  noteAlong,
  openArrival,
  openUser,
  unmarked,
} from "./open-arrival.ts";

/**
 * Keeps what can go within the skew of the earliest; arrivals can come with any of them. Adds the
 * transition that puts the open arrival later.
 */
export function keepTimely(m: Machine): void {
  const { codes, times, clocks } = m;
  const { skewUs } = m.program;
  const isOpen = isArrivalOpen(m);
  const now = unmarked(clocks[H.now]);
  let earliest = Number.POSITIVE_INFINITY;
  let latest = 0;
  let firstArrival = Number.POSITIVE_INFINITY;
  let others = Number.POSITIVE_INFINITY;
  let own = Number.POSITIVE_INFINITY;
  for (let i = 0; i < m.count; i++) {
    const thread = threadOf(codes[i]);
    const base = baseOf(m, thread);
    if (isArriving(m, base)) {
      // Not before what has happened already. Who follows from the open arrival goes along.
      times[i] = isMarked(clocks[base]) ? marked(Math.max(times[i], now)) : Math.max(times[i], now);
      firstArrival = Math.min(firstArrival, times[i]);
      continue;
    }
    if (times[i] < earliest) earliest = times[i];
    if (times[i] > latest) latest = times[i];
    if (!isOpen) continue;
    if (isAlong(m, base, times[i])) own = Math.min(own, times[i]);
    else others = Math.min(others, times[i]);
  }
  if (earliest === Number.POSITIVE_INFINITY) earliest = firstArrival;
  earliest = unmarked(earliest);
  m.earliest = earliest;
  m.own = unmarked(own);
  m.others = unmarked(others);
  const comesLater = isOpen && canComeLater(m) && !isContested(m);
  if (latest > earliest + skewUs) {
    let kept = 0;
    for (let i = 0; i < m.count; i++) {
      const isLate = unmarked(times[i]) > earliest + skewUs;
      if (isLate && !isArriving(m, baseOf(m, threadOf(codes[i])))) continue;
      codes[kept] = codes[i];
      times[kept++] = times[i];
    }
    m.count = kept;
  }
  if (!comesLater) return;
  codes[m.count] = codeOf(openUser(m), Alternative.later);
  times[m.count++] = m.others;
}

/**
 * Whether a transition at this time depends on the open arrival. Who asks for a lock, or for the end
 * of a rundown, may have been kept waiting by the user: that it has waited does not depend on it.
 */
function isAlong(m: Machine, base: number, timeUs: number): boolean {
  if (!isMarked(timeUs)) return false;
  if (isMarked(m.clocks[base])) return true;
  const op = m.program.code[m.words[base + T.pc]];
  return op !== Op.acquire && op !== Op.runDown;
}

/**
 * Whether the open arrival can come so much later that what follows from it next comes with what
 * others do next, by the times `m.own` and `m.others` alone.
 */
export function canComeLater(m: Machine): boolean {
  const delayUs = m.others - m.own;
  return delayUs > m.program.skewUs && delayUs <= m.clocks[H.floating];
}

/** Whether somebody asks in vain for a lock that the user may hold: then it came when it came. */
function isContested(m: Machine): boolean {
  for (let t = 0; t < m.program.threads.length; t++) {
    if (!isMarked(m.clocks[baseOf(m, t)]) && requestsLock(m, t) && !canGo(m, t)) return true;
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

/** Whether a transition does nothing but put the open arrival later, and by how much. */
export const isPutLater = (alternative: number): boolean => alternative === Alternative.later;
export const delayOf = ({ others, own }: Machine): number => others - own;

/** What a step means to the open arrival. Returns the step's time, marked or not. */
export function noteStep(m: Machine, base: number, alternative: number, timeUs: number): number {
  if (isArriving(m, base)) {
    if (alternative !== Arrival.inPlace && isArrivalFollowed(m)) return timeUs;
    closeArrival(m);
    return openArrival(m, base, timeUs);
  }
  if (!isArrivalOpen(m)) return timeUs;
  if (isAlong(m, base, timeUs)) {
    noteAlong(m, timeUs, m.others);
    return timeUs;
  }
  // What others do leaves an arrival open that nothing shows of yet.
  if (isArrivalFollowed(m)) closeArrival(m);
  return unmarked(timeUs);
}
