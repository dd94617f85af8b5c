/** Calls that end when something outside of the machine's threads says so: I/O, a person, a service. */
import { newLabel } from "../language/assembler.ts";
import type { BodyContext } from "../language/compile-context.ts";
import type { Primitive } from "../language/shape.ts";
import { Mode, operand, Result, waitFlags } from "../machine/layout.ts";
import { Op } from "../machine/opcodes.ts";
import type { System } from "./system.ts";

/**
 * I/O completes through a special kernel APC; where none can be delivered it never does (APC-4),
 * unless the call declines to begin there (SV-28), or is done with without one (SV-32). A person is
 * asked through a normal one (APC-7): by the caller, or by the file system, in the thread that asked
 * it for what lies on a removed disk.
 */
export function compileCompletion(
  system: System,
  { asm }: BodyContext,
  primitive: Primitive,
): void {
  const deliverable = newLabel();
  const done = newLabel();
  const asksItself = primitive.asks === "person";
  const asksPerson = asksItself || system.scenario.world.disk === "removed";
  if (!asksItself && primitive.byApc !== false) {
    asm.emit(Op.branchApcs, 0, 0);
    asm.target(deliverable, 0);
    if (primitive.declines === true) {
      asm.emit(Op.setResult, Result.failure);
      asm.emit(Op.jump);
      asm.target(done, 0);
    } else asm.emit(Op.wait, system.neverSignalled, 0, 0, 0, -1, 1);
    asm.place(deliverable);
  }
  if (asksPerson) {
    const comesUp = newLabel();
    asm.emit(Op.branchApcs, 0, 1);
    asm.target(comesUp, 0);
    asm.emit(Op.wait, personsAnswer(system), 0, 0, 0, -1, 1);
    asm.place(comesUp);
  }
  if (primitive.declines === true) {
    asm.emit(Op.setResult, Result.success);
    asm.emit(Op.cost, system.times.ioUs);
  }
  if (asksPerson) asm.emit(Op.cost, system.times.personUs);
  asm.place(done);
}

const answers = new WeakMap<System, number>();

/** What nobody will signal: the dialog never comes up. */
function personsAnswer(system: System): number {
  const known = answers.get(system);
  if (known !== undefined) return known;
  const { asm } = system;
  const at = asm.alloc({ name: "an answer", kind: "NotificationEvent" }, "Windows");
  asm.objects.set(at, {
    name: "a person's answer to a dialog (brought up by a normal kernel APC, held off)",
    kind: "dialog",
    owner: "Windows",
  });
  answers.set(system, at);
  return at;
}

/** A pointer to 0 is no limit by one account of its page, and no wait by the other (SV-7). */
export function messageTimeoutUs({ scenario }: System, { zero }: Primitive, given: number): number {
  const isOpen = given === 0 && zero === "of two accounts";
  return isOpen && scenario.world.zeroMessageTimeout !== "no wait" ? -1 : given;
}

/**
 * Sends a message from a place on the sender's stack and waits as long as was asked (SV-5, SV-6),
 * or until the sender is told to end, where that can reach it (SY-20, APC-5) and the call lets
 * itself be interrupted, which ALPC from kernel mode does not (SV-11).
 */
export function send(
  context: BodyContext,
  port: number,
  wants: number,
  timeout: number,
  interruptible: boolean,
): void {
  const { asm, scope, routine } = context;
  const message = operand(Mode.local, scope.plans.get(routine.name)?.hidden.get("message") ?? 0);
  const gone = newLabel();
  asm.emit(Op.send, port, message, 0, wants);
  asm.target(gone, 2);
  const mode = interruptible ? waitFlags.interruptible : 0;
  asm.emit(Op.wait, message, 0, 0, 0, timeout, 1 | mode);
  for (const unanswered of [Result.timeout, Result.terminated]) {
    const other = newLabel();
    asm.emit(Op.branchResult, unanswered);
    asm.target(other, 1);
    // What the wait came back with stays the result.
    asm.emit(Op.withdraw, message);
    asm.place(other);
  }
  asm.place(gone);
}
