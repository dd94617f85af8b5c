/** Ports, pipes and pended requests: a message, its reply, and who is gone. */
import { frameOf, markEscaped, resolve } from "./frames.ts";
import {
  addressOf,
  E,
  F,
  frameFlags,
  H,
  isRef,
  Q,
  Result,
  refTo,
  Status,
  stale,
  T,
  Tag,
} from "./layout.ts";
import { baseOf, type Machine } from "./machine.ts";
import { putEntry } from "./objects/queue.ts";
import { Op } from "./opcodes.ts";
import { isCutOff, messageState, satisfy, wanted, withdraw } from "./waits.ts";

export function sendMessage(m: Machine, t: number, base: number, pc: number): boolean {
  const { words } = m;
  const { code } = m.program;
  const port = resolve(m, t, code[pc + 2]);
  if (port < 0) return false;
  const request = code[pc] === Op.pend ? requestOf(m, t) : 0;
  const frame = request === 0 ? frameOf(m, t) : request;
  const message = request === 0 ? resolve(m, t, code[pc + 3]) : request + (irpAt(m, request) ?? 0);
  if (words[port] === Tag.port && words[port + Q.flag] !== 0) {
    m.clocks[base] = Math.max(m.clocks[base], m.clocks[port]);
    words[base + T.result] = Result.disconnected;
    words[base + T.pc] = code[pc + 4];
    return false;
  }
  if (code[pc] === Op.pend && code[pc + 6] !== 0) {
    const refuses = resolve(m, t, code[pc + 6]);
    if (refuses < 0) return false;
    m.clocks[base] = Math.max(m.clocks[base], m.clocks[refuses]);
    if (words[refuses] !== 0) {
      words[base + T.result] = Result.failure;
      words[base + T.pc] = code[pc + 4];
      return false;
    }
  }
  const wants = code[pc] === Op.send ? code[pc + 5] : wanted.reply;
  if (wants === wanted.room && words[port + Q.count] < words[port + Q.room]) {
    // It is in the pipe's own memory from here on (SV-33).
    words[base + T.result] = Result.success;
    if (!putEntry(m, t, port, 0, stale, 0)) return false;
    words[base + T.pc] = code[pc + 4];
    return false;
  }
  words[message] = Tag.message;
  words[message + 1] = messageState.pending;
  words[message + 2] = port;
  words[message + 3] = wants;
  markEscaped(m, frame);
  if (code[pc] === Op.pend) words[frame + F.flags] |= frameFlags.pended;
  words[base + T.result] = Result.success;
  return putEntry(m, t, port, 0, refTo(message), 0);
}

const irpAt = ({ words, program }: Machine, frame: number): number | undefined =>
  program.routines[words[frame + F.routine] - 1].irp;

/** The frame of the request that this code handles: its own, or of who called the function; 0 for none. */
function requestOf(m: Machine, t: number): number {
  const { words, program } = m;
  let frame = frameOf(m, t);
  while (program.routines[words[frame + F.routine] - 1].role === "function") {
    const caller = words[frame + F.caller];
    if (caller === 0) return 0;
    frame = baseOf(m, t) + caller;
  }
  return irpAt(m, frame) === undefined ? 0 : frame;
}

/**
 * A message has been taken off its port: a sender who wants no reply is done (SV-8), and so is a
 * writer whose message fits into the pipe now (SV-33).
 */
export function fetched(m: Machine, base: number, port: number): void {
  const { words } = m;
  const last = words[port + Q.room] - 1;
  if (last >= 0 && last < words[port + Q.count]) {
    const entry = port + Q.entries + last * E.size;
    const reference = words[entry + E.reference];
    if (isLent(m, reference) && words[addressOf(reference) + 3] === wanted.room) {
      words[entry + E.reference] = stale;
      endSend(m, base, addressOf(reference));
    }
  }
  const reference = m.words[base + T.pointer];
  if (!isLent(m, reference)) return;
  const message = addressOf(reference);
  if (words[message + 3] === wanted.reply) return;
  endSend(m, base, message);
  // He may send another one from the same place: whoever has this one has nothing to reply to.
  words[base + T.pointer] = stale;
}

/**
 * Whether an entry is a message in the memory of a sender who waits: one that is nobody's leads to the
 * header, where no message stands.
 */
const isLent = ({ words }: Machine, reference: number): boolean =>
  words[addressOf(reference)] === Tag.message;

/** The sender of a message has all that he waits for, at the clock of this thread. */
function endSend(m: Machine, base: number, message: number): void {
  m.words[message + 1] = messageState.fetched;
  m.clocks[message] = m.clocks[base];
  satisfy(m, message, 0);
}

/** Replies to the message (or completes the IRP) in the pointer; a late reply is a no-op. */
export function reply(m: Machine, base: number): void {
  const { words, clocks } = m;
  const reference = words[base + T.pointer];
  const message = addressOf(reference);
  // What is none, or nobody's any more, leads to the header, where no message stands; nobody waits for a
  // reply to it (SV-8), or nobody does any more (SV-6).
  if (
    words[message] !== Tag.message ||
    words[message + 3] !== wanted.reply ||
    isCutOff(m, message)
  ) {
    words[base + T.result] = Result.failure;
    return;
  }
  words[message + 1] = messageState.replied;
  clocks[message] = Math.max(clocks[message], clocks[base]);
  words[base + T.result] = Result.success;
  satisfy(m, message, 0);
  forget(m, reference);
  // Having answered, a service acts for itself again.
  if (words[base + T.roots] === 0) words[base + T.cause] = 0;
}

/**
 * The writing end closes: what was written can still be read (SV-35). Whoever still has his message in his
 * own memory takes it back: senders that wait, fetched or not, are woken (CB-Q5, SV-6).
 */
export function closeWriting(m: Machine, t: number, port: number): void {
  const { words, clocks } = m;
  const now = clocks[baseOf(m, t)];
  if (words[port + Q.flag] === 0) clocks[port] = now;
  words[port + Q.flag] = 1;
  for (let i = words[port + Q.count] - 1; i >= 0; i--) {
    const reference = words[port + Q.entries + i * E.size + E.reference];
    if (isLent(m, reference)) withdraw(m, reference, E.size, E.reference);
  }
  for (let i = 0; i < m.program.threads.length; i++) {
    const b = baseOf(m, i);
    if (words[b + T.status] !== Status.waiting) continue;
    const message = addressOf(words[b + T.waitObject]);
    if (words[message] !== Tag.message || words[message + 2] !== port) continue;
    words[message + 1] = messageState.disconnected;
    clocks[message] = Math.max(clocks[message], now);
    satisfy(m, message, 0);
  }
  forgetAllOf(m, port);
}

/** The receiver's end closes, too: what lies there is gone, also what nobody waits for. */
export function disconnect(m: Machine, t: number, port: number): void {
  closeWriting(m, t, port);
  const entries = port + Q.entries;
  const end = entries + m.words[port + Q.count] * E.size;
  m.words.fill(0, entries, end);
  m.clocks.fill(0, entries, end);
  m.words[port + Q.count] = 0;
}

/** Whoever has fetched a message of a port that is gone has nothing to reply to: its sender may send another one. */
function forgetAllOf({ words }: Machine, port: number): void {
  for (let i = H.size; i < words.length; i++) {
    if (!isRef(words[i])) continue;
    const message = addressOf(words[i]);
    if (words[message] === Tag.message && words[message + 2] === port) words[i] = stale;
  }
}

/** Makes other threads' references to a withdrawn message stale. */
export function forget(m: Machine, reference: number): void {
  const { words } = m;
  for (let i = H.size; i < words.length; i++) if (words[i] === reference) words[i] = stale;
}
