/** The processes that are created in a run, and the threads that they begin with. */
import { newLabel } from "../language/assembler.ts";
import type { Service } from "../language/model.ts";
import type { DriverScope } from "../language/scope.ts";
import { comparisons } from "../machine/compare.ts";
import { F, processState } from "../machine/layout.ts";
import { Connection, Op, RootKind } from "../machine/opcodes.ts";
import { listens, windowsSite } from "./paths/common.ts";
import { emitProcessStart, mapsImages } from "./paths/image.ts";
import { emitStart, emitUserStart } from "./paths/thread.ts";
import { portsOf } from "./questions.ts";
import { endingActions, stayingActions, type World } from "./scenario.ts";
import type { System } from "./system.ts";

type ServiceThread = Service["threads"][number];

/** How many threads of a kind there are from the beginning; one that the service only starts itself stays that. */
export const countOf = ({ service }: World, { count }: ServiceThread): number =>
  count === 0 ? 0 : (service.threads ?? count);

export const firstSpec = ({ threads }: Service): ServiceThread | undefined =>
  threads.find(({ count }) => count > 0);

export const threadName = (
  { name }: Service,
  { routine }: ServiceThread,
  count: number,
  i: number,
): string => (count === 1 ? `${name}/${routine}` : `${name}/${routine} ${i + 1}`);

export const startClass = ({ name }: Service): string => `start of ${name}`;

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
  asm.emit(Op.userPoint);
  asm.emit(Op.arrive);
  // That it comes to leave is seen, and nothing else happens in that step.
  if (!ends && system.stayersLeave) asm.emit(Op.leave);
  if (ends || system.stayersLeave) {
    asm.emit(Op.call, system.paths.exit, 0);
    asm.emit(Op.end);
  } else asm.emit(Op.park);
  return routine;
}

/** The slots of processes that are created in the run, each with its initial thread. */
export function makeChildren(system: System, stopping: number | undefined): void {
  const { asm, scenario, scopes } = system;
  const { workload } = scenario.world;
  const ends = workload.some(({ does }) => does.some((action) => endingActions.includes(action)));
  const routine = childRoutine(system, ends);

  const slots: number[] = [];
  if (scenario.world.service.condition === "restarted") {
    // The service itself is what is created next.
    for (const scope of scopes) {
      for (const service of scope.driver.services) {
        slots.push(makeStartUp(system, scope, service, stopping));
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
      const thread = {
        name,
        className,
        owner: "user",
        routine,
        process,
        ready: false,
        arrives: true,
      };
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

/**
 * The initial thread of a service that is created in the run: it connects, starts the service's
 * other threads and is the first of them itself. Returns the number of its process.
 */
function makeStartUp(
  system: System,
  scope: DriverScope,
  service: Service,
  stopping: number | undefined,
): number {
  const { asm, scenario } = system;
  const { world } = scenario;
  const slot = asm.slots.findIndex((s) => s.name === service.name);
  const routine = asm.routine({
    name: `${service.name} start-up`,
    owner: service.name,
    role: "base",
    family: "",
  });
  asm.routines[routine].pc = asm.here();
  asm.routines[routine].frameWords = F.size + 2;
  const leaves = newLabel();
  const site = windowsSite(
    system,
    service.name,
    `${service.name} start-up`,
    "the service connects and starts its threads",
  );
  asm.site = site;
  emitUserStart(system, undefined);
  emitProcessStart(system);
  asm.site = site;
  asm.emit(Op.userPoint);
  if (stopping !== undefined) {
    // There is nothing to connect to any more.
    asm.emit(Op.branchShared, stopping, comparisons.indexOf("=="), 0);
    asm.target(leaves, 3);
  }
  const connected = system.connected.get(service.name);
  if (connected !== undefined) asm.emit(Op.store, connected, 1);
  for (const { name } of portsOf(scope.driver, service.name, system.language)) {
    const port = scope.globals.get(name);
    if (port !== undefined) asm.emit(Op.disconnect, port.at, Connection.opens);
  }
  const first = firstSpec(service);
  const others = service.threads.reduce((sum, spec) => sum + countOf(world, spec), 0) - 1;
  if (listens(system, "thread", "create")) {
    for (let i = 0; i < others; i++) emitStart(system, startClass(service), { mayFail: true });
  } else if (others > 0) asm.emit(Op.start, asm.classNumber(startClass(service)), 0, 1, 1);
  if (first !== undefined) {
    asm.emit(Op.userPoint);
    asm.emit(Op.call, scope.plans.get(first.routine)?.index ?? 0, 0);
  }
  asm.place(leaves);
  asm.emit(Op.userPoint);
  asm.emit(Op.call, system.paths.exit, 0);
  asm.emit(Op.end);
  asm.slots[slot].thread = asm.thread({
    name:
      first === undefined
        ? `${service.name}/start-up`
        : threadName(service, first, countOf(world, first), 0),
    className: `start-up of ${service.name}`,
    owner: service.name,
    isService: true,
    routine,
    process: asm.slots[slot].base,
    ready: false,
  });
  return slot;
}
