/** The start of a run: drivers are loaded, the pool gets its load, the world is let go. */
import { newLabel } from "../language/assembler.ts";
import { F } from "../machine/layout.ts";
import { Op, RootKind } from "../machine/opcodes.ts";
import { windowsSite } from "./paths/common.ts";
import { startDriver } from "./paths/driver.ts";
import { foreignItems } from "./pool.ts";
import { workQueuesOf } from "./questions.ts";
import { startsBeside } from "./scenario.ts";
import type { System } from "./system.ts";

/** Loads the drivers, queues what loads the pool, and lets the world go. */
export function makeBoot(
  system: System,
  systemProcess: number,
  foreign: (type: string, count: number) => void,
): void {
  const { asm, scenario, scopes } = system;
  const beside = startsBeside(scenario.world);
  const index = asm.routine({ name: "start-up", owner: "Windows", role: "base", family: "" });
  asm.routines[index].pc = asm.here();
  asm.routines[index].frameWords = F.size + 2;
  asm.site = windowsSite(system, "start-up", "start-up", "starts the system");
  // A driver can be loaded at any time, beside processes that are there already.
  if (beside) asm.emit(Op.arrive);
  asm.emit(Op.rootBegin, RootKind.lifecycle, F.size);
  const failed = newLabel();
  const end = newLabel();
  for (const scope of scopes) startDriver(system, scope, failed);
  asm.emit(Op.rootEnd, RootKind.lifecycle, F.size);
  const done = new Set<number>();
  for (const type of workQueuesOf(scenario.drivers, scenario.world)) {
    const queue = system.poolQueue(type);
    if (done.has(queue)) continue;
    done.add(queue);
    foreign(type, foreignItems(system.scenario.world, type));
  }
  asm.site = windowsSite(system, "start-up", "start-up done", "the system is up");
  asm.emit(Op.start, asm.classNumber("world"), 0, 1, 2);
  asm.emit(Op.jump);
  asm.target(end, 0);
  // Of a driver that is not there nobody wants anything: the system is up, and nobody comes.
  asm.place(failed);
  asm.site = windowsSite(system, "start-up", "start-up failed", "the driver is not loaded");
  asm.emit(Op.rootEnd, RootKind.lifecycle, F.size);
  asm.emit(Op.start, asm.classNumber("nobody"), 0, 1, 2);
  asm.place(end);
  asm.emit(Op.park);
  asm.thread({
    name: "start-up",
    className: "boot",
    arrives: beside,
    owner: "Windows",
    routine: index,
    process: systemProcess,
    ready: true,
  });
}
