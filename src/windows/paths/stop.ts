/** A service as a user can find it: hung, or slow, wherever it is in user mode. */
import { computes } from "../../language/assembler.ts";
import { waitFlags } from "../../machine/layout.ts";
import { Op } from "../../machine/opcodes.ts";
import type { Stopping } from "../../machine/program.ts";
import type { System } from "../system.ts";
import { beginPath, windowsSite } from "./common.ts";

const stopsIn = ({ scenario }: System): boolean =>
  scenario.world.service.condition === "hung" || scenario.world.service.condition === "slow";

/** A thread of a service enters the kernel from here: it can stop ahead of that. */
export function emitSystemCall(system: System): void {
  if (system.asm.userMode !== undefined && stopsIn(system)) system.asm.emit(Op.systemCall);
}

/** A thread of a service leaves: its end, too, can be what somebody waits for. */
export function emitLeaving(system: System): void {
  const { asm } = system;
  asm.userMode = [];
  asm.userRoutines.push(asm.userMode);
  asm.site = windowsSite(system, "RtlExitUserThread", "RtlExitUserThread", "RtlExitUserThread()");
  emitSystemCall(system);
  asm.userMode = undefined;
}

/** How the services of this world stop, once their routines have been compiled. */
export function stoppingOf(system: System): Stopping | undefined {
  if (!stopsIn(system)) return undefined;
  const isForGood = system.scenario.world.service.condition === "hung";
  const routine = isForGood ? hungRoutine(system) : slowRoutine(system);
  const places = system.asm.userRoutines.flatMap((inOrder) =>
    inOrder.filter((place, i) => {
      if (place === computes) return false;
      return isForGood || (inOrder[i - 1] !== computes && inOrder[i + 1] !== computes);
    }),
  );
  return { routine, isForGood, places };
}

/** It never goes on: only its end ends that. */
function hungRoutine(system: System): number {
  const { asm } = system;
  const index = beginPath(system, "a hung thread");
  asm.site = windowsSite(system, "a hung thread", "is hung", "is hung");
  asm.emit(Op.wait, 0, 0, 0, 0, -1, waitFlags.interruptible);
  asm.emit(Op.userPoint);
  asm.emit(Op.return);
  return index;
}

/** Where a service computes, `Compute` takes this long; where it does not, it can be slow once. */
function slowRoutine(system: System): number {
  const { asm, times } = system;
  const index = beginPath(system, "a slow thread");
  asm.site = windowsSite(system, "a slow thread", "is slow", "is slow");
  asm.sites[asm.site] = { ...asm.sites[asm.site], slowed: true };
  asm.emit(Op.cost, times.slowServiceUs);
  asm.emit(Op.return);
  return index;
}
