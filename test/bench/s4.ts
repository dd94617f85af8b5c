/**
 * S4, the yardstick: threads that take two of four locks, in the order of their numbers, five times
 * each; with six threads that is 120 operations and no bug. It is a driver like any other here, so
 * that a run of it is what a run of a fuzz campaign is.
 */

import { bounds } from "../../src/base/bounds.ts";
import { type DriverModel, defineDriver } from "../../src/index.ts";
import { createAssembler } from "../../src/language/assembler.ts";
import { Irql, Mode, operand, processState } from "../../src/machine/layout.ts";
import { Op } from "../../src/machine/opcodes.ts";
import type { Program } from "../../src/machine/program.ts";
import { skewUs } from "../../src/windows/profiles.ts";
import type { Scenario } from "../../src/windows/scenario.ts";

export const lockCount = 4;
const rounds = 5;

/** The pairs of locks that a thread takes, one after the other: outer, inner. */
export type Plan = readonly (readonly [number, number])[];

/** Thread t's round r begins with lock (t + r) mod 3; the inner lock is one with a higher number. */
export function plansFor(threads: number): Plan[] {
  return Array.from({ length: threads }, (_, t) =>
    Array.from({ length: rounds }, (_, r): readonly [number, number] => {
      const outer = (t + r) % (lockCount - 1);
      return [outer, outer + 1 + ((2 * t + r) % (lockCount - 1 - outer))];
    }),
  );
}

/** Lock operations of a run, the same in each: four a round. */
export const lockOperations = (plans: readonly Plan[]): number =>
  plans.reduce((sum, plan) => sum + 4 * plan.length, 0);

/**
 * Each thread is one of a service that enters a request of its own, and a process is only created
 * once all have set their event: the run is over when everybody is through.
 */
export function s4Driver(plans: readonly Plan[]): DriverModel {
  return defineDriver("S4", (d) => {
    const locks = Array.from({ length: lockCount }, (_, i) => d.fastMutex(`Lock${i}`));
    const ends = plans.map((_, i) => d.event(`End${i}`, "NotificationEvent"));
    const requests = plans.map((plan, i) =>
      d.request(`Request${i}`, (r) => {
        for (const [outer, inner] of plan) {
          r.ExAcquireFastMutex(locks[outer]);
          r.ExAcquireFastMutex(locks[inner]);
          r.ExReleaseFastMutex(locks[inner]);
          r.ExReleaseFastMutex(locks[outer]);
        }
        r.KeSetEvent(ends[i]);
      }),
    );
    d.service("Clients", (s) => {
      requests.forEach((request, i) => {
        s.thread(`Client${i}`, (t) => t.DeviceIoControl(request));
      });
    });
    d.onProcessCreate("WaitForAll", (a) => {
      for (const end of ends) a.KeWaitForSingleObject(end);
    });
  });
}

export const s4Scenario = (plans: readonly Plan[]): Scenario => ({
  drivers: [s4Driver(plans)],
  world: {
    name: "S4",
    workload: [{ name: "user", does: ["create"] }],
    pool: { profile: "tiny", load: "idle" },
    service: { condition: "well" },
    startup: "before",
    removal: "none",
  },
});

/**
 * S4 alone: the same calls as the compiler lays them down, a check of the IRQL, the cost of the call
 * and the operation, in threads that do nothing else. No Windows is around them.
 */
export function s4Program(plans: readonly Plan[]): Program {
  const asm = createAssembler(1, 0, []);
  const process = asm.process("System", 1, processState.alive);
  const locks = Array.from({ length: lockCount }, (_, i) =>
    asm.alloc({ name: `Lock${i}`, kind: "FAST_MUTEX" }, "S4"),
  );
  plans.forEach((plan, t) => {
    const name = `Thread${t}`;
    const routine = asm.routine({ name, owner: "S4", role: "base", family: "" });
    const call = (api: string, op: number, lock: number): void => {
      const opId = `${name}/${api}#${asm.sites.length}`;
      const text = `${api}(Lock${lock})`;
      asm.site = asm.addSite({
        owner: "S4",
        routine: name,
        opId,
        text,
        api,
        effects: [],
        users: true,
      });
      asm.emit(Op.check, Irql.apc, 0);
      asm.emit(Op.cost, 1);
      asm.emit(op, operand(Mode.global, locks[lock]));
    };
    asm.routines[routine].pc = asm.here();
    for (const [outer, inner] of plan) {
      call("ExAcquireFastMutex", Op.acquire, outer);
      call("ExAcquireFastMutex", Op.acquire, inner);
      call("ExReleaseFastMutex", Op.release, inner);
      call("ExReleaseFastMutex", Op.release, outer);
    }
    asm.emit(Op.end);
    asm.thread({ name, className: name, owner: "S4", routine, process, ready: true });
  });
  return asm.finish({
    stackWords: bounds.nesting.max,
    skewUs,
    budgets: new Map(),
  });
}
