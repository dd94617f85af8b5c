/** How a run begins: processes, threads, services and the pool (section 10). */
import type { DriverModel } from "../../src/language/model.ts";
import type { Context } from "./context.ts";
import { newThread } from "./paths.ts";
import { sizes } from "./pool-sizes.ts";
import { processors } from "./rules/dpcs.ts";
import { queueNamed } from "./rules/pool.ts";
import { type Code, registersItself, Unsupported } from "./scenario.ts";
import { pipesOf, portsOf, serviceThreads, userThreadSteps } from "./services.ts";
import type { State, Task } from "./state.ts";

/** Scenario threads that wait for the start, by a mark before their names. */
const waitsForStart = "!";

export function firstState(code: Code): State {
  const { drivers, world } = code.scenario;
  const state: State = {
    threads: {},
    frames: {},
    things: {},
    processes: {},
    messages: {},
    records: {},
    opaque: {},
    dpcs: {},
    pool: {},
    registrations: code.registrations.map(({ driver }) => ({
      on: !code.registrationsChange && !hasOwnEntry(drivers[driver]),
      inside: 0,
    })),
    counted: drivers.map(() => 0),
    filters: drivers.map(() => ({ down: false, items: 0 })),
    code: drivers.map(() => "there"),
    faults: world.startup.startsWith("failing") ? 1 : 0,
    strayTimers: [],
    neighbours: 0,
    released: false,
    unloading: false,
    serviceSeen: "",
    stopped: "",
    made: 0,
    madeOfAll: 0,
  };
  const c = contextOf(code, state, () => 0);
  const process = (name: string, first?: string): void => {
    state.processes[name] = {
      ...{ dead: false, threads: 0, parent: "", told: false, fate: "" },
      ...(first === undefined ? {} : { first }),
    };
  };
  process("System");
  const racing = world.startup === "racing" || world.startup === "failing beside";
  newThread(c, "start-up", "System", [
    ...(racing ? [{ k: "arrive" }] : []),
    { k: "startUp" },
  ]).begun = true;
  for (const { name, does } of world.workload) {
    process(`${name}.exe`, racing ? name : waitsForStart + name);
    const todo = does.flatMap((what, n): Task[] => [
      { k: "userPoint" },
      { k: "arrive" },
      { k: "act", what, n },
    ]);
    newThread(c, racing ? name : waitsForStart + name, `${name}.exe`, [
      ...todo,
      { k: "userPoint" },
      { k: "rest" },
    ]).begun = racing;
  }
  drivers.forEach((driver, d) => {
    if (driver.extension !== undefined) throw new Unsupported("an extension");
    for (const { name } of driver.services) {
      if (world.service.condition === "restarted") {
        for (const key of [...portsOf(c, name), ...pipesOf(c, name)])
          state.things[key] = { entries: [], gone: true };
        continue;
      }
      const [initial] = serviceThreads(c, d, name);
      process(name, initial === undefined ? undefined : waitsForStart + initial.id);
      for (const { routine, id } of serviceThreads(c, d, name)) {
        const one = waitsForStart + id;
        newThread(c, one, name, [
          ...userThreadSteps(c, { driver: d, service: name, routine, id: one }),
        ]);
      }
      const meddles = { target: "tellEnd", suspended: "suspendNow" }[world.service.condition];
      if (meddles !== undefined)
        newThread(c, `${waitsForStart}meddler of ${name}`, "System", [
          { k: "arrive" },
          { k: meddles, name },
          { k: "endThread" },
        ]);
    }
  });
  if (world.removal === "racing")
    newThread(c, `${waitsForStart}sc stop`, "System", [{ k: "arrive" }, { k: "stopDriver" }]);
  const { fixed, relief } = sizes[world.pool.profile];
  for (const queue of new Set(queuesOf(code).map((name) => queueNamed(c, name)))) {
    state.pool[queue] = { entries: [], marked: false, relief };
    for (let n = 1; n <= fixed(queue); n++)
      newThread(c, `${queue} worker ${n}`, "System", [{ k: "worker", queue }]).begun = true;
    newThread(c, `${queue} manager`, "System", [
      { k: "drawPhase", queue },
      { k: "manager", queue },
    ]).begun = true;
  }
  if (drivers.some(({ routines }) => routines.some(({ role }) => role === "dpc"))) {
    for (const id of processors) newThread(c, id, "System", [{ k: "processor" }]).begun = true;
  }
  return state;
}

const hasOwnEntry = ({ routines }: DriverModel): boolean =>
  routines.some((one) => one.role === "entry" && registersItself(routines, one));

function queuesOf({ statements, scenario }: Code): string[] {
  const named = statements.flatMap((one) =>
    one.kind === "call" && typeof one.args.QueueType === "string" ? [one.args.QueueType] : [],
  );
  const loads = scenario.world.workload.some(({ does }) => does.includes("load a driver"));
  return [...new Set([...named, ...(loads ? ["DelayedWorkQueue"] : [])])];
}

export function contextOf(code: Code, state: State, pick: Context["pick"]): Context {
  return {
    code,
    state,
    pick,
    woken: [],
    called: new Map(),
    completed: new Set(),
    effects: new Set(),
    marks: new Set(),
    reached: new Set(),
    rootsEnded: [],
  };
}
