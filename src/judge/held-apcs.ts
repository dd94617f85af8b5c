/** What holds off a kernel APC that is queued for a thread (APC-2). */
import { apcFlags, Irql, T } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import type { HeldApc } from "./finding.ts";
import { heldLocks } from "./held-locks.ts";
import type { Names } from "./instances.ts";
import { waitedObject } from "./waits.ts";

export function heldApcOf(m: Machine, thread: number, names: Names): HeldApc | undefined {
  const routine = m.words[baseOf(m, thread) + T.apcRoutine] - 1;
  if (routine < 0) return undefined;
  const holding = heldLocks(m, thread).map(({ address }) => waitedObject(m, address, names));
  return {
    name: m.program.routines[routine].name,
    by: heldBy(m, thread),
    ...(holding.length === 0 ? {} : { holding }),
  };
}

function heldBy(m: Machine, thread: number): HeldApc["by"] {
  const { words } = m;
  const base = baseOf(m, thread);
  const flags = words[base + T.apcFlags];
  if ((flags & apcFlags.active) !== 0) return "anotherApc";
  if (words[base + T.irql] >= Irql.apc) return "level";
  if (words[base + T.guarded] !== 0) return "guardedRegion";
  const isNormal = (flags & apcFlags.special) === 0;
  return isNormal && words[base + T.critical] !== 0 ? "criticalRegion" : "other";
}
