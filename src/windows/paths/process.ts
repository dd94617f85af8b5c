/** Creating a process and leaving it, as programs. */
import { newLabel } from "../../language/assembler.ts";
import type { DriverScope } from "../../language/scope.ts";
import { comparisons } from "../../machine/compare.ts";
import { Mode, operand, Result } from "../../machine/layout.ts";
import { Connection, Op, RootKind } from "../../machine/opcodes.ts";
import { portsOf } from "../questions.ts";
import type { System } from "../system.ts";
import { beginPath, raiseEvent, roots, windowsSite } from "./common.ts";

/**
 * Creating a process (CB-Q3): the process object, its first thread, the callbacks in the creator,
 * the verdict (read after all of them, T16), those of the thread, and only then is it readied
 * (CB-Q2). Process before thread is inferred; nobody documents it.
 */
export function createProcessPath(system: System, childClass: number): number {
  const { asm } = system;
  const site = windowsSite(
    system,
    "NtCreateUserProcess",
    "NtCreateUserProcess",
    "creates a process",
  );
  const index = beginPath(system, "NtCreateUserProcess");
  asm.site = site;
  const allowed = newLabel();
  const end = newLabel();
  asm.emit(Op.rootBegin, RootKind.operation, roots.operation);
  asm.emit(Op.cost, system.times.createProcessUs);
  asm.emit(Op.newProcess, childClass);
  raiseEvent(system, "process", "create", site);
  asm.site = windowsSite(
    system,
    "NtCreateUserProcess",
    "NtCreateUserProcess vetoed",
    "the creation was vetoed",
  );
  asm.emit(Op.branchVeto);
  asm.target(allowed, 0);
  asm.emit(Op.processDead, operand(Mode.subject, 0));
  asm.emit(Op.setResult, Result.failure);
  asm.emit(Op.jump);
  asm.target(end, 0);
  asm.place(allowed);
  asm.site = windowsSite(
    system,
    "NtCreateUserProcess",
    "NtCreateUserProcess ready",
    "readies the new process's thread",
  );
  raiseEvent(system, "thread", "create", site);
  asm.emit(Op.readyProcess, roots.operation);
  asm.emit(Op.setResult, Result.success);
  asm.place(end);
  asm.site = site;
  asm.emit(Op.rootEnd, RootKind.operation, roots.operation);
  asm.emit(Op.return);
  return index;
}

/** An event about the running thread and its process, for a call that is said to raise it. */
export function raisePath(system: System, family: string, event: string): number {
  const { asm } = system;
  const name = `${family} ${event}`;
  const site = windowsSite(system, name, name, `raises ${name}`);
  const index = beginPath(system, name);
  asm.site = site;
  asm.emit(Op.subjectCurrent);
  raiseEvent(system, family, event, site);
  asm.emit(Op.setResult, Result.success);
  asm.emit(Op.return);
  return index;
}

/** As `createProcessPath`, and the creator waits for the child's end: at rest, not owed (point 8). */
export function createAndWaitPath(system: System, create: number): number {
  const { asm } = system;
  const index = asm.routine({
    name: "CreateAndWait",
    owner: "Windows",
    role: "userThread",
    family: "",
  });
  asm.routines[index].pc = asm.here();
  // The child is the last process that this thread created; the path leaves its number behind.
  asm.site = windowsSite(
    system,
    "CreateAndWait",
    "CreateAndWait",
    "creates a process and waits for its end",
  );
  asm.emit(Op.call, create, 0);
  const failed = newLabel();
  asm.emit(Op.branchResult, Result.success);
  asm.target(failed, 1);
  // Between the two calls the creator is in user mode.
  asm.emit(Op.userPoint);
  asm.emit(Op.wait, operand(Mode.pointer, 0), 0, 0, 0, -1, 1 | 32);
  asm.place(failed);
  asm.emit(Op.return);
  return index;
}

/**
 * Leaving a process (CB-Q5): each thread raises its exit callbacks (CB-T4) and leaves; the last one
 * raises the process's, in its own context (CB-P3), then the handles close, and only then is the
 * process object signalled.
 */
export function exitPath(system: System): number {
  const { asm } = system;
  const index = beginPath(system, "PspExitThread");
  const site = windowsSite(system, "PspExitThread", "PspExitThread", "leaves the process");
  asm.site = site;
  const notLast = newLabel();
  asm.emit(Op.subjectCurrent, 1);
  asm.emit(Op.rootBegin, RootKind.operation, roots.operation);
  asm.emit(Op.cost, system.times.exitProcessUs);
  for (const family of ["thread", "non-system-thread"]) raiseEvent(system, family, "exit", site);
  asm.emit(Op.leaveProcess);
  asm.emit(Op.branchResult, Result.success);
  asm.target(notLast, 1);
  raiseEvent(system, "process", "exit", site);
  asm.site = windowsSite(
    system,
    "PspExitThread",
    "PspExitThread close",
    "closes the process's handles",
  );
  for (const scope of system.scopes) closeHandles(system, scope);
  asm.site = windowsSite(
    system,
    "PspExitThread",
    "PspExitThread signal",
    "signals the process object",
  );
  asm.emit(Op.processDead, operand(Mode.current, 0));
  asm.place(notLast);
  asm.site = site;
  asm.emit(Op.rootEnd, RootKind.operation, roots.operation);
  asm.emit(Op.return);
  return index;
}

/** A service's handles: its ports disconnect, and the driver's cleanup routine runs. */
function closeHandles(system: System, scope: DriverScope): void {
  const { asm } = system;
  scope.driver.services.forEach((service) => {
    const other = newLabel();
    asm.emit(Op.branchRole, 0, serviceRoleNumber(system, scope, service.name));
    asm.target(other, 2);
    for (const { name, isWritten } of portsOf(scope.driver, service.name, system.language)) {
      const port = scope.globals.get(name);
      const closes = isWritten ? Connection.writerCloses : Connection.closes;
      if (port !== undefined) asm.emit(Op.disconnect, port.at, closes);
    }
    const connected = system.connected.get(service.name);
    if (connected !== undefined) {
      // Who never opened the driver's device has nothing to close: it may be unloaded by now.
      asm.emit(Op.branchShared, connected, comparisons.indexOf("=="), 1);
      asm.target(other, 3);
    }
    for (const routine of scope.driver.routines) {
      if (routine.role !== "cleanup") continue;
      asm.emit(Op.call, scope.plans.get(routine.name)?.index ?? 0, 0);
    }
    asm.place(other);
  });
}

/** Roles of processes: 0 is none, then every service of every driver in order. */
export function serviceRoleNumber(
  system: System,
  scope: DriverScope,
  name: string | undefined,
): number {
  let number = 0;
  for (const other of system.scopes) {
    for (const service of other.driver.services) {
      number++;
      if (other === scope && (name === undefined || service.name === name)) return number;
    }
  }
  return -2;
}
