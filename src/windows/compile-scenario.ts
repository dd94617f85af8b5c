/** Compiles a scenario: the drivers in their world become one program. */
import { bounds } from "../base/bounds.ts";
import { InputError } from "../base/input-error.ts";
import { type Assembler, createAssembler } from "../language/assembler.ts";
import { compileRoutine } from "../language/compile.ts";
import type { BodyContext, Surroundings } from "../language/compile-context.ts";
import type { DriverModel, Statement } from "../language/model.ts";
import { operationIds, printStatement } from "../language/print.ts";
import { type DriverScope, perProcessLayout, recordHeader, systemRole } from "../language/scope.ts";
import { P, processState, refTo, toldNever } from "../machine/layout.ts";
import { Op, RootKind } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";
import { makeBoot } from "./boot.ts";
import { imageFamily } from "./families/image.ts";
import { threadFamily } from "./families/thread.ts";
import { languageOf, type WindowsLanguage } from "./language.ts";
import { layDriver } from "./lay-driver.ts";
import { callbackKind } from "./paths/common.ts";
import { loadDriverPath, mapImagePath } from "./paths/image.ts";
import { hasNeighbour, makeNeighbourThreads, neighbourPath } from "./paths/neighbour.ts";
import { layOwnPaths } from "./paths/own.ts";
import {
  createAndWaitPath,
  createProcessPath,
  exitPath,
  raisePath,
  serviceRoleNumber,
} from "./paths/process.ts";
import { stoppingOf } from "./paths/stop.ts";
import {
  exitSystemThreadCode,
  insertThreadPath,
  startUserThreadPath,
  suspendedRoutine,
} from "./paths/thread.ts";
import { makeUserThreads } from "./paths/user-thread.ts";
import { foreignItems, foreignRoutine, furtherEvents, makeQueue, queueForeign } from "./pool.ts";
import { compilePrimitive } from "./primitives.ts";
import { classCostUs, skewUs, usualTimes } from "./profiles.ts";
import {
  createsProcesses,
  creatingThreads,
  goneInside,
  loadsDrivers,
  loadsLibraries,
  portsOf,
  registersLater,
  removesCallbacks,
  walksLists,
  workQueuesOf,
} from "./questions.ts";
import { restsOf } from "./rests.ts";
import { hasFault, type Scenario } from "./scenario.ts";
import type { System } from "./system.ts";
import { makeTimerThreads } from "./timers.ts";
import { ChildClass, stayingBesideOthers } from "./world-processes.ts";
import { exitCode, makeThreads } from "./world-threads.ts";

/** How many processes the workload and the drivers' own code can create, a restarted service aside. */
function childrenOf({ drivers, world }: Scenario, foreign: number): number {
  let count = foreign;
  for (const thread of world.workload) count += thread.does.filter((d) => d !== "exit").length;
  // Each thread of a service can stand in a creation of its own, nested in the others'.
  if (createsProcesses(drivers))
    count += Math.max(bounds.processes.max, creatingThreads(drivers, world));
  return count;
}

/** Where a driver hears of closed handles, whether each service that is created had opened its own. */
function connections(asm: Assembler, { drivers, world }: Scenario): ReadonlyMap<string, number> {
  if (world.service.condition !== "restarted") return new Map();
  return new Map(
    drivers
      .filter(({ routines }) => routines.some(({ role }) => role === "cleanup"))
      .flatMap(({ services }) => services)
      .map(({ name }) => {
        const what = { name: `whether ${name} has connected`, kind: "variable" } as const;
        return [name, asm.alloc(what, "Windows")];
      }),
  );
}

/** A DriverEntry that starts threads raises thread callbacks, perhaps before it registers its own. */
const raisesInEntry = (
  { routines, registrations }: DriverModel,
  { forms }: WindowsLanguage,
): boolean =>
  routines.some(({ role }) => role === "entry") &&
  registrations.some(({ family }) => forms.get(family)?.family.name === threadFamily.name);

/** @param later Whether processes that stay can leave after all, at any time, if they end up at rest. */
export function compileScenario(scenario: Scenario, later = { stayersLeave: false }): Program {
  const { drivers, world } = scenario;
  const times = { ...usualTimes, ...world.times };
  const language = languageOf(drivers);
  const queueTypes = workQueuesOf(drivers, world);
  const services = drivers.flatMap((d) => d.services.map((s) => s.name));
  const hasLoaderLocks = loadsLibraries(drivers);
  const foreignEach = queueTypes.map((type) => foreignItems(world, type));
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
  perProcess.offsets.forEach((objects, i) => {
    for (const { at, decl } of objects.values()) {
      asm.processObjects.set(at, { name: decl.name, kind: decl.kind, owner: drivers[i].name });
    }
  });

  const systemProcess = asm.process("System", systemRole, processState.alive, toldNever);
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

  if (walksLists(drivers)) asm.linkAt = recordHeader;
  const room = furtherEvents(world, queueTypes);
  const scopes: DriverScope[] = drivers.map((driver, i) =>
    layDriver(asm, driver, perProcess.offsets[i], language.forms, room),
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
  const loaderLocks = new Map<string, number>();
  for (const service of drivers.flatMap((d) => d.services)) {
    if (!hasLoaderLocks) break;
    const lock = asm.alloc({ name: "the loader lock", kind: "CRITICAL_SECTION" }, service.name);
    loaderLocks.set(service.name, lock);
  }
  const system: System = {
    asm,
    scenario,
    ...later,
    times,
    language,
    scopes,
    removals:
      world.removal !== "none" ||
      world.startup !== "before" ||
      removesCallbacks(drivers) ||
      drivers.some((driver) => registersLater(driver, language)) ||
      drivers.some((driver) => raisesInEntry(driver, language)),
    neverSignalled,
    connected: connections(asm, scenario),
    selfReference,
    paths: {
      create: 0,
      exit: 0,
      createAndWait: 0,
      createStaying: 0,
      createStayingAndWait: 0,
      insertThread: 0,
      startUserThread: 0,
      loadDriver: 0,
      thread: 0,
      neighbour: 0,
      suspended: 0,
      mapImage: { exe: 0, ntdll: 0, dll: 0, driver: 0 },
      raise: new Map(),
      act: new Map(),
    },
    loaderLocks,
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

  // The pool's manager creates threads, so what a thread goes through is there first.
  system.paths.insertThread = insertThreadPath(system);
  system.paths.startUserThread = startUserThreadPath(system);
  system.paths.thread = raisePath(system, "thread", "create");
  for (const event of imageFamily.events)
    system.paths.mapImage[event] = mapImagePath(system, event);
  system.paths.suspended = suspendedRoutine(system);
  system.paths.create = createProcessPath(system, ChildClass.usual);
  if (hasNeighbour(system)) system.paths.neighbour = neighbourPath(system);
  system.paths.exit = exitPath(system);
  system.paths.createAndWait = createAndWaitPath(system, system.paths.create);
  const staying = stayingBesideOthers(world) > 0;
  system.paths.createStaying = staying
    ? createProcessPath(system, ChildClass.staying)
    : system.paths.create;
  system.paths.createStayingAndWait = staying
    ? createAndWaitPath(system, system.paths.createStaying)
    : system.paths.createAndWait;
  for (const type of queueTypes) system.poolQueue(type);
  if (loadsDrivers(world)) system.paths.loadDriver = loadDriverPath(system);

  const around = surroundings(system);
  layOwnPaths(system, around);
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
  const endPc = exitSystemThreadCode(system);
  makeThreads(system, { systemProcess, serviceProcess, exitPc });
  makeTimerThreads(system, systemProcess);
  if (hasNeighbour(system)) makeNeighbourThreads(system, systemProcess);
  for (const thread of asm.threads) {
    if (thread.process === systemProcess) thread.endPc = endPc;
  }
  const foreign = world.pool.load === "idle" ? -1 : foreignRoutine(system, world.pool.load);
  makeBoot(system, systemProcess, (queueType, count) => {
    const queue = queueBases.get(queueType);
    if (foreign >= 0 && queue !== undefined) queueForeign(system, queue, queueType, count, foreign);
  });

  makeUserThreads(system, systemProcess, exitPc);

  if (hasFault(world)) asm.faults = 1;
  const stopping = stoppingOf(system);
  const program = asm.finish({
    stackWords: bounds.nesting.max,
    skewUs,
    stopping,
    budgets: new Map([
      [RootKind.callback, times.callbackUs],
      [RootKind.event, times.eventUs],
      [RootKind.operation, times.operationUs],
      [RootKind.launch, times.operationUs],
      [RootKind.request, times.operationUs],
      ...language.families.map(
        ({ name, budgetUs }) =>
          [callbackKind(system, name), world.times?.callbackUs ?? budgetUs] as const,
      ),
    ]),
  });
  program.initial[selfReference] = refTo(systemProcess);
  for (const [item, driverObject] of itemObjects) program.initial[item + 2] = refTo(driverObject);
  // The ports of a service that is not there yet are not connected.
  if (world.service.condition === "restarted") {
    for (const scope of scopes) {
      for (const service of scope.driver.services) {
        for (const { name } of portsOf(scope.driver, service.name, language)) {
          const port = scope.globals.get(name);
          if (port !== undefined) program.initial[port.at + 2] = 1;
        }
      }
    }
  }
  return program;
}

function surroundings(system: System): Surroundings {
  const ids = new Map<DriverModel, ReadonlyMap<Statement, string>>();
  const { drivers, world } = system.scenario;
  const goesInside = new Map(drivers.map((one) => [one, goneInside(one, world, system.language)]));
  return {
    apis: system.language.apisByName,
    primitive: (context, primitive, args) => compilePrimitive(system, context, primitive, args),
    raise(context: BodyContext, family) {
      const { paths } = system;
      const path =
        paths.raise.get(family) ??
        {
          process: paths.create,
          "process-create": paths.create,
          thread: paths.thread,
          "thread-create": paths.thread,
          image: paths.mapImage.dll,
          "image-dll": paths.mapImage.dll,
          "image-exe": paths.mapImage.exe,
        }[family];
      if (path === undefined) {
        throw new InputError(context.place, `a call cannot raise "${family}" in the model`);
      }
      context.asm.emit(Op.call, path, 0);
    },
    canGoInside: (driver, routine) => goesInside.get(driver)?.has(routine) === true,
    pended: (driver, request) => restsOf(driver, system.language).pended(request),
    eventNumber: system.language.eventNumber,
    raised(context, api) {
      if (!hasNeighbour(system) || !api.raises.includes("file")) return;
      const { asm } = context;
      const { site } = asm;
      // A place of its own, so that the call is told before what it raises.
      asm.site = asm.addSite({ ...asm.sites[site] });
      asm.emit(Op.cost, 0);
      asm.emit(Op.call, system.paths.neighbour, 0);
      asm.site = site;
    },
    costUs: (api) => classCostUs(system.times, api.cost),
    serviceRole: (scope, name) => serviceRoleNumber(system, scope, name),
    print: (statement) => printStatement(statement, system.language.apis),
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
