/** Compiles a scenario: the drivers in their world become one program. */
import { InputError } from "../base/input-error.ts";
import { createAssembler, layFrame } from "../language/assembler.ts";
import {
  type BodyContext,
  compileRoutine,
  keptNames,
  type Surroundings,
} from "../language/compile.ts";
import type { DriverModel, ObjectDecl, Statement } from "../language/model.ts";
import { operationIds, printStatement } from "../language/print.ts";
import {
  type DriverScope,
  perProcessLayout,
  planRoutines,
  recordHeader,
  systemRole,
} from "../language/scope.ts";
import { F, P, processState, refTo, Tag } from "../machine/layout.ts";
import { Op, RootKind } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";
import { apisByName, apiTable } from "./api/table.ts";
import {
  createAndWaitPath,
  createProcessPath,
  exitPath,
  portsOf,
  serviceRoleNumber,
  startDriver,
  unloadDriver,
  windowsSite,
} from "./paths.ts";
import { foreignItems, foreignRoutine, makeQueue, queueForeign } from "./pool.ts";
import { compilePrimitive } from "./primitives.ts";
import { bounds, classCostUs } from "./profiles.ts";
import type { Scenario, UserAction } from "./scenario.ts";
import type { System } from "./system.ts";

/** How many processes the workload and the drivers' own code can create. */
function childrenOf({ drivers, world }: Scenario, foreign: number): number {
  let count = foreign;
  for (const thread of world.workload) count += thread.does.filter((d) => d !== "exit").length;
  const text = JSON.stringify(drivers);
  if (
    text.includes('"CreateProcess"') ||
    text.includes('"ZwCreateUserProcess"') ||
    text.includes('"raises":"process"')
  ) {
    count += bounds.extraChildren;
  }
  if (world.service.condition === "restarted") count += 1;
  return count;
}

const workQueueTypes = (drivers: readonly DriverModel[]): string[] => {
  const text = JSON.stringify(drivers);
  return ["CriticalWorkQueue", "DelayedWorkQueue", "HyperCriticalWorkQueue"].filter((q) =>
    text.includes(q),
  );
};

export function compileScenario(scenario: Scenario): Program {
  const { drivers, world } = scenario;
  const queueTypes = workQueueTypes(drivers);
  const services = drivers.flatMap((d) => d.services.map((s) => s.name));
  const foreignEach = queueTypes.map((type) => foreignItems({ scenario } as System, type));
  const childCount = childrenOf(
    scenario,
    world.pool.load === "exhausted" ? foreignEach.reduce((a, b) => a + b, 0) : 0,
  );
  const perProcess = perProcessLayout(drivers, P.size);
  const asm = createAssembler(
    1 + services.length + world.workload.length + childCount,
    perProcess.words,
    perProcess.fresh,
  );

  const systemProcess = asm.process("System", systemRole, processState.alive);
  let role = 0;
  const serviceProcess = new Map<string, number>();
  for (const name of services) {
    role++;
    serviceProcess.set(
      name,
      asm.process(
        name,
        role,
        world.service.condition === "restarted" ? processState.none : processState.alive,
      ),
    );
  }

  const scopes: DriverScope[] = drivers.map((driver, i) =>
    layDriver(asm, driver, perProcess.offsets[i]),
  );
  const queueBases = new Map<string, number>();
  const itemObjects: [number, number][] = [];
  const neverSignalled = asm.alloc({ name: "a completion", kind: "NotificationEvent" }, "Windows");
  asm.objects.set(neverSignalled, {
    name: "the completion of its I/O (a special kernel APC, held off)",
    kind: "completion",
    owner: "Windows",
  });
  const selfReference = asm.allocWords([0]);
  const system: System = {
    asm,
    scenario,
    scopes,
    removals:
      world.removal !== "none" ||
      world.startup !== "before" ||
      JSON.stringify(drivers).includes('"Remove":"TRUE"'),
    neverSignalled,
    selfReference,
    paths: { create: 0, exit: 0, createAndWait: 0 },
    poolQueue(type) {
      let queue = queueBases.get(type);
      if (queue === undefined) {
        queue = makeQueue(system, type, systemProcess);
        // A shared pool is one queue under every name (W3).
        const shared = world.pool.profile === "modern";
        for (const name of shared ? queueTypes : [type]) queueBases.set(name, queue);
      }
      return queue;
    },
    countItem(item, driverObject) {
      itemObjects.push([item, driverObject]);
    },
  };

  system.paths.create = createProcessPath(system);
  system.paths.exit = exitPath(system);
  system.paths.createAndWait = createAndWaitPath(system, system.paths.create);
  for (const type of queueTypes) system.poolQueue(type);

  const around = surroundings(system);
  for (const scope of scopes) {
    for (const routine of scope.driver.routines) {
      compileRoutine({
        asm,
        scope,
        routine,
        around,
        place: `${scope.driver.name}: ${routine.name}.body`,
      });
    }
  }

  const exitPc = exitCode(system);
  makeThreads(system, { systemProcess, serviceProcess, exitPc });
  const foreign = world.pool.load === "idle" ? -1 : foreignRoutine(system, world.pool.load);
  makeBoot(system, systemProcess, (queueType, count) => {
    const queue = queueBases.get(queueType);
    if (foreign >= 0 && queue !== undefined) queueForeign(system, queue, count, foreign);
  });

  if (world.startup === "failing") asm.faults = 1;
  const program = asm.finish({
    stackWords: bounds.stackWords,
    skewUs: bounds.skewUs,
    causeMax: bounds.causeMax,
  });
  program.initial[selfReference] = refTo(systemProcess);
  for (const [item, driverObject] of itemObjects) program.initial[item + 2] = refTo(driverObject);
  // The ports of a service that is not there yet are not connected.
  if (world.service.condition === "restarted") {
    for (const scope of scopes) {
      for (const service of scope.driver.services) {
        for (const name of portsOf(scope, service.name)) {
          const port = scope.globals.get(name);
          if (port !== undefined) program.initial[port.at + 2] = 1;
        }
      }
    }
  }
  return program;
}

function layDriver(
  asm: ReturnType<typeof createAssembler>,
  driver: DriverModel,
  perProcess: DriverScope["perProcess"],
): DriverScope {
  const globals = new Map<string, { at: number; decl: ObjectDecl }>();
  for (const decl of [...driver.objects, ...driver.services.flatMap((s) => s.objects)]) {
    globals.set(decl.name, { at: asm.alloc(decl, driver.name), decl });
  }
  for (const condition of driver.conditions) {
    if (condition.scope !== "driver") continue;
    const decl: ObjectDecl = { name: condition.name, kind: "variable" };
    globals.set(condition.name, { at: asm.alloc(decl, driver.name), decl });
  }
  const records = new Map<
    string,
    DriverScope["records"] extends ReadonlyMap<string, infer R> ? R : never
  >();
  for (const record of driver.records) {
    const { offsets, template, end } = layFrame(record.fields, recordHeader);
    const fresh = [0, Tag.record, 1, 1, ...template];
    const words: number[] = new Array(end).fill(0);
    const bases = Array.from({ length: record.max ?? 4 }, () => asm.allocWords(words));
    const fields = new Map(
      record.fields.map((decl) => [decl.name, { at: offsets.get(decl.name) ?? 0, decl }] as const),
    );
    for (const base of bases) {
      for (const decl of record.fields) {
        asm.objects.set(base + (offsets.get(decl.name) ?? 0), {
          name: `${record.name}.${decl.name}`,
          kind: decl.kind,
          owner: driver.name,
        });
      }
    }
    for (const decl of record.fields)
      asm.recordKeys.add(`${driver.name}.${record.name}.${decl.name}`);
    asm.records.push({ bases, template: fresh, words: end, name: record.name });
    records.set(record.name, { index: asm.records.length - 1, fields });
  }
  const driverObject = asm.alloc(
    { name: "the driver's work items", kind: "EX_RUNDOWN_REF" },
    driver.name,
  );
  const registrations = new Map<string, { at: number; events: string }>();
  for (const registration of driver.registrations) {
    const at = asm.alloc(
      { name: `the registration of ${registration.routine}`, kind: "EX_RUNDOWN_REF", initial: 1 },
      driver.name,
    );
    const events = registration.family.endsWith("-create")
      ? "create"
      : registration.family.endsWith("-exit")
        ? "exit"
        : "both";
    registrations.set(registration.routine, { at, events });
  }
  const plans = planRoutines(asm, driver, keptNames);
  for (const [name, { at }] of registrations) {
    asm.registrations.set(at, { routine: plans.get(name)?.index ?? 0, owner: driver.name });
  }
  return { driver, plans, globals, perProcess, records, driverObject, registrations };
}

function surroundings(system: System): Surroundings {
  const ids = new Map<DriverModel, ReadonlyMap<Statement, string>>();
  return {
    apis: apisByName,
    primitive: (context, api, primitive, args) =>
      compilePrimitive(system, context, api, primitive, args),
    raise(context: BodyContext, family) {
      if (family !== "process" && family !== "process-create") {
        throw new InputError(context.place, `raising "${family}" events is not modelled yet`);
      }
      context.asm.emit(Op.call, system.paths.create, 0);
    },
    costUs: (api) => classCostUs[api.cost],
    serviceRole: (scope, name) => serviceRoleNumber(system, scope, name),
    print: (driver, statement) => printStatement(statement, apiTable),
    opId(driver, statement) {
      let known = ids.get(driver);
      if (known === undefined) {
        known = operationIds(driver);
        ids.set(driver, known);
      }
      return known.get(statement) ?? statement.kind;
    },
  };
}

/** Where a thread of user mode goes when it ends. */
function exitCode(system: System): number {
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

function makeThreads(system: System, { systemProcess, serviceProcess, exitPc }: Processes): void {
  const { asm, scenario, scopes } = system;
  const { world } = scenario;
  const beside = world.startup === "racing";
  const userThreads: number[] = [];
  const start = asm.threads.length;

  world.workload.forEach((thread, i) => {
    const process = asm.process(`${thread.name}.exe`, 0, processState.alive);
    const same = world.workload.findIndex(
      (w) => JSON.stringify(w.does) === JSON.stringify(thread.does),
    );
    const routine = same < i ? userThreads[same] : userRoutine(system, thread.name, thread.does);
    userThreads.push(routine);
    asm.thread({
      name: thread.name,
      className: beside ? `user ${same}` : "world",
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
                true,
              ),
              process,
              ready: false,
            });
          }
        }
        const count = world.service.threads ?? spec.count;
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
              true,
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
  if (world.service.condition === "target") {
    for (const [name, process] of serviceProcess) makeKiller(system, name, process);
  }
  for (let i = start; i < asm.threads.length; i++) asm.threads[i].exitPc = exitPc;
}

/** Whether some thread of a service starts this routine with CreateThread. */
const startsThreads = (driver: DriverModel, routine: string): boolean =>
  JSON.stringify(driver.routines).includes(`"StartAddress":{"routine":${JSON.stringify(routine)}}`);

/** Calls a routine in a thread of its own, and ends: the thread through the exit path, or plainly. */
function baseRoutine(system: System, routine: number, name: string, userMode: boolean): number {
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
  asm.emit(Op.call, routine, 0);
  if (userMode) {
    asm.emit(Op.userPoint);
    asm.emit(Op.call, system.paths.exit, 0);
  }
  asm.emit(Op.end);
  return index;
}

function userRoutine(system: System, name: string, does: readonly UserAction[]): number {
  const { asm } = system;
  const index = asm.routine({ name, owner: "user", role: "base", family: "" });
  asm.routines[index].pc = asm.here();
  for (const action of does) {
    asm.site = asm.addSite({
      owner: "user",
      routine: name,
      opId: `user ${action}`,
      text: action === "exit" ? "ExitProcess()" : "CreateProcess()",
      api: "",
      effects: [],
      users: false,
    });
    asm.emit(Op.arrive);
    switch (action) {
      case "create":
        asm.emit(Op.call, system.paths.create, 0);
        break;
      case "create and exit":
        asm.emit(Op.call, system.paths.create, 0);
        break;
      case "create and wait":
      case "create a daemon and wait":
        asm.emit(Op.call, system.paths.createAndWait, 0);
        break;
      case "exit":
        asm.emit(Op.call, system.paths.exit, 0);
        break;
    }
  }
  asm.emit(Op.park);
  return index;
}

/** The slots of processes that are created in the run, each with its initial thread. */
function makeChildren(system: System): void {
  const { asm, scenario, scopes } = system;
  const exits = scenario.world.workload.some(
    (w) => w.does.includes("create and exit") || w.does.includes("create and wait"),
  );
  const routine = asm.routine({ name: "a new process", owner: "user", role: "base", family: "" });
  asm.routines[routine].pc = asm.here();
  asm.site = asm.addSite({
    owner: "user",
    routine: "a new process",
    opId: "new process",
    text: exits ? "the new process runs and exits" : "the new process runs",
    api: "",
    effects: [],
    users: false,
  });
  asm.emit(Op.arrive);
  if (exits) {
    asm.emit(Op.call, system.paths.exit, 0);
    asm.emit(Op.end);
  } else asm.emit(Op.park);

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
        asm.site = windowsSite(
          system,
          service.name,
          `${service.name} start-up`,
          "the service connects and starts its threads",
        );
        for (const name of portsOf(scope, service.name)) {
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
  let number = 0;
  while (asm.slots.length < asm.slotCount) {
    const at = asm.slots.length;
    const process = asm.process(`child ${++number}`, 0, processState.none);
    asm.slots[at].thread = asm.thread({
      name: `child ${number}`,
      className: "child",
      owner: "user",
      routine,
      process,
      ready: false,
    });
    slots.push(at);
  }
  asm.childSlots.push(slots);
}

/** Somebody ends the service's process while it works. */
function makeKiller(system: System, name: string, process: number): void {
  const { asm } = system;
  const index = asm.routine({ name: "task manager", owner: "user", role: "base", family: "" });
  asm.routines[index].pc = asm.here();
  asm.site = asm.addSite({
    owner: "user",
    routine: "task manager",
    opId: `end ${name}`,
    text: `TerminateProcess(${name})`,
    api: "",
    effects: [],
    users: false,
  });
  asm.emit(Op.arrive);
  asm.emit(Op.terminate, process, 0);
  asm.emit(Op.end);
  asm.thread({
    name: `task manager (${name})`,
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

/** Loads the drivers, queues what loads the pool, and lets the world go. */
function makeBoot(
  system: System,
  systemProcess: number,
  foreign: (type: string, count: number) => void,
): void {
  const { asm, scenario, scopes } = system;
  const index = asm.routine({ name: "start-up", owner: "Windows", role: "base", family: "" });
  asm.routines[index].pc = asm.here();
  asm.routines[index].frameWords = F.size + 2;
  asm.site = windowsSite(system, "start-up", "start-up", "starts the system");
  asm.emit(Op.rootBegin, RootKind.lifecycle, F.size);
  for (const scope of scopes) startDriver(system, scope);
  asm.emit(Op.rootEnd, RootKind.lifecycle, F.size);
  const done = new Set<number>();
  for (const type of workQueueTypes(scenario.drivers)) {
    const queue = system.poolQueue(type);
    if (done.has(queue)) continue;
    done.add(queue);
    foreign(type, foreignItems(system, type));
  }
  asm.site = windowsSite(system, "start-up", "start-up done", "the system is up");
  asm.emit(Op.start, asm.classNumber("world"), 0, 1, 2);
  asm.emit(Op.park);
  asm.thread({
    name: "start-up",
    className: "boot",
    owner: "Windows",
    routine: index,
    process: systemProcess,
    ready: true,
  });
}
