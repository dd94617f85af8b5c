/** The threads of a world: users, services, the drivers' own, children, who meddles, who removes. */
import { bounds } from "../base/bounds.ts";
import { newLabel } from "../language/assembler.ts";
import { comparisons } from "../machine/compare.ts";
import { F, P, processState } from "../machine/layout.ts";
import { Op, RootKind } from "../machine/opcodes.ts";
import { windowsSite } from "./paths/common.ts";
import { unloadDriver } from "./paths/driver.ts";
import { emitLeaving } from "./paths/stop.ts";
import { emitUserStart, newThreadRoutine } from "./paths/thread.ts";
import { startsThreads } from "./questions.ts";
import { startsBeside } from "./scenario.ts";
import type { System } from "./system.ts";
import { callOfMeddler } from "./user-calls.ts";
import { userRoutine } from "./user-routine.ts";
import { countOf, firstSpec, makeChildren, startClass, threadName } from "./world-processes.ts";

/** Where a thread of user mode goes when it ends. */
export function exitCode(system: System): number {
  const { asm } = system;
  asm.site = windowsSite(system, "PspExitThread", "PspExitThread enter", "the thread ends");
  const pc = asm.here();
  asm.emit(Op.call, system.paths.exit, 0);
  asm.emit(Op.end);
  return pc;
}

interface Processes {
  readonly systemProcess: number;
  readonly serviceProcess: ReadonlyMap<string, number>;
  readonly exitPc: number;
}

export function makeThreads(
  system: System,
  { systemProcess, serviceProcess, exitPc }: Processes,
): void {
  const { asm, scenario, scopes } = system;
  const { world } = scenario;
  const beside = startsBeside(world);
  const userThreads: number[] = [];
  const isRestarted = world.service.condition === "restarted";
  const start = asm.threads.length;

  world.workload.forEach((thread, i) => {
    const process = asm.process(`${thread.name}.exe`, 0, processState.alive);
    const same = world.workload.findIndex(
      (w) =>
        w.does.length === thread.does.length &&
        w.does.every((action, at) => action === thread.does[at]) &&
        !w.does.includes("create a thread"),
    );
    const routine =
      same >= 0 && same < i ? userThreads[same] : userRoutine(system, thread.name, thread.does);
    userThreads.push(routine);
    // Of a process's threads the first is its initial one.
    asm.thread({
      name: thread.name,
      className: beside ? `user ${same < 0 ? i : same}` : "world",
      arrives: true,
      owner: "user",
      routine,
      process,
      ready: beside,
    });
    if (thread.does.includes("create a thread")) {
      asm.thread({
        name: `${thread.name}'s new thread`,
        className: `new thread of ${thread.name}`,
        owner: "user",
        routine: newThreadRoutine(system),
        process,
        ready: false,
      });
    }
  });

  for (const scope of scopes) {
    for (const service of scope.driver.services) {
      const process = serviceProcess.get(service.name) ?? systemProcess;
      for (const spec of service.threads) {
        const count = countOf(world, spec);
        // The first of a service that is created in the run is its process's initial thread.
        const first = isRestarted && spec === firstSpec(service) ? 1 : 0;
        for (let i = first; i < count; i++) {
          asm.thread({
            name: threadName(service, spec, count, i),
            className: isRestarted ? startClass(service) : "world",
            owner: service.name,
            isService: true,
            routine: baseRoutine(
              system,
              scope.plans.get(spec.routine)?.index ?? 0,
              `${service.name}/${spec.routine}`,
              service.name,
            ),
            process,
            ready: false,
          });
        }
        if (startsThreads(scope.driver, spec.routine)) {
          for (let i = 0; i < bounds.threads.max; i++) {
            asm.thread({
              name: `${service.name}/${spec.routine}, started ${i + 1}`,
              className: `${scope.driver.name}/${spec.routine}`,
              owner: service.name,
              isService: true,
              routine: baseRoutine(
                system,
                scope.plans.get(spec.routine)?.index ?? 0,
                `${service.name}/${spec.routine}`,
                service.name,
              ),
              process,
              ready: false,
            });
          }
        }
      }
    }
    for (const routine of scope.driver.routines) {
      if (routine.role !== "systemThread") continue;
      const index = scope.plans.get(routine.name)?.index ?? 0;
      for (let i = 0; i < bounds.threads.max; i++) {
        asm.thread({
          name: i === 0 ? routine.name : `${routine.name} ${i + 1}`,
          className: `${scope.driver.name}/${routine.name}`,
          owner: scope.driver.name,
          routine: index,
          process: systemProcess,
          ready: false,
        });
      }
    }
  }

  // What a service that is created while the driver is stopped finds.
  const stopping =
    isRestarted && world.removal === "racing"
      ? asm.alloc({ name: "whether the driver is being stopped", kind: "variable" }, "Windows")
      : undefined;
  makeChildren(system, stopping);
  if (world.removal === "racing") makeRemoval(system, systemProcess, serviceProcess, stopping);
  const { condition } = world.service;
  if (condition === "target" || condition === "suspended") {
    for (const [name, process] of serviceProcess) makeMeddler(system, condition, name, process);
  }
  for (let i = start; i < asm.threads.length; i++) asm.threads[i].exitPc = exitPc;
}

/** Calls a service's routine in a thread of its own, and leaves through the exit path. */
function baseRoutine(system: System, routine: number, name: string, service: string): number {
  const { asm } = system;
  const existing = asm.routines.findIndex((r) => r.name === `start of ${name}`);
  if (existing >= 0) return existing;
  const index = asm.routine({
    name: `start of ${name}`,
    owner: "Windows",
    role: "base",
    family: "",
  });
  asm.routines[index].pc = asm.here();
  asm.site = windowsSite(system, name, `start of ${name}`, "starts");
  emitUserStart(system, system.loaderLocks.get(service));
  asm.emit(Op.userPoint);
  asm.emit(Op.call, routine, 0);
  asm.emit(Op.userPoint);
  emitLeaving(system);
  asm.emit(Op.call, system.paths.exit, 0);
  asm.emit(Op.end);
  return index;
}

/** Somebody ends the service's process, or stops it in a debugger, while it works. */
function makeMeddler(
  system: System,
  condition: "target" | "suspended",
  name: string,
  process: number,
): void {
  const { asm } = system;
  const ends = condition === "target";
  const who = ends ? "task manager" : "debugger";
  const api = callOfMeddler[condition];
  const index = asm.routine({ name: who, owner: "user", role: "base", family: "" });
  asm.routines[index].pc = asm.here();
  asm.site = asm.addSite({
    owner: "user",
    routine: who,
    opId: `${ends ? "end" : "suspend"} ${name}`,
    text: `${api}(${name})`,
    api,
    effects: [],
    users: false,
  });
  asm.emit(Op.arrive);
  if (ends) asm.emit(Op.terminate, process, 0);
  else asm.emit(Op.suspend, process, system.paths.suspended + 1);
  asm.emit(Op.end);
  asm.thread({
    name: `${who} (${name})`,
    className: "world",
    arrives: true,
    owner: "user",
    routine: index,
    process: asm.slots[0].base,
    ready: false,
  });
}

/** `sc stop`: the services end first, since their handles would keep the driver loaded (W4). */
function makeRemoval(
  system: System,
  systemProcess: number,
  services: ReadonlyMap<string, number>,
  stopping: number | undefined,
): void {
  const { asm, scopes } = system;
  const index = asm.routine({ name: "sc stop", owner: "Windows", role: "base", family: "" });
  asm.routines[index].pc = asm.here();
  asm.routines[index].frameWords = F.size + 2;
  asm.site = windowsSite(system, "sc stop", "sc stop", "stops the driver");
  asm.emit(Op.arrive);
  if (stopping !== undefined) asm.emit(Op.store, stopping, 1);
  for (const [, process] of services) {
    const ended = newLabel();
    asm.emit(Op.terminate, process, 0);
    if (stopping !== undefined) {
      // One that does not exist yet will not connect.
      asm.emit(Op.branchShared, process + P.state, comparisons.indexOf("!="), processState.none);
      asm.target(ended, 3);
    }
    asm.emit(Op.wait, process, 0, 0, 0, -1, 1);
    asm.place(ended);
  }
  asm.emit(Op.rootBegin, RootKind.lifecycle, F.size);
  for (const scope of scopes) unloadDriver(system, scope);
  asm.emit(Op.rootEnd, RootKind.lifecycle, F.size);
  asm.emit(Op.end);
  asm.thread({
    name: "sc stop",
    className: "world",
    arrives: true,
    owner: "Windows",
    routine: index,
    process: systemProcess,
    ready: false,
  });
}
