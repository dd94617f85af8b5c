/** Who would close a port, which ends the wait for an answer over it (SV-6). */
import { addressOf, isRef, P, T } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { Connection, Op } from "../machine/opcodes.ts";
import { comesTo, hasOperation } from "./comes-to.ts";
import type { Relation } from "./finding.ts";
import { objectAt } from "./objects.ts";
import { operandKey, type Runner, reachable, routineAt, runnerOf } from "./reach.ts";

interface Closer {
  readonly kind: "thread";
  readonly thread: number;
  readonly relation: Relation;
}

/**
 * Of these threads, those whose code comes to closing the port, and those that keep a service from
 * its end, which closes it once the last of them has left (SV-6).
 */
export function portClosers(m: Machine, port: number, threads: readonly number[]): Closer[] {
  const { words } = m;
  const { key } = objectAt(m, port);
  const found: Closer[] = [];
  for (const thread of threads) {
    const process = words[baseOf(m, thread) + T.process];
    const serves = servesPort(m, thread, key);
    const isLeaving = serves && isRef(process) && words[addressOf(process) + P.told] === 1;
    // Windows closes at the end of every process, but only what that process has open.
    const closing = serves ? closes : callsClose;
    if (isLeaving) found.push({ kind: "thread", thread, relation: "hasToLeave" });
    else if (comesTo(m, thread, (pc, _at, runner) => closing(m, pc, key, runner)))
      found.push({ kind: "thread", thread, relation: "wouldClose" });
  }
  return found;
}

const closes = (m: Machine, pc: number, key: string, runner: Runner): boolean =>
  hasOperation(m, pc, key, Op.disconnect, undefined, runner);

/** Whether code from here on comes to a call that closes the port; not what Windows does at an end. */
const callsClose = ({ program }: Machine, pc: number, key: string, runner: Runner): boolean =>
  reachable(program, pc, runner).some((at) => {
    const { code, sites } = program;
    const isCall = code[at] === Op.disconnect && sites[code[at + 1]].users;
    if (!isCall || code[at + 3] === Connection.opens) return false;
    return operandKey(program, routineAt(program, at), code[at + 2]) === key;
  });

/** Whether the end of the thread's process closes the port. */
function servesPort(m: Machine, thread: number, key: string): boolean {
  const { exitPc, isService } = m.program.threads[thread];
  return isService && exitPc > 0 && closes(m, exitPc, key, runnerOf(m.program, thread));
}
