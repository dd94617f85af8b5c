/** What kernel paths are made of: sites, frames, and raising an event to every callback. */
import { newLabel } from "../../language/assembler.ts";
import { irqlNumber } from "../../language/compile-context.ts";
import { eventShift, F } from "../../machine/layout.ts";
import { Op, ownCallback, RootKind } from "../../machine/opcodes.ts";
import { usualTimes } from "../profiles.ts";
import type { System } from "../system.ts";

/** Room for the starting times of nested roots in a path's frame: two words each. */
export const roots = { operation: F.size, event: F.size + 2, callback: F.size + 4 };
/** The IRQL that its caller had, where a callback runs above it. */
const callerIrql = F.size + 6;
export const pathWords = F.size + 6;

export function windowsSite(
  system: System,
  routine: string,
  opId: string,
  text: string,
  forDriver?: string,
): number {
  return system.asm.addSite({
    owner: "Windows",
    routine,
    opId,
    text,
    api: "",
    effects: [],
    users: false,
    forDriver,
  });
}

export function beginPath(system: System, name: string): number {
  const { asm } = system;
  const index = asm.routine({ name, owner: "Windows", role: "path", family: "" });
  asm.routines[index].pc = asm.here();
  asm.routines[index].frameWords = pathWords;
  return index;
}

/** The callbacks that an event is raised to, in the order of registration (CB-Q7). */
function callbacksOf(system: System, family: string, event: string) {
  return system.scopes.flatMap((scope) =>
    [...scope.registrations]
      .filter(([, r]) => r.family === family && r.events.includes(event))
      .map(([routine, r]) => ({ scope, routine, at: r.at })),
  );
}

/** Whether any driver asks to be told of an event. */
export const listens = (system: System, family: string, event: string): boolean =>
  callbacksOf(system, family, event).length > 0;

/** Kinds of root with a budget of their own: of families, in the order of the language. */
export function callbackKind({ language }: System, family: string): number {
  const { families } = language;
  const at = families.findIndex(({ name }) => name === family);
  const isUsual = at < 0 || families[at].budgetUs === usualTimes.callbackUs;
  return isUsual ? RootKind.callback : ownCallback + at;
}

/**
 * Calls every registered callback in turn, in the calling thread, under what its family adds to
 * the caller's APC state (CB-Q7, CB-Q8). A slot that is being removed is passed over; one that is
 * called is protected while it runs (CB-U5).
 */
export function raiseEvent(system: System, name: string, event: string, site: number): void {
  const { asm } = system;
  const calls = callbacksOf(system, name, event);
  if (calls.length === 0) return;
  const family = system.language.forms.get(name)?.family;
  const critical = family?.criticalRegion === true;
  const guarded =
    family?.specialApcs === "off" ||
    (family?.specialApcs === "sometimes off" && system.scenario.world.specialApcs === "off");
  const irql = irqlNumber[family?.irql ?? "PASSIVE_LEVEL"];
  const kind = callbackKind(system, name);
  asm.site = site;
  asm.emit(Op.rootBegin, RootKind.event, roots.event);
  for (const { scope, routine, at } of calls) {
    const skip = newLabel();
    const index = scope.plans.get(routine)?.index ?? 0;
    asm.site = asm.addSite({
      owner: scope.driver.name,
      routine,
      opId: `${routine}`,
      text: `${routine} (${name} ${event})`,
      api: "",
      effects: [],
      users: false,
    });
    if (system.removals) {
      asm.emit(Op.protect, at);
      asm.target(skip, 1);
    }
    if (critical) asm.emit(Op.critical, 1);
    if (guarded) asm.emit(Op.guarded, 1);
    if (irql > 0) asm.emit(Op.raiseIrql, irql, callerIrql);
    asm.emit(Op.rootBegin, kind, roots.callback);
    asm.emit(Op.callback, index, system.language.eventNumber(event) << eventShift);
    asm.emit(Op.rootEnd, kind, roots.callback);
    // No source says in which order it leaves them: no APC comes in between.
    const levels = [critical ? 1 : 0, guarded ? 1 : 0, irql > 0 ? callerIrql : 0] as const;
    const adds = levels.some((level) => level !== 0);
    // Nor which comes first where the registration is protected: either (CB-U7).
    if (adds && system.removals) asm.emit(Op.unprotect, at, ...levels, 1);
    else if (adds) asm.emit(Op.leaveLevels, ...levels);
    if (system.removals) asm.emit(Op.unprotect, at);
    asm.place(skip);
  }
  asm.site = site;
  asm.emit(Op.rootEnd, RootKind.event, roots.event);
}
