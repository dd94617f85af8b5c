/** What is looked at where code is called, and where it returns: IRQL, APC state, what is left over. */
import { leaveApc } from "./apc.ts";
import { crash, frameOf, irqlOf, levelsOf, popFrame } from "./frames.ts";
import { Crash, F, H, Irql, T } from "./layout.ts";
import { baseOf, breaches, Event, emit, emitRun, type Machine } from "./machine.ts";
import { ownsMutex } from "./objects/mutex.ts";
import { stride } from "./opcodes.ts";

/** What has nobody to hand to what it takes: entered from Windows, and back there afterwards. */
export const outermostRoles: readonly string[] = [
  "callback",
  "entry",
  "unload",
  "workItem",
  "systemThread",
  "apc",
  "dpc",
  "cleanup",
];
/** Of these, what a worker runs, which repairs nothing above PASSIVE_LEVEL (W13, W15). */
const workersRoles: readonly string[] = ["workItem", "entry", "unload"];

/** What is looked at where a routine returns, as bits: asked in every run, and known by its role. */
const Leaving = { outermost: 1, worker: 2, callback: 4, apc: 8 } as const;

/** Of a routine of this role. */
export const leavingOf = (role: string): number =>
  (outermostRoles.includes(role) ? Leaving.outermost : 0) |
  (workersRoles.includes(role) ? Leaving.worker : 0) |
  (role === "callback" ? Leaving.callback : 0) |
  (role === "apc" ? Leaving.apc : 0);

export function leaveRoutine(m: Machine, t: number, base: number): void {
  const { words } = m;
  const frame = frameOf(m, t);
  const { leaving } = m.program.routines[words[frame + F.routine] - 1];
  const entry = words[frame + F.entry];
  if ((leaving & Leaving.outermost) !== 0 && levelsOf(m, base) !== entry) {
    const site = m.program.code[words[base + T.pc] - stride + 1];
    // What code of the model's own passes on was told where a driver's returned.
    if (m.program.sites[site].users) tellLeak(m, t, site);
    // Nobody bears DISPATCH_LEVEL.
    const limit = (leaving & Leaving.worker) !== 0 ? Irql.passive : Irql.apc;
    if (words[base + T.irql] > Math.max(limit, irqlOf(entry))) {
      crash(m, t, Crash.returnsRaised, site);
      return;
    }
  }
  if ((leaving & Leaving.callback) !== 0) words[base + T.cause] = words[frame + F.cause];
  if ((leaving & Leaving.apc) !== 0) leaveApc(m, base);
  popFrame(m, t);
}

const tellLeak = (m: Machine, t: number, site: number): void =>
  emit(m, Event.breach, t, site, breaches.indexOf("regionLeaked"));

/**
 * The end of a request, before its sender waits for an IRP that it left pended: on the way back to
 * user mode Windows stops above PASSIVE_LEVEL and in a region (SY-26). A mutex is told there (SY-5).
 * False after a crash.
 */
export function checkRequest(m: Machine, t: number, base: number): boolean {
  const { words } = m;
  const site = m.program.code[words[base + T.pc] - stride + 1];
  if (levelsOf(m, base) !== words[frameOf(m, t) + F.entry]) tellLeak(m, t, site);
  if (words[base + T.irql] > Irql.passive) crash(m, t, Crash.returnsRaised, site);
  else if ((words[base + T.critical] > 0 || words[base + T.guarded] > 0) && !ownsMutex(m, t))
    crash(m, t, Crash.keepsRegion, site);
  return words[H.crash] === 0;
}

/** IRQL and APC state at a call: above DISPATCH rules a crash, at APC_LEVEL a breach that goes on. */
export function checkCall(m: Machine, t: number, base: number, pc: number): void {
  const { words } = m;
  const { code } = m.program;
  const irql = words[base + T.irql];
  const isTooHigh = irql > code[pc + 2];
  // A call that crashes has done nothing (SY-18): no rule is broken by it beside.
  if (isTooHigh && irql >= Irql.dispatch) {
    crash(m, t, Crash.irql, code[pc + 1]);
    return emitRun(m, Event.local, t, code[pc + 1], 0);
  }
  emitRun(m, Event.local, t, code[pc + 1], 0);
  if (isTooHigh) emit(m, Event.breach, t, code[pc + 1], breaches.indexOf("irqlTooHigh"));
  const apcs = code[pc + 3];
  if (apcs === 0) return;
  const special = irql < Irql.apc && words[base + T.guarded] === 0;
  const normal = special && words[base + T.critical] === 0;
  const breach =
    apcs === 1 && !special
      ? "apcsDisabled"
      : apcs === 2 && !normal
        ? "normalApcsDisabled"
        : apcs < 0 && normal
          ? "apcsEnabled"
          : undefined;
  if (breach !== undefined) emit(m, Event.breach, t, code[pc + 1], breaches.indexOf(breach));
}

/** IRQL `irql` at least; what it was is kept in the running frame, at this offset. */
export function raiseIrql(m: Machine, thread: number, irql: number, offset: number): void {
  const base = baseOf(m, thread);
  m.words[frameOf(m, thread) + offset] = m.words[base + T.irql];
  m.words[base + T.irql] = Math.max(irql, m.words[base + T.irql]);
}

/**
 * Leaves regions, and goes back to an IRQL that the running frame keeps: as `Op.leaveLevels` says, of
 * the operands from `first` on.
 */
export function leaveLevels(m: Machine, t: number, base: number, pc: number, first: number): void {
  const { words, program } = m;
  const { code } = program;
  words[base + T.critical] -= code[pc + first];
  words[base + T.guarded] -= code[pc + first + 1];
  if (words[base + T.critical] < 0 || words[base + T.guarded] < 0)
    crash(m, t, Crash.regionUnderflow, code[pc + 1]);
  const kept = code[pc + first + 2];
  if (kept !== 0) words[base + T.irql] = words[frameOf(m, t) + kept];
}
