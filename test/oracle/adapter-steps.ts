/** What a thread of the code under test does next, in the words of `next-steps.ts`. */
import { F, Status, T } from "../../src/machine/layout.ts";
import type { Machine } from "../../src/machine/machine.ts";
import { Op, stride } from "../../src/machine/opcodes.ts";
import type { Program } from "../../src/machine/program.ts";

const words: Readonly<Record<number, string>> = {
  [Op.backEdge]: "back",
  [Op.choose]: "memory",
  [Op.branchShared]: "memory",
  [Op.store]: "memory",
  [Op.add]: "memory",
  [Op.readShared]: "memory",
  [Op.writeShared]: "memory",
  [Op.wait]: "wait",
  [Op.dequeue]: "fetch",
  [Op.set]: "set",
  [Op.reset]: "reset",
  [Op.pulse]: "pulse",
  [Op.release]: "release",
  [Op.acquire]: "acquire",
  [Op.convert]: "convert",
  [Op.protect]: "protect",
  [Op.unprotect]: "unprotect",
  [Op.runDown]: "run down",
  [Op.send]: "send",
  [Op.withdraw]: "take back",
  [Op.reply]: "reply",
  [Op.disconnect]: "disconnect",
  [Op.enqueue]: "enqueue",
  [Op.start]: "start",
  [Op.register]: "register",
  [Op.unregister]: "unregister",
  [Op.terminate]: "terminate",
  [Op.suspend]: "suspend",
  [Op.resume]: "resume",
  [Op.newProcess]: "createProcess",
  [Op.leaveProcess]: "leaveProcess",
  [Op.processDead]: "die",
  [Op.end]: "endThread",
  [Op.allocate]: "allocate",
  [Op.reference]: "reference",
  [Op.dereference]: "reference",
  [Op.pend]: "pend",
  [Op.alert]: "alert",
  [Op.queueApc]: "queueApc",
  [Op.setTimer]: "setTimer",
  [Op.cancelTimer]: "cancelTimer",
  [Op.insertDpc]: "insertDpc",
  [Op.removeDpc]: "removeDpc",
  [Op.flushDpcs]: "flushDpcs",
  [Op.freeItem]: "freeItem",
  [Op.walk]: "walk",
  [Op.unlink]: "unlink",
  [Op.pop]: "pop",
  [Op.systemCall]: "stopPoint",
  [Op.leave]: "leaveCode",
  [Op.arrive]: "arrive",
  [Op.tick]: "tick",
};

/** At rest, whether for good or until something is queued. */
const rests: readonly number[] = [Op.park, Op.tick, Op.expire];

/** Whether a thread is the pool's manager, in none of the paths that it takes. */
export const isManager = ({ program, words: state }: Machine, base: number): boolean =>
  program.routines[state[base + state[base + T.frame] + F.routine] - 1]?.role === "poolManager";

/** What the page takes for a part of the step that it is for: a read of a pointer, and whether it fails. */
const parts: readonly number[] = [Op.readShared, Op.fault];

function wordAt({ code, sites }: Program, at: number): string {
  const { opId } = sites[code[at + 1]];
  let pc = at;
  // What a path of the kernel does is no part of the step ahead of it.
  while (pc < code.length && sites[code[pc + 1]].opId === opId && code[pc] !== Op.call) {
    const isPart = parts.includes(code[pc]) || code[pc] < Op.firstVisible;
    if (!isPart) return words[code[pc]] ?? `op ${code[pc]}`;
    pc += stride;
  }
  return code[at] === Op.fault ? "may fail" : "memory";
}

/** Undefined: it is at rest. Outside of drivers who fetches waits for work, and no wait is told apart. */
export function nextOf(m: Machine, base: number, isInDriver: boolean): string | undefined {
  const { program, words: state } = m;
  const op = program.code[state[base + T.pc]];
  const isAtRest = rests.includes(op) || (op === Op.dequeue && !isInDriver);
  if (isAtRest || isManager(m, base)) return undefined;
  const waits = state[base] === Status.waiting || (op === Op.wait && !isInDriver);
  return waits ? "waits" : wordAt(program, state[base + T.pc]);
}
