/**
 * Random walks from lock to lock, in one loop: what lock-heavy code mostly does, at a fraction of a
 * step's price. `step` and `enabled` say the same; a property test holds them together.
 */
import { nextBelow, type Random } from "../base/random.ts";
import { canComeLater } from "./arrivals.ts";
import { transitionsOf } from "./enabled.ts";
import { Hop, Leap, Way } from "./foresight.ts";
import { locate } from "./frames.ts";
import { codeOf, H, Q, Result, refTo, Status, T } from "./layout.ts";
import { baseOf, listens, type Machine } from "./machine.ts";
import { disown, own } from "./objects/exclusive-lock.ts";
import { Op, stride } from "./opcodes.ts";
import {
  closeArrival,
  isArrivalFollowed,
  isArrivalOpen,
  isMarked,
  marked,
  unmarked,
} from "./open-arrival.ts";
import { isTooLarge, type Standing } from "./standing.ts";

/** What `hop` draws where it draws no transition: the run is over; who can go has to be asked. */
export const Drawn = { none: -1, ask: -2 } as const;

/**
 * A random walk as far as it goes from lock to lock: `stepStanding`, again and again, while a thread
 * of `free` takes or gives back a lock and stands at its next operation with no more than checks
 * and costs between, unheard. Nobody is answered by that, and what those can do who have to be asked
 * stays as it is. It keeps no account of who is done, which only searches ask for.
 *
 * Fills `codes` from `steps` on; returns how many there are then. `drawn` is the transition that was
 * drawn last and goes otherwise, with its time, or a `Drawn`.
 */
export function hop(
  m: Machine,
  standing: Standing,
  random: Random,
  codes: Int32Array,
  steps: number,
): number {
  standing.drawn = Drawn.ask;
  if (isTooLarge(standing) || (standing.ask !== 0 && !askAhead(m, standing))) return steps;
  const asked = standing.ask === 0 ? 0 : m.count;
  if (!m.timed) return hopUntimed(m, standing, asked, random, codes, steps);
  return hopTimed(m, standing, random, codes, steps);
}

function hopUntimed(
  m: Machine,
  standing: Standing,
  asked: number,
  random: Random,
  codes: Int32Array,
  steps: number,
): number {
  standing.drawn = Drawn.none;
  standing.drawnUs = 0;
  let at = steps;
  while (at < codes.length) {
    const known = bitsOf(standing.free);
    if (known + asked === 0) break;
    const index = nextBelow(random, known + asked);
    const isKnown = index < known;
    const thread = isKnown ? bitAt(standing.free, index) : 0;
    if (!isKnown || !hops(m, standing, thread, 0)) {
      standing.drawn = isKnown ? codeOf(thread, 0) : m.codes[index - known];
      break;
    }
    codes[at++] = codeOf(thread, 0);
  }
  return at;
}

/** In order of time, as far as the skew lets it: `step` and `keepTimely` in one. */
function hopTimed(
  m: Machine,
  standing: Standing,
  random: Random,
  codes: Int32Array,
  steps: number,
): number {
  const { clocks, program } = m;
  const { skewUs } = program;
  standing.drawn = Drawn.none;
  let at = steps;
  noteDue(m, standing, standing.free);
  while (at < codes.length && standing.free !== 0) {
    const { free } = standing;
    const isOpen = isArrivalOpen(m);
    // Whether an arrival could come later is for `keepTimely`.
    if (isOpen && canBePutLater(m, standing)) {
      standing.drawn = Drawn.ask;
      break;
    }
    const earliest = unmarked(earliestOf(standing, free));
    const timely = timelyOf(standing, earliest + skewUs);
    const thread = bitAt(timely, nextBelow(random, bitsOf(timely)));
    const time = standing.due[thread];
    const isAlong = isOpen && isMarked(clocks[baseOf(m, thread)]);
    if (isAlong || !hops(m, standing, thread, time)) {
      m.earliest = earliest;
      standing.drawn = codeOf(thread, 0);
      standing.drawnUs = time;
      break;
    }
    // What followed from an arrival has been seen of by others.
    const closes = isOpen && isArrivalFollowed(m);
    if (closes) closeArrival(m);
    m.skewUs += unmarked(time) - earliest;
    if (time > clocks[H.now]) clocks[H.now] = unmarked(time);
    codes[at++] = codeOf(thread, 0);
    // Of the others, those can go at another time that wait for a lock that was given back; and
    // nothing follows any more from an arrival that has been settled.
    noteDue(m, standing, closes ? standing.free : standing.free & (~free | (1 << thread)));
  }
  return at;
}

/** Whether by the times of those of `free` an arrival that is open could come later. */
function canBePutLater(m: Machine, standing: Standing): boolean {
  let along = 0;
  for (let rest = standing.free; rest !== 0; rest &= rest - 1) {
    const bit = rest & -rest;
    if (isMarked(m.clocks[baseOf(m, 31 - Math.clz32(bit))])) along |= bit;
  }
  m.own = unmarked(earliestOf(standing, along));
  m.others = unmarked(earliestOf(standing, standing.free & ~along));
  return canComeLater(m);
}

/** Notes when these threads of `free` can go. */
function noteDue({ clocks, program }: Machine, { way, due }: Standing, threads: number): void {
  for (let rest = threads; rest !== 0; rest &= rest - 1) {
    const t = 31 - Math.clz32(rest & -rest);
    const now = clocks[program.threadFirst + t * program.threadWords];
    const since = way[t] > Way.none ? clocks[way[t]] : 0;
    due[t] = since > now ? since : now;
  }
}

/** When the first of these threads can go. */
function earliestOf({ due }: Standing, threads: number): number {
  let earliest = Number.POSITIVE_INFINITY;
  for (let rest = threads; rest !== 0; rest &= rest - 1) {
    const time = due[31 - Math.clz32(rest & -rest)];
    if (time < earliest) earliest = time;
  }
  return earliest;
}

/** Those of `free` that can go by then. */
function timelyOf({ free, due }: Standing, latestUs: number): number {
  const latest = marked(latestUs);
  let timely = free;
  for (let rest = free; rest !== 0; rest &= rest - 1) {
    const bit = rest & -rest;
    if (due[31 - Math.clz32(bit)] > latest) timely &= ~bit;
  }
  return timely;
}

/** As `goOn`, which knows of nobody who listens only once it has been asked. */
const hops = (m: Machine, standing: Standing, thread: number, timeUs: number): boolean =>
  goOn(m, standing, thread, timeUs) ||
  (isUnheard(m, standing, thread) && goOn(m, standing, thread, timeUs));

/**
 * A hop of a thread of `free`: the lock, the run behind it, and where the thread stands then. False,
 * with nothing done, where it goes otherwise.
 */
function goOn(m: Machine, standing: Standing, thread: number, timeUs: number): boolean {
  const { words, clocks, program } = m;
  const { leaps } = program;
  const { before } = standing;
  const base = program.threadFirst + thread * program.threadWords;
  const pc = words[base + T.pc];
  const kind = standing.hops[pc];
  const irqlMax = leaps[pc + Leap.irqlMax];
  if (kind === Hop.none || words[base + T.irql] > irqlMax || words[base + T.apcRoutine] !== 0)
    return false;
  const lock = leaps[pc + Leap.lock];
  const bit = 1 << thread;
  let { free } = standing;
  let clock = clocks[base];
  if (timeUs > clock) clock = timeUs;
  if (kind >= Hop.release) {
    if (words[lock + 1] !== refTo(base) || words[lock + 2] > irqlMax) return false;
    clocks[lock] = clock;
    disown(words, base, lock, kind === Hop.releasePlain);
    free |= before[lock];
  } else {
    if (clocks[lock] > clock) clock = clocks[lock];
    own(words, base, lock, kind === Hop.acquirePlain);
    words[base + T.result] = Result.success;
    before[lock] &= ~bit;
    free &= ~before[lock];
  }
  words[base + T.pc] = leaps[pc + Leap.end];
  clocks[base] = clock + leaps[pc + Leap.costUs];
  const way = leaps[pc + Leap.way];
  standing.way[thread] = way;
  free &= ~bit;
  if (way > Way.none) {
    before[way] |= bit;
    if (words[way + 1] === 0) free |= bit;
  } else if (way === Way.one) free |= bit;
  standing.free = free;
  return true;
}

/**
 * Fills `m.codes` with what those can do who have to be asked; false where that could be otherwise
 * once others have taken locks or given them back, and with times where any of them can go.
 */
function askAhead(m: Machine, { ask }: Standing): boolean {
  const { words, program } = m;
  const { code, threadFirst, threadWords } = program;
  m.count = 0;
  for (let rest = ask; rest !== 0; rest &= rest - 1) {
    const t = 31 - Math.clz32(rest & -rest);
    const base = threadFirst + t * threadWords;
    transitionsOf(m, t, base);
    // With times, who comes when, and who has a time of its own, is for `keepTimely`.
    if (m.timed && m.count > 0) return false;
    if (words[base + T.status] !== Status.ready) continue;
    const pc = words[base + T.pc];
    if (code[pc] === Op.acquire) return false;
    // The manager looks at who stands before a lock, but only while something waits.
    if (code[pc] === Op.tick && words[locate(m, t, code[pc + 2]) + Q.count] > 0) return false;
  }
  return true;
}

/** Whether nobody listens to a lock's operation, nor to the run behind it; they never do again. */
function isUnheard(m: Machine, { hops }: Standing, thread: number): boolean {
  const { words, program } = m;
  const { code, leaps } = program;
  const pc = words[program.threadFirst + thread * program.threadWords + T.pc];
  const kind = leaps[pc + Leap.hop];
  if (kind === Hop.none || hops[pc] !== Hop.none) return false;
  if (listens(m, code[pc + 1])) return false;
  if (leaps[pc + Leap.end] !== pc + stride && listens(m, code[pc + stride + 1])) return false;
  hops[pc] = kind;
  return true;
}

/** By byte: how many of its bits are set, and the places of those, eight each. */
const bitCounts = new Uint8Array(256);
const bitPlaces = new Uint8Array(256 * 8);
for (let byte = 0; byte < 256; byte++) {
  for (let place = 0; place < 8; place++) {
    if ((byte & (1 << place)) !== 0) bitPlaces[byte * 8 + bitCounts[byte]++] = place;
  }
}

/** The place of a set bit of a word, by its index among them. */
function bitAt(word: number, index: number): number {
  let left = index;
  let from = 0;
  for (; from < 24; from += 8) {
    const count = bitCounts[(word >>> from) & 255];
    if (left < count) break;
    left -= count;
  }
  return from + bitPlaces[((word >>> from) & 255) * 8 + left];
}

/** How many bits of a word are set. */
function bitsOf(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
