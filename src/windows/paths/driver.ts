/** Loading and unloading a driver. */
import { type Label, newLabel } from "../../language/assembler.ts";
import type { DriverScope } from "../../language/scope.ts";
import { comparisons } from "../../machine/compare.ts";
import { H, Result } from "../../machine/layout.ts";
import { Op } from "../../machine/opcodes.ts";
import { registersItself } from "../questions.ts";
import { hasFault } from "../scenario.ts";
import type { System } from "../system.ts";
import { windowsSite } from "./common.ts";

/** DriverEntry, then the registrations that it does not make itself; to `failed`, if it fails. */
export function startDriver(system: System, scope: DriverScope, failed: Label): void {
  const { asm } = system;
  const site = windowsSite(
    system,
    "IopLoadDriver",
    `IopLoadDriver ${scope.driver.name}`,
    "loads the driver",
  );
  const entry = scope.driver.routines.find((r) => r.role === "entry");
  asm.site = site;
  if (entry !== undefined) {
    asm.emit(Op.call, scope.plans.get(entry.name)?.index ?? 0, 0);
    if (hasFault(system.scenario.world)) leaveIfFailed(system, scope, failed);
  }
  if (registersItself(scope.driver, system.language)) return;
  for (const [, registration] of scope.registrations) asm.emit(Op.register, registration.at, 1);
}

/**
 * A DriverEntry that comes back early when the fault of the run has struck has failed: its driver is
 * not there. One of whose callbacks is registered all the same is called, and so is looked at.
 */
function leaveIfFailed({ asm }: System, scope: DriverScope, failed: Label): void {
  const loaded = newLabel();
  asm.emit(Op.branchResult, Result.failure);
  asm.target(loaded, 1);
  asm.emit(Op.branchLocal, H.faultsLeft, comparisons.indexOf("=="), 0);
  asm.target(loaded, 3);
  for (const [, { at }] of scope.registrations) {
    asm.emit(Op.branchLocal, at + 1, comparisons.indexOf("!="), 0);
    asm.target(loaded, 3);
  }
  // Nothing is waited for: what is still in the driver's code is in memory that has gone.
  asm.emit(Op.unloadCode, scope.driverObject);
  asm.emit(Op.jump);
  asm.target(failed, 0);
  asm.place(loaded);
}

/**
 * Unloading: the I/O manager waits for the driver's own IoWorkItems (W4), unless the world has it
 * otherwise (W26), then DriverUnload runs; where the author wrote none, the registrations are
 * removed. One that is left is B2.
 */
export function unloadDriver(system: System, scope: DriverScope): void {
  const { asm } = system;
  asm.site = windowsSite(
    system,
    "IopUnloadDriver",
    `IopUnloadDriver ${scope.driver.name}`,
    "unloads the driver",
    scope.driver.name,
  );
  // A DriverUnload that the author wrote does what it says, and no more.
  const byHand = scope.driver.routines.some((r) => r.role === "unload");
  if (!byHand) {
    for (const [, registration] of scope.registrations) {
      // As by its call: of one that somebody else has removed nothing is waited for.
      const absent = newLabel();
      asm.emit(Op.unregister, registration.at);
      asm.emit(Op.branchResult, Result.success);
      asm.target(absent, 1);
      asm.emit(Op.runDown, registration.at);
      asm.place(absent);
    }
  }
  // Where nothing is waited for others come in between all the same: a driver is unloaded at any time.
  if (byHand && system.scenario.world.itemsAtUnload === "run on") asm.emit(Op.leave);
  else asm.emit(Op.runDown, scope.driverObject);
  const unload = scope.driver.routines.find((r) => r.role === "unload");
  if (unload !== undefined) asm.emit(Op.call, scope.plans.get(unload.name)?.index ?? 0, 0);
  for (const [, registration] of scope.registrations) {
    const removed = newLabel();
    asm.emit(Op.branchLocal, registration.at + 1, 0, 0);
    asm.target(removed, 3);
    asm.emit(Op.effect, 4);
    asm.place(removed);
  }
  // One without a DriverUnload stays in memory: only its callbacks are removed.
  if (unload !== undefined) asm.emit(Op.unloadCode, scope.driverObject);
}
