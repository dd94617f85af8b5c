/** The threads of a world: users, services, the drivers' own, children, who meddles, who removes. */
import { F, processState } from "../machine/layout.ts";
import { Op, RootKind } from "../machine/opcodes.ts";
import { listens, windowsSite } from "./paths/common.ts";
import { unloadDriver } from "./paths/driver.ts";
import { emitProcessStart, mapsImages } from "./paths/image.ts";
import { emitUserStart } from "./paths/thread.ts";
import { bounds } from "./profiles.ts";
import { portsOf, startsThreads } from "./questions.ts";
import { endingActions, stayingActions, type World } from "./scenario.ts";
import type { System } from "./system.ts";
import { userRoutine } from "./user-routine.ts";

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
  const beside = world.startup === "racing";
  const userThreads: number[] = [];
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
    asm.thread({
      name: thread.name,
      className: beside ? `user ${same < 0 ? i : same}` : "world",
      owner: "user",
      routine,
      process,
      ready: beside,
    });
  });

  for (const scope of scopes) {
    for (const service of scope.driver.services) {
      const process = serviceProcess.get(service.name) ?? systemProcess;
      for (const spec of service.threads) {
        if (startsThreads(scope.driver, spec.routine)) {
          for (let i = 0; i < bounds.threadsOfRoutine; i++) {
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
        // One that the service only starts itself stays that.
        const count = spec.count === 0 ? 0 : (world.service.threads ?? spec.count);
        for (let i = 0; i < count; i++) {
          asm.thread({
            name:
              count === 1
                ? `${service.name}/${spec.routine}`
                : `${service.name}/${spec.routine} ${i + 1}`,
            className:
              world.service.condition === "restarted" ? `start of ${service.name}` : "world",
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
    for (const routine of scope.driver.routines) {
      if (routine.role !== "systemThread") continue;
      const index = scope.plans.get(routine.name)?.index ?? 0;
      for (let i = 0; i < bounds.threadsOfRoutine; i++) {
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

  makeChildren(system);
  if (world.removal === "racing") makeRemoval(system, systemProcess, serviceProcess);
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
  asm.emit(Op.call, routine, 0);
  asm.emit(Op.userPoint);
  asm.emit(Op.call, system.paths.exit, 0);
  asm.emit(Op.end);
  return index;
}

/** A thread that somebody's program creates: it comes to user mode and ends. */
function newThreadRoutine(system: System): number {
  const { asm } = system;
  const existing = asm.routines.findIndex((r) => r.name === "a new thread");
  if (existing >= 0) return existing;
  const index = asm.routine({ name: "a new thread", owner: "user", role: "base", family: "" });
  asm.routines[index].pc = asm.here();
  asm.site = asm.addSite({
    owner: "user",
    routine: "a new thread",
    opId: "new thread",
    text: "the new thread runs and ends",
    api: "",
    effects: [],
    users: false,
  });
  emitUserStart(system, undefined);
  asm.emit(Op.call, system.paths.exit, 0);
  asm.emit(Op.end);
  return index;
}

/** Classes of children: what is created without saying otherwise; those that stay beside others. */
export const ChildClass = { usual: 0, staying: 1 } as const;

/** How many children stay in a world in which others end. */
export function stayingBesideOthers({ workload }: World): number {
  const actions = workload.flatMap(({ does }) => does);
  if (!actions.some((action) => endingActions.includes(action))) return 0;
  return actions.filter((action) => stayingActions.includes(action)).length;
}

/** The initial thread of a process that is created in the run. */
function childRoutine(system: System, ends: boolean): number {
  const { asm } = system;
  const routine = asm.routine({ name: "a new process", owner: "user", role: "base", family: "" });
  asm.routines[routine].pc = asm.here();
  // Two words for when the launch began.
  asm.routines[routine].frameWords = F.size + 2;
  const launches = mapsImages(system) || listens(system, "non-system-thread", "create");
  if (launches) {
    asm.site = windowsSite(system, "a new process", "launch", "starts up");
    asm.emit(Op.rootBegin, RootKind.launch, 0);
    emitUserStart(system, undefined);
    emitProcessStart(system);
    asm.emit(Op.rootEnd, RootKind.launch, F.size);
  }
  asm.site = asm.addSite({
    owner: "user",
    routine: "a new process",
    opId: "new process",
    text: ends ? "the new process runs and exits" : "the new process runs",
    api: "",
    effects: [],
    users: false,
  });
  asm.emit(Op.arrive);
  if (ends) {
    asm.emit(Op.call, system.paths.exit, 0);
    asm.emit(Op.end);
  } else asm.emit(Op.park);
  return routine;
}

/** The slots of processes that are created in the run, each with its initial thread. */
function makeChildren(system: System): void {
  const { asm, scenario, scopes } = system;
  const { workload } = scenario.world;
  const ends = workload.some(({ does }) => does.some((action) => endingActions.includes(action)));
  const routine = childRoutine(system, ends);

  const slots: number[] = [];
  if (scenario.world.service.condition === "restarted") {
    // The service itself is what is created next: its initial thread connects and starts the rest.
    for (const scope of scopes) {
      for (const service of scope.driver.services) {
        const slot = asm.slots.findIndex((s) => s.name === service.name);
        const start = asm.routine({
          name: `${service.name} start-up`,
          owner: service.name,
          role: "base",
          family: "",
        });
        asm.routines[start].pc = asm.here();
        asm.routines[start].frameWords = F.size + 2;
        emitUserStart(system, undefined);
        emitProcessStart(system);
        asm.site = windowsSite(
          system,
          service.name,
          `${service.name} start-up`,
          "the service connects and starts its threads",
        );
        for (const name of portsOf(scope.driver, service.name, system.language)) {
          const port = scope.globals.get(name);
          if (port !== undefined) asm.emit(Op.disconnect, port.at, 1);
        }
        asm.emit(Op.start, asm.classNumber(`start of ${service.name}`), 0, 1, 1);
        asm.emit(Op.end);
        asm.slots[slot].thread = asm.thread({
          name: `${service.name}/start-up`,
          className: `start-up of ${service.name}`,
          owner: service.name,
          routine: start,
          process: asm.slots[slot].base,
          ready: false,
        });
        slots.push(slot);
      }
    }
  }
  const staying = stayingBesideOthers(scenario.world);
  let number = 0;
  const add = (className: string, routine: number, until: number): number[] => {
    const added: number[] = [];
    while (asm.slots.length < until) {
      const at = asm.slots.length;
      const process = asm.process(`child ${++number}`, 0, processState.none);
      const name = `child ${number}`;
      const thread = { name, className, owner: "user", routine, process, ready: false };
      asm.slots[at].thread = asm.thread(thread);
      added.push(at);
    }
    return added;
  };
  asm.childSlots[ChildClass.usual] = [...slots, ...add("child", routine, asm.slotCount - staying)];
  if (staying > 0) {
    const stays = childRoutine(system, false);
    asm.childSlots[ChildClass.staying] = [...slots, ...add("staying child", stays, asm.slotCount)];
  }
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
  const index = asm.routine({ name: who, owner: "user", role: "base", family: "" });
  asm.routines[index].pc = asm.here();
  asm.site = asm.addSite({
    owner: "user",
    routine: who,
    opId: `${ends ? "end" : "suspend"} ${name}`,
    text: ends ? `TerminateProcess(${name})` : `NtSuspendProcess(${name})`,
    api: "",
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
): void {
  const { asm, scopes } = system;
  const index = asm.routine({ name: "sc stop", owner: "Windows", role: "base", family: "" });
  asm.routines[index].pc = asm.here();
  asm.routines[index].frameWords = F.size + 2;
  asm.site = windowsSite(system, "sc stop", "sc stop", "stops the driver");
  asm.emit(Op.arrive);
  for (const [, process] of services) {
    asm.emit(Op.terminate, process, 0);
    asm.emit(Op.wait, process, 0, 0, 0, -1, 1);
  }
  asm.emit(Op.rootBegin, RootKind.lifecycle, F.size);
  for (const scope of scopes) unloadDriver(system, scope);
  asm.emit(Op.rootEnd, RootKind.lifecycle, F.size);
  asm.emit(Op.end);
  asm.thread({
    name: "sc stop",
    className: "world",
    owner: "Windows",
    routine: index,
    process: systemProcess,
    ready: false,
  });
}
