/**
 * Who has the message of whom: while a thread waits for the reply, its time is the time of whoever
 * fetched the message, whatever ends the wait in the end.
 */
import type { Handler, Segment } from "../judge/critical-path.ts";
import { hasReference } from "../judge/objects.ts";
import { staleRecord } from "../machine/frames.ts";
import { addressOf, isRef, Status, T, Tag, waitFlags } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";

export interface Handlers {
  /** By thread: who has had the message that it waits with. */
  readonly current: Handler[][];
  /** A thread has moved: it can have come by a message, or wait for the reply to one. */
  note(thread: number, clock: number): void;
  /** Whoever had the message of a thread in the wait that is over now. */
  take(thread: number): Pick<Segment, "handlers">;
}

export function createHandlers(m: Machine): Handlers {
  const { threads } = m.program;
  const current: Handler[][] = threads.map(() => []);
  const add = (sender: number, thread: number, from: number): void => {
    if (sender === thread || current[sender].at(-1)?.thread === thread) return;
    current[sender].push({ thread, from });
  };
  return {
    current,
    note(thread, clock) {
      const pointer = m.words[baseOf(m, thread) + T.pointer];
      if (isMessage(m, pointer)) {
        const sender = threads.findIndex((_, t) => messageOf(m, t) === pointer);
        if (sender >= 0) add(sender, thread, clock);
      }
      const sent = messageOf(m, thread);
      if (sent === undefined) return;
      const handler = threads.findIndex((_, t) => t !== thread && hasReference(m, t, sent));
      if (handler >= 0) add(thread, handler, clock);
    },
    take(thread) {
      const taken = current[thread];
      if (taken.length === 0) return {};
      current[thread] = [];
      return { handlers: taken };
    },
  };
}

const isMessage = (m: Machine, word: number): boolean =>
  isRef(word) && word > staleRecord && m.words[addressOf(word)] === Tag.message;

/** The message, as a reference, whose reply a thread waits for. */
function messageOf(m: Machine, thread: number): number | undefined {
  const base = baseOf(m, thread);
  if (m.words[base + T.status] !== Status.waiting) return undefined;
  if ((m.words[base + T.wait] & waitFlags.count) === 0) return undefined;
  const word = m.words[base + T.waitObject];
  return isMessage(m, word) ? word : undefined;
}
