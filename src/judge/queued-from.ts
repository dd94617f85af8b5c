/** Which activation queued what stands in a queue: the frame that it captured can be gone by now. */
import { isFrame } from "../machine/frames.ts";
import { addressOf, E, Q, Tag } from "../machine/layout.ts";
import type { Machine } from "../machine/machine.ts";

/** An entry as it was last seen, and the activation that it belongs to, "" for none. */
interface Seen {
  readonly routine: number;
  readonly reference: number;
  readonly holder: string;
}

export interface QueuedFrom {
  /** An item of this routine is about to be queued by an activation, which can end in the same step. */
  comes(routine: number, holder: string): void;
  /** Has to look after each step: what is queued is known again by its place alone. */
  look(): void;
  /** The activation that an entry belongs to, "" for none. */
  holderOf(queue: number, index: number): string;
}

export function followQueues(m: Machine, ofFrame: (frame: number) => string): QueuedFrom {
  const { words, program } = m;
  const known = new Map<number, readonly Seen[]>();
  const coming = new Map<number, string>();

  const isStill = (one: Seen, routine: number, reference: number): boolean =>
    one.routine === routine &&
    // The frame that it captured has ended meanwhile, or it is as it was.
    (one.reference === reference || (isFrame(m, one.reference) && !isFrame(m, reference)));

  function lookAt(queue: number): readonly Seen[] {
    const before = known.get(queue) ?? [];
    const count = words[queue + Q.count];
    // What is taken leaves at the front, and what comes is put behind the others.
    const taken = Math.max(0, before.length - count);
    const now = Array.from({ length: count }, (_, i): Seen => {
      const at = queue + Q.entries + i * E.size;
      const [routine, reference] = [words[at + E.routine], words[at + E.reference]];
      const place = [before[i + taken], before[i]].find(
        (one) => one !== undefined && isStill(one, routine, reference),
      );
      const holder = isFrame(m, reference)
        ? ofFrame(addressOf(reference))
        : (place?.holder ?? (reference === 0 ? "" : coming.get(routine)));
      return { routine, reference, holder: holder ?? "" };
    });
    known.set(queue, now);
    return now;
  }

  return {
    comes: (routine, holder) => coming.set(routine, holder),
    look() {
      for (const { base, queue } of program.components)
        if (queue && words[base] === Tag.queue) lookAt(base);
    },
    holderOf: (queue, index) => lookAt(queue)[index]?.holder ?? "",
  };
}
