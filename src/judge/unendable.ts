/** Waits that no code of any driver or service ends, whoever comes: nobody has to be asked. */
import { T, Tag, waitFlags } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { hasOperation } from "./comes-to.ts";
import { satisfiersOf } from "./enders.ts";
import { endingOps } from "./ending-ops.ts";
import { objectAt } from "./objects.ts";
import { givesBack } from "./protection.ts";
import { handedOver } from "./reach.ts";
import { type Waiting, waitingOf } from "./wait-for.ts";

/** What is signalled by code alone. */
const byCode: readonly number[] = [Tag.notificationEvent, Tag.synchronizationEvent, Tag.semaphore];

const cutShort = waitFlags.timed | waitFlags.interruptible | waitFlags.alertable;

/**
 * Whether a thread waits for a signal that no code of the program gives. Of several, any of which
 * would do, for none of them; of what lies on a stack or in a record that is not asked.
 */
export function isUnendable(m: Machine, thread: number): boolean {
  const waiting = waitingOf(m, thread);
  const wait = m.words[baseOf(m, thread) + T.wait];
  if (waiting?.what === "rundown") return isKeptForGood(m, waiting);
  if (waiting?.what !== "object" || (wait & cutShort) !== 0) return false;
  const { routines, objects } = m.program;
  return waiting.objects.every((address) => {
    if (!objects.has(address) || !byCode.includes(m.words[address])) return false;
    const { key } = objectAt(m, address);
    const ops = endingOps(m, waiting, address);
    return !routines.some(({ pc }) =>
      [key, handedOver, "*"].some((one) => ops.some((op) => hasOperation(m, pc, one, op))),
    );
  });
}

/**
 * Protection that nobody has who would give it back, nor anybody who could come: once the rundown has
 * begun nobody is given any (SY-17).
 */
function isKeptForGood(m: Machine, waiting: Waiting): boolean {
  const { routines, objects, registrations } = m.program;
  const [address] = waiting.objects;
  if (!objects.has(address) || registrations.has(address)) return false;
  if (satisfiersOf(m, waiting, address).length > 0) return false;
  const { key } = objectAt(m, address);
  return !routines.some(({ pc }) => givesBack(m.program, pc, key));
}
