/**
 * What is told of where a thread stands that is in no driver's code: in the words of whoever reads a story,
 * by the paths of section 9 and the world of section 10.
 */
import type { Code } from "./scenario.ts";
import type { Task, Thread } from "./state.ts";

const closes = "closes the process's handles";
const connects = "the service connects and starts its threads";
const stops = "stops the driver";
const loader = "attaches its DLLs, under the loader lock";
const loads = "has a driver loaded by a worker, and waits";

const places: Readonly<Record<string, string | ((code: Code, task: Task, t: Thread) => string)>> = {
  createProcess: "creates a process",
  created: "the creation was vetoed",
  leaveProcess: "leaves the process",
  die: "signals the process object",
  disconnect: closes,
  hangUp: closes,
  closeHandles: closes,
  connect: connects,
  connectPort: connects,
  opened: connects,
  acquire: loader,
  leaveLoader: loader,
  loadDriver: loads,
  queueForeign: "another driver queues its items",
  stopping: stops,
  awaitService: stops,
  tellEnd: (_, { name }, { id }) =>
    id.includes("sc stop") ? stops : `TerminateProcess(${String(name)})`,
  suspendNow: (_, { name }) => `NtSuspendProcess(${String(name)})`,
  served: "loads the driver",
  protectCallback: callbackAt,
  unprotectCallback: callbackAt,
  registerNow: "loads the driver",
  removeNow: "unloads the driver",
  drained: "unloads the driver",
  driverObject: "unloads the driver",
  uncount: "runs the work item",
  uncountFilter: "runs the work item",
};

function callbackAt({ registrations }: Code, { r, family, event }: Task): string {
  const told = family === undefined ? "" : ` (${String(family)} ${String(event)})`;
  return `${registrations[Number(r)].routine}${told}`;
}

export function placeOf(code: Code, t: Thread): string {
  const task = t.todo.at(-1);
  const place = places[task?.k ?? ""];
  if (task === undefined || place === undefined) return "";
  return `, ${typeof place === "string" ? place : place(code, task, t)}`;
}
