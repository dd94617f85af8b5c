/** Kernel paths as programs: creating a process, leaving it, loading and unloading a driver. */
import { newLabel } from "../language/assembler.ts";
import type { DriverScope } from "../language/scope.ts";
import { F, frameFlags, Mode, operand, Result } from "../machine/layout.ts";
import { Op, RootKind } from "../machine/opcodes.ts";
import { times } from "./profiles.ts";
import type { System } from "./system.ts";

/** Room for the starting times of nested roots in a path's frame: two words each. */
const roots = { operation: F.size, event: F.size + 2, callback: F.size + 4 };
const pathWords = F.size + 6;

export function windowsSite(system: System, routine: string, opId: string, text: string): number {
  return system.asm.addSite({
    owner: "Windows",
    routine,
    opId,
    text,
    api: routine,
    effects: [],
    users: false,
  });
}

function beginPath(system: System, name: string): number {
  const { asm } = system;
  const index = asm.routine({ name, owner: "Windows", role: "path", family: "" });
  asm.routines[index].pc = asm.here();
  asm.routines[index].frameWords = pathWords;
  return index;
}

/**
 * Calls every registered callback in turn, in the calling thread, in a critical region (CB-P1,
 * CB-Q7, CB-Q8). A slot that is being removed is passed over; one that is called is protected
 * while it runs (CB-U5).
 */
export function raiseProcessEvent(system: System, event: "create" | "exit", site: number): void {
  const { asm } = system;
  const calls = system.scopes.flatMap((scope) =>
    [...scope.registrations]
      .filter(([, r]) => r.events === "both" || r.events === event)
      .map(([routine, r]) => ({ scope, routine, at: r.at })),
  );
  if (calls.length === 0) return;
  asm.site = site;
  asm.emit(Op.rootBegin, RootKind.event, roots.event);
  for (const { scope, routine, at } of calls) {
    const skip = newLabel();
    const index = scope.plans.get(routine)?.index ?? 0;
    asm.site = asm.addSite({
      owner: scope.driver.name,
      routine,
      opId: `${routine}`,
      text: `${routine} (process ${event})`,
      api: "",
      effects: [],
      users: false,
    });
    if (system.removals) {
      asm.emit(Op.protect, at);
      asm.target(skip, 1);
    }
    asm.emit(Op.critical, 1);
    asm.emit(Op.rootBegin, RootKind.callback, roots.callback);
    asm.emit(Op.callback, index, event === "exit" ? frameFlags.exit : 0);
    asm.emit(Op.rootEnd, RootKind.callback, roots.callback);
    asm.emit(Op.critical, -1);
    if (system.removals) asm.emit(Op.unprotect, at);
    asm.place(skip);
  }
  asm.site = site;
  asm.emit(Op.rootEnd, RootKind.event, roots.event);
}

/**
 * Creating a process (CB-Q3): the process object, its first thread, the callbacks in the creator,
 * the verdict (read after all of them, T16), and only then is the thread readied (CB-Q2).
 */
export function createProcessPath(system: System): number {
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
  asm.emit(Op.cost, times.createProcessUs);
  asm.emit(Op.newProcess, 0);
  raiseProcessEvent(system, "create", site);
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
  asm.emit(Op.readyProcess);
  asm.emit(Op.setResult, Result.success);
  asm.place(end);
  asm.site = site;
  asm.emit(Op.rootEnd, RootKind.operation, roots.operation);
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
  asm.routines[index].frameWords = F.size;
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
  asm.emit(Op.wait, operand(Mode.pointer, 0), 0, 0, 0, -1, 1 | 32);
  asm.place(failed);
  asm.emit(Op.return);
  return index;
}

/**
 * Leaving a process (CB-Q5): each thread leaves; the last one raises the exit callbacks, in its own
 * context (CB-P3), then the handles close, and only then is the process object signalled.
 */
export function exitPath(system: System): number {
  const { asm } = system;
  const index = beginPath(system, "PspExitThread");
  const site = windowsSite(system, "PspExitThread", "PspExitThread", "leaves the process");
  asm.site = site;
  const notLast = newLabel();
  asm.emit(Op.subjectCurrent);
  asm.emit(Op.rootBegin, RootKind.operation, roots.operation);
  asm.emit(Op.cost, times.exitProcessUs);
  asm.emit(Op.leaveProcess);
  asm.emit(Op.branchResult, Result.success);
  asm.target(notLast, 1);
  raiseProcessEvent(system, "exit", site);
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
    for (const name of portsOf(scope, service.name)) {
      const port = scope.globals.get(name);
      if (port !== undefined) asm.emit(Op.disconnect, port.at, 0);
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

/** The ports that a service's threads fetch from: those it is connected to. */
export function portsOf(scope: DriverScope, service: string): string[] {
  const found = new Set<string>();
  const threads = scope.driver.services.find((s) => s.name === service)?.threads ?? [];
  const text = JSON.stringify(
    threads.map((t) => scope.driver.routines.find((r) => r.name === t.routine)?.body),
  );
  for (const object of scope.driver.objects) {
    if (object.kind === "FLT_PORT" && text.includes(`"Port":{"ref":"${object.name}"}`))
      found.add(object.name);
  }
  return [...found];
}

/** DriverEntry, then the registrations that it does not make itself. */
export function startDriver(system: System, scope: DriverScope): void {
  const { asm } = system;
  const site = windowsSite(
    system,
    "IopLoadDriver",
    `IopLoadDriver ${scope.driver.name}`,
    "loads the driver",
  );
  const entry = scope.driver.routines.find((r) => r.role === "entry");
  asm.site = site;
  if (entry !== undefined) asm.emit(Op.call, scope.plans.get(entry.name)?.index ?? 0, 0);
  if (registersItself(scope)) return;
  for (const [, registration] of scope.registrations) asm.emit(Op.register, registration.at);
}

function registersItself(scope: DriverScope): boolean {
  const text = JSON.stringify(scope.driver.routines.filter((r) => r.role === "entry"));
  return text.includes('"api":"PsSetCreateProcessNotifyRoutineEx"');
}

/**
 * Unloading (W4): the I/O manager waits for the driver's own IoWorkItems, then DriverUnload runs;
 * where the author wrote none, the registrations are removed. One that is left is B2.
 */
export function unloadDriver(system: System, scope: DriverScope): void {
  const { asm } = system;
  asm.site = windowsSite(
    system,
    "IopUnloadDriver",
    `IopUnloadDriver ${scope.driver.name}`,
    "unloads the driver",
  );
  // A DriverUnload that the author wrote does what it says, and no more.
  const byHand = scope.driver.routines.some((r) => r.role === "unload");
  if (!byHand) {
    for (const [, registration] of scope.registrations) {
      asm.emit(Op.unregister, registration.at);
      asm.emit(Op.runDown, registration.at);
    }
  }
  asm.emit(Op.runDown, scope.driverObject);
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
  if (unload !== undefined) {
    const routines = [...scope.plans.values()].map((plan) => plan.index);
    asm.emit(Op.unloadCode, Math.min(...routines), Math.max(...routines) + 1, scope.driverObject);
  }
}
