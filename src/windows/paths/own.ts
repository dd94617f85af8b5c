/** The kernel paths of families that drivers bring: programs in the language of drivers. */
import { newLabel } from "../../language/assembler.ts";
import { compileRoutine } from "../../language/compile.ts";
import type { Surroundings } from "../../language/compile-context.ts";
import type { DriverScope } from "../../language/scope.ts";
import { type FamilyShape, familyForms, type PathShape } from "../../language/shape.ts";
import { systemDriver } from "../../language/system-driver.ts";
import { Mode, operand, Result, Tag } from "../../machine/layout.ts";
import { Op, RootKind } from "../../machine/opcodes.ts";
import { layDriver } from "../lay-driver.ts";
import type { System } from "../system.ts";
import { beginPath, pathWords, raiseEvent, roots, windowsSite } from "./common.ts";

/** Lays the paths of all families that the drivers bring: what raises events, what is done. */
export function layOwnPaths(system: System, around: Surroundings): void {
  const { families } = system.language.extension;
  // A path may name what another family raises, or has users do.
  for (const family of families) layEvents(system, family);
  const laid = families.map((family) => ({ family, scope: layFamily(system, family) }));
  for (const { family, scope } of laid) {
    for (const [i, { name }] of scope.driver.routines.entries()) {
      const path = family.paths?.[i];
      const body = scope.plans.get(name)?.index;
      if (path !== undefined && body !== undefined) layAction(system, path, body);
    }
  }
  for (const { scope } of laid) {
    for (const routine of scope.driver.routines) {
      const place = `Windows: ${routine.name}.body`;
      compileRoutine({ asm: system.asm, scope, routine, around, place });
    }
  }
}

/** An event of a family is raised in the calling thread; a veto makes it a failure. */
function layEvents(system: System, family: FamilyShape): void {
  const { asm, paths } = system;
  for (const [form, { events }] of familyForms([family])) {
    // Raised are events, not families.
    if (events.length > 1) continue;
    const [event] = events;
    const site = windowsSite(system, form, form, `tells of ${family.noun ?? family.name} ${event}`);
    const index = beginPath(system, form);
    asm.routines[index].frameWords = pathWords + 1;
    asm.site = site;
    asm.emit(Op.subjectCurrent);
    raiseEvent(system, family.name, event, site);
    asm.site = site;
    const allowed = newLabel();
    asm.emit(Op.setResult, Result.success);
    asm.emit(Op.branchVeto);
    asm.target(allowed, 0);
    asm.emit(Op.setResult, Result.failure);
    asm.place(allowed);
    asm.emit(Op.return);
    paths.raise.set(form, index);
  }
}

/** The family's paths as routines of Windows', their objects shared. */
function layFamily(system: System, family: FamilyShape): DriverScope {
  const { asm, language } = system;
  const driver = systemDriver(family);
  const scope = layDriver(asm, driver, new Map(), language.forms, 0);
  for (const { index } of scope.plans.values()) {
    asm.routines[index] = { ...asm.routines[index], role: "path" };
  }
  return { ...scope, isSystem: true };
}

/** What somebody does to have a path run: in his own thread, or by an item for a system worker. */
function layAction(system: System, path: PathShape, body: number): void {
  const { asm, paths } = system;
  const { action, routine, thread, awaited = false } = path;
  const done = pathWords;
  const text =
    thread === "caller"
      ? `runs ${routine}`
      : `has a system worker run ${routine}${awaited ? ", and waits" : ""}`;
  const site = windowsSite(system, routine, `${routine} ${action}`, text);
  const queue = thread === "caller" ? 0 : system.poolQueue(thread);
  const item = queue === 0 ? undefined : layItem(system, path, body, done);
  const index = beginPath(system, action);
  asm.site = site;
  asm.emit(Op.subjectCurrent);
  asm.emit(Op.rootBegin, RootKind.operation, roots.operation);
  if (item === undefined) asm.emit(Op.call, body, 0);
  else {
    asm.emit(Op.enqueue, queue, item + 1, awaited ? 1 : 0, 0, 0);
    if (awaited) {
      asm.routines[index].frameWords = pathWords + 2;
      asm.routines[index].template = [done, Tag.notificationEvent];
      const end = { name: `the end of ${routine}`, kind: "NotificationEvent", owner: "Windows" };
      asm.frameObjects.set(`${index}:${done}`, end);
      asm.emit(Op.wait, operand(Mode.local, done), 0, 0, 0, -1, 1);
    }
    asm.emit(Op.setResult, Result.success);
  }
  asm.emit(Op.rootEnd, RootKind.operation, roots.operation);
  asm.emit(Op.return);
  paths.act.set(action, index);
}

/** Runs a path on a worker, and says to whoever waits that it is over. */
function layItem(system: System, path: PathShape, body: number, done: number): number {
  const { asm } = system;
  const { routine, action, awaited = false } = path;
  const item = asm.routine({
    name: routine,
    owner: "Windows",
    role: "workItem",
    family: "",
    ...(awaited ? { within: action } : {}),
  });
  asm.routines[item].pc = asm.here();
  asm.site = windowsSite(system, routine, `${routine} of ${action}`, action);
  asm.emit(Op.call, body, 0);
  if (awaited) asm.emit(Op.set, operand(Mode.captured, done));
  asm.emit(Op.return);
  return item;
}
