/** User threads that code of a driver creates from kernel mode, in the process in which it runs (SV-36). */
import { bounds } from "../../base/bounds.ts";
import { newLabel } from "../../language/assembler.ts";
import { systemRole } from "../../language/scope.ts";
import { Op } from "../../machine/opcodes.ts";
import { createsUserThreads } from "../questions.ts";
import type { System } from "../system.ts";
import { listens } from "./common.ts";
import { emitStart, newThreadRoutine } from "./thread.ts";

const className = "user threads created by drivers";

/** Whether somebody is told of threads that begin or end: no others can tell whether there is one. */
const isTold = (system: System): boolean =>
  ["thread", "non-system-thread"].some((family) =>
    ["create", "exit"].some((event) => listens(system, family, event)),
  );

/**
 * Inserts a thread into the running process. Nothing of user mode is in System: of a thread that is
 * made from there, for a process that the call does not name, its creator's callbacks are told alone.
 */
export function emitUserThread(system: System): void {
  const { asm } = system;
  if (!isTold(system)) {
    asm.emit(Op.call, system.paths.thread, 0);
    return;
  }
  const isUser = newLabel();
  const done = newLabel();
  asm.emit(Op.branchRole, 0, systemRole);
  asm.target(isUser, 2);
  asm.emit(Op.call, system.paths.thread, 0);
  asm.emit(Op.jump);
  asm.target(done, 0);
  asm.place(isUser);
  emitStart(system, className, { here: true });
  asm.place(done);
}

/** What the new threads do is left out: they come to user mode, and leave. */
export function makeUserThreads(system: System, process: number, exitPc: number): void {
  const { asm } = system;
  if (!isTold(system) || !createsUserThreads(system.scenario.drivers)) return;
  const routine = newThreadRoutine(system);
  for (let i = 1; i <= bounds.threads.max; i++) {
    const number = asm.thread({
      name: `created user thread ${i}`,
      className,
      owner: "user",
      routine,
      process,
      ready: false,
    });
    asm.threads[number].exitPc = exitPc;
  }
}
