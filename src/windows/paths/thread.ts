/** Starting threads, and how each comes to its first user instruction and leaves. */
import { newLabel } from "../../language/assembler.ts";
import { Mode, operand, Result, waitFlags } from "../../machine/layout.ts";
import { Op, RootKind, StartFlags } from "../../machine/opcodes.ts";
import { keepsThreads } from "../questions.ts";
import type { System } from "../system.ts";
import { beginPath, listens, raiseEvent, roots, windowsSite } from "./common.ts";

/**
 * Inserting a thread (CB-Q2): linked into its process, told of in its creator's thread (CB-T1, of
 * system threads too: CB-T5), and only then made ready.
 */
export function insertThreadPath(system: System): number {
  const { asm } = system;
  const site = windowsSite(system, "PspInsertThread", "PspInsertThread", "creates a thread");
  const index = beginPath(system, "PspInsertThread");
  asm.site = site;
  asm.emit(Op.subjectThread);
  asm.emit(Op.rootBegin, RootKind.operation, roots.operation);
  asm.emit(Op.cost, system.times.createThreadUs);
  raiseEvent(system, "thread", "create", site);
  asm.site = windowsSite(
    system,
    "PspInsertThread",
    "PspInsertThread ready",
    "readies the new thread",
  );
  asm.emit(Op.readyThread);
  asm.emit(Op.setResult, 0);
  asm.site = site;
  asm.emit(Op.rootEnd, RootKind.operation, roots.operation);
  // Callbacks may have left something else in hand.
  if (keepsThreads(system.scenario.drivers)) {
    asm.emit(Op.loadPointer, operand(Mode.subjectThread, 0), 1);
  }
  asm.emit(Op.return);
  return index;
}

/**
 * Starts a thread of a class; `captures` says how far out the frame is that it captures, 0 for none;
 * `handed`: what the pointer register holds is its context; `here`: it is one of the starter's process.
 */
export function emitStart(
  system: System,
  className: string,
  {
    captures = 0,
    mayFail = false,
    handed = false,
    here = false,
  }: { captures?: number; mayFail?: boolean; handed?: boolean; here?: boolean } = {},
): void {
  const { asm } = system;
  const told = listens(system, "thread", "create");
  const number = asm.classNumber(className);
  const flags = (told ? StartFlags.claim : 0) | (here ? StartFlags.here : 0);
  asm.emit(Op.start, number, captures, mayFail ? 1 : 0, 0, handed ? 1 : 0, flags);
  if (!told) return;
  const none = newLabel();
  if (mayFail || here) {
    asm.emit(Op.branchResult, Result.success);
    asm.target(none, 1);
  }
  asm.emit(Op.call, system.paths.insertThread, 0);
  asm.place(none);
}

/**
 * From kernel-mode start-up to user mode: its own callbacks (CB-T2), then the loader, which needs
 * the process's lock before a new thread may run the user's code.
 */
export function emitUserStart(system: System, loaderLock: number | undefined): void {
  const { asm } = system;
  if (listens(system, "non-system-thread", "create")) {
    asm.emit(Op.call, system.paths.startUserThread, 0);
  }
  if (loaderLock === undefined) return;
  const site = asm.site;
  asm.site = windowsSite(
    system,
    "LdrInitializeThunk",
    "LdrInitializeThunk",
    "attaches its DLLs, under the loader lock",
  );
  asm.emit(Op.acquire, loaderLock, 0);
  asm.emit(Op.userPoint);
  asm.emit(Op.release, loaderLock);
  asm.site = site;
}

/** What a new thread goes through in kernel mode. */
export function startUserThreadPath(system: System): number {
  const { asm } = system;
  const site = windowsSite(system, "PspUserThreadStartup", "PspUserThreadStartup", "starts up");
  const index = beginPath(system, "PspUserThreadStartup");
  asm.site = site;
  asm.emit(Op.subjectCurrent);
  raiseEvent(system, "non-system-thread", "create", site);
  asm.emit(Op.return);
  return index;
}

/** A thread that somebody's program creates: it comes to user mode and ends. */
export function newThreadRoutine(system: System): number {
  const { asm } = system;
  const existing = asm.routines.findIndex((r) => r.name === "a new thread");
  if (existing >= 0) return existing;
  const index = asm.routine({ name: "a new thread", owner: "user", role: "base", family: "" });
  asm.routines[index].pc = asm.here();
  asm.site = asm.addSite({
    owner: "user",
    routine: "a new thread",
    opId: "new thread",
    text: "the new thread runs and ends",
    api: "",
    effects: [],
    users: false,
  });
  emitUserStart(system, undefined);
  asm.emit(Op.userPoint);
  asm.emit(Op.call, system.paths.exit, 0);
  asm.emit(Op.end);
  return index;
}

/** What a thread runs that is suspended, until somebody resumes it or tells it to end (APC-6, SV-41). */
export function suspendedRoutine(system: System): number {
  const { asm } = system;
  const index = asm.routine({
    name: "KiSuspendThread",
    owner: "Windows",
    role: "apc",
    family: "",
  });
  asm.routines[index].pc = asm.here();
  asm.site = windowsSite(system, "KiSuspendThread", "KiSuspendThread", "is suspended");
  asm.emit(Op.wait, 0, 0, 0, 0, -1, waitFlags.interruptible);
  asm.emit(Op.return);
  return index;
}

/** The end of a system thread: it is told of as any other (CB-T4, CB-T5). */
export function exitSystemThreadCode(system: System): number {
  const { asm } = system;
  if (!listens(system, "thread", "exit")) return 0;
  const site = windowsSite(system, "PspExitSystemThread", "PspExitSystemThread", "the thread ends");
  const path = beginPath(system, "PspExitSystemThread");
  asm.site = site;
  asm.emit(Op.subjectCurrent);
  raiseEvent(system, "thread", "exit", site);
  asm.emit(Op.return);
  const pc = asm.here();
  asm.site = site;
  asm.emit(Op.call, path, 0);
  asm.emit(Op.end);
  return pc;
}
