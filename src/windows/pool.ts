/**
 * System worker threads as programs on a KQUEUE: workers that take one item at a time (W1), and a
 * manager that looks once a second and may add one thread (W7 to W9).
 */
import { bounds } from "../base/bounds.ts";
import { newLabel } from "../language/assembler.ts";
import { F, Mode, operand, Result } from "../machine/layout.ts";
import { Op, RootKind } from "../machine/opcodes.ts";
import { listens, windowsSite } from "./paths/common.ts";
import { emitStart } from "./paths/thread.ts";
import { poolProfiles } from "./profiles.ts";
import type { World } from "./scenario.ts";
import type { System } from "./system.ts";

/** Entries that a pool's queue can hold in the model. */
const poolCapacity: number = bounds.poolRoom.max;

export function makeQueue(system: System, type: string, systemProcess: number): number {
  const { asm, scenario } = system;
  const profile = poolProfiles[scenario.world.pool.profile];
  const kind = type as keyof typeof profile.threads;
  const name = profile.shared ? "ExWorkerQueue" : type;
  const capacity = poolCapacity + furtherEvents(scenario.world, [type]);
  const queue = asm.alloc({ name, kind: "KQUEUE" }, "Windows", capacity);
  const worker = workerRoutine(system, name, queue);
  const className = `worker of ${name}`;
  asm.workerQueues.set(className, queue);
  const count = profile.threads[kind] + profile.relief;
  for (let i = 0; i < count; i++) {
    asm.thread({
      name: `${name} worker ${i + 1}`,
      className,
      owner: "Windows",
      routine: worker,
      process: systemProcess,
      ready: i < profile.threads[kind],
    });
  }
  asm.thread({
    name: `${name} manager`,
    className: `manager of ${name}`,
    owner: "Windows",
    routine: managerRoutine(
      system,
      name,
      queue,
      className,
      type === "CriticalWorkQueue" ? profile.processors : 0,
    ),
    process: systemProcess,
    ready: true,
  });
  return queue;
}

function workerRoutine(system: System, name: string, queue: number): number {
  const { asm } = system;
  const index = asm.routine({
    name: `ExpWorkerThread(${name})`,
    owner: "Windows",
    role: "worker",
    family: "",
  });
  const counted = F.size;
  asm.routines[index].frameWords = F.size + 3;
  asm.routines[index].pc = asm.here();
  const again = newLabel();
  const release = newLabel();
  asm.place(again);
  asm.site = windowsSite(system, name, `${name} take`, "takes the next work item");
  asm.emit(Op.dequeue, queue, -1, 0);
  asm.emit(Op.storePointer, operand(Mode.local, counted));
  asm.emit(Op.rootBegin, RootKind.item, counted + 1);
  asm.site = windowsSite(system, name, `${name} run`, "runs the work item");
  asm.emit(Op.dispatch);
  asm.emit(Op.rootEnd, RootKind.item, counted + 1);
  // What kept the driver loaded while its item ran is given back (W4).
  asm.emit(Op.loadPointer, operand(Mode.local, counted));
  asm.emit(Op.branchLocal, operand(Mode.local, counted), 1, 0);
  asm.target(release, 3);
  asm.emit(Op.unprotect, operand(Mode.pointer, 0));
  asm.emit(Op.storeLocal, operand(Mode.local, counted), 0, 0);
  asm.place(release);
  asm.emit(Op.jump);
  asm.target(again, 0);
  return index;
}

function managerRoutine(
  system: System,
  name: string,
  queue: number,
  className: string,
  processors: number,
): number {
  const { asm } = system;
  const index = asm.routine({
    name: `ExpWorkerThreadBalanceManager(${name})`,
    owner: "Windows",
    role: "poolManager",
    family: "",
  });
  const phase = operand(Mode.local, F.size);
  asm.routines[index].frameWords = F.size + 1;
  asm.routines[index].pc = asm.here();
  const again = newLabel();
  asm.site = windowsSite(system, name, `${name} phase`, "the manager's clock starts");
  // Where in its second the manager is when the run begins: any quarter.
  asm.emit(Op.choose, phase, 0, 4, 250_000);
  asm.place(again);
  asm.site = windowsSite(system, name, `${name} scan`, "the manager looks at the queue");
  asm.emit(Op.tick, queue, phase, processors);
  asm.emit(Op.branchResult, Result.success);
  asm.target(again, 1);
  asm.site = windowsSite(system, name, `${name} relief`, "the manager adds a worker");
  asm.emit(Op.rootBegin, RootKind.relief, 0);
  emitStart(system, className, { mayFail: true });
  asm.emit(Op.rootEnd, RootKind.relief, 0);
  asm.emit(Op.jump);
  asm.target(again, 0);
  return index;
}

/** A foreign item: one that ends after a second, or one that creates a process on its worker. */
export function foreignRoutine(system: System, kind: "busy" | "exhausted"): number {
  const { asm } = system;
  const index = asm.routine({
    name: "a foreign work item",
    owner: "another driver",
    role: "workItem",
    family: "",
  });
  asm.routines[index].pc = asm.here();
  asm.site = asm.addSite({
    owner: "another driver",
    routine: "a foreign work item",
    opId: "foreign item",
    text: kind === "busy" ? "works for a second" : "creates a process",
    api: "",
    effects: [],
    users: false,
  });
  if (kind === "busy") asm.emit(Op.cost, system.times.busyItemUs);
  else {
    // A driver that is loaded is loaded by a worker (CB-I3).
    if (listens(system, "image", "driver")) asm.emit(Op.call, system.paths.mapImage.driver, 0);
    asm.emit(Op.call, system.paths.create, 0);
  }
  asm.emit(Op.return);
  return index;
}

/**
 * About how many events there are beyond those that users ask for, each of which may put something
 * into a queue: foreign items of an exhausted pool create processes, and processes map images.
 */
export function furtherEvents(world: World, queueTypes: readonly string[]): number {
  const { pool, workload, images = 0 } = world;
  const created =
    pool.load === "exhausted"
      ? queueTypes.reduce((sum, type) => sum + foreignItems(world, type), 0)
      : 0;
  return 2 * created + images * (workload.length + created);
}

/** How many foreign items a load stands for, on one queue. */
export function foreignItems({ pool }: World, type: string): number {
  if (pool.load === "idle") return 0;
  if (pool.items !== undefined) return pool.items;
  const profile = poolProfiles[pool.profile];
  const threads = profile.threads[type as keyof typeof profile.threads];
  return pool.load === "busy" ? threads : threads + profile.relief;
}

/** Queues the foreign items of a queue of this type, ahead of everything else. */
export function queueForeign(
  system: System,
  queue: number,
  type: string,
  count: number,
  routine: number,
): void {
  const { asm } = system;
  asm.site = windowsSite(
    system,
    "another driver",
    `${type} foreign items`,
    "another driver queues its items",
  );
  for (let i = 0; i < count; i++) asm.emit(Op.enqueue, queue, routine + 1, 0, 0, 0);
}
