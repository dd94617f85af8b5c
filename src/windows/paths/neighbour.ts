/** Another driver on the machine, which does in its own callbacks what it may. */
import { bounds } from "../../base/bounds.ts";
import { Result } from "../../machine/layout.ts";
import { Op } from "../../machine/opcodes.ts";
import type { System } from "../system.ts";
import { emitStart } from "./thread.ts";

/** Threads that the neighbour can create in a run: it nests no deeper. */
const threadsMax = bounds.neighbourThreads.max;
const className = "a neighbour's thread";

export const hasNeighbour = ({ scenario }: System): boolean =>
  scenario.world.neighbour === "creates a thread";

function neighbourSite(system: System, opId: string, text: string): number {
  return system.asm.addSite({
    owner: "another driver",
    routine: "PostCreate",
    opId,
    text,
    api: "",
    effects: [],
    users: false,
  });
}

/**
 * A neighbour's file filter: behind a file's opening, in the thread that opens, it creates a system
 * thread, which raises the thread callbacks there (CB-L3, CB-T5).
 */
export function neighbourPath(system: System): number {
  const { asm } = system;
  const index = asm.routine({
    name: "a neighbour's file filter",
    owner: "another driver",
    role: "path",
    family: "",
  });
  asm.routines[index].pc = asm.here();
  asm.site = neighbourSite(system, "neighbour", "a file filter creates a system thread");
  emitStart(system, className, { mayFail: true });
  asm.emit(Op.setResult, Result.success);
  asm.emit(Op.return);
  return index;
}

export function makeNeighbourThreads(system: System, process: number): void {
  const { asm } = system;
  const routine = asm.routine({
    name: "a neighbour's thread",
    owner: "another driver",
    role: "base",
    family: "",
  });
  asm.routines[routine].pc = asm.here();
  asm.site = neighbourSite(system, "neighbour's thread", "runs and ends");
  asm.emit(Op.return);
  for (let i = 0; i < threadsMax; i++) {
    asm.thread({
      name: `a neighbour's thread ${i + 1}`,
      className,
      owner: "another driver",
      routine,
      process,
      ready: false,
    });
  }
}
