/** The clock, whose table timers stand in, and the processors that run DPCs (SY-21, SY-24). */
import { bounds } from "../base/bounds.ts";
import { newLabel } from "../language/assembler.ts";
import type { BodyContext } from "../language/compile-context.ts";
import type { DriverScope } from "../language/scope.ts";
import { Irql } from "../machine/layout.ts";
import { Op } from "../machine/opcodes.ts";
import { windowsSite } from "./paths/common.ts";
import type { System } from "./system.ts";

/** The table of the timers that are set; made when first asked for. */
export function timerTable({ asm }: BodyContext): number {
  if (asm.timers === 0) {
    asm.timers = asm.alloc({ name: "the timers", kind: "KQUEUE" }, "Windows", bounds.timers.max);
  }
  return asm.timers;
}

const className = (scope: DriverScope, routine: string): string =>
  `DPC ${scope.driver.name}/${routine}`;

/** The DPC object of a routine; made when first asked for. */
export function dpcObject({ asm, scope }: BodyContext, routine: string): number {
  const known = asm.dpcQueues.get(className(scope, routine));
  if (known !== undefined) return known;
  const { name } = scope.driver;
  const at = asm.alloc({ name: routine, kind: "KQUEUE" }, name, 1);
  asm.objects.set(at, { name: routine, kind: "KDPC", owner: name });
  asm.dpcQueues.set(className(scope, routine), at);
  return at;
}

export function makeTimerThreads(system: System, systemProcess: number): void {
  const { asm } = system;
  if (asm.timers !== 0) {
    asm.thread({
      name: "clock",
      className: "clock",
      owner: "Windows",
      routine: loop(system, "clock", "KiTimerExpiration", "a timer expires", () => {
        asm.emit(Op.expire);
      }),
      process: systemProcess,
      ready: true,
    });
  }
  for (const scope of system.scopes) {
    for (const { name, role } of scope.driver.routines) {
      const queue = asm.dpcQueues.get(className(scope, name));
      if (role !== "dpc" || queue === undefined) continue;
      const routine = loop(system, `DPC ${name}`, `KiRetireDpcList ${name}`, `runs ${name}`, () => {
        asm.emit(Op.dequeue, queue, -1, 0);
        asm.emit(Op.dispatch);
      });
      for (let i = 0; i < bounds.dpcProcessors.max; i++) {
        asm.thread({
          name: i === 0 ? `DPC ${name}` : `DPC ${name} (processor ${i + 1})`,
          className: className(scope, name),
          owner: scope.driver.name,
          routine,
          process: systemProcess,
          ready: true,
          irql: Irql.dispatch,
        });
      }
    }
  }
}

function loop(system: System, name: string, opId: string, text: string, body: () => void): number {
  const { asm } = system;
  const index = asm.routine({ name, owner: "Windows", role: "base", family: "" });
  asm.routines[index].pc = asm.here();
  asm.site = windowsSite(system, name, opId, text);
  const again = newLabel();
  asm.place(again);
  body();
  asm.emit(Op.jump);
  asm.target(again, 0);
  return index;
}
