/** Kernel paths: processes and threads from creation to exit, images, registration (sections 8, 9, 11). */

import { type Activation, endFrame, enter, handedOver, owe, paid } from "./activations.ts";
import { answer, type Context, effect, proceed, raise, top } from "./context.ts";
import { leave } from "./locks.ts";
import { foreignItems } from "./pool-sizes.ts";
import { isDeliverable } from "./rules/apcs.ts";
import { Unsupported } from "./scenario.ts";
import { pipesOf, portsOf, serviceThreads } from "./services.ts";
import { Bound, Crash, type Entry, type Task, type Thread } from "./state.ts";
import { spend } from "./timed/profile.ts";
import { ownedMutexes, release } from "./waits.ts";

export function newThread(c: Context, id: string, process: string, todo: Task[]): Thread {
  if (c.state.threads[id] !== undefined) throw new Error(`two threads ${id}`);
  const t: Thread = {
    id,
    process,
    todo: [],
    begun: false,
    ended: false,
    told: c.state.processes[process]?.told === true,
    leaving: false,
    irql: 0,
    critical: 0,
    guarded: 0,
    attached: 0,
    owes: 0,
    items: 0,
    causes: 0,
    result: "success",
    value: 1,
    flag: false,
    alerted: false,
    userApc: false,
    userApcDue: false,
    inApc: false,
    ...(c.state.times === undefined ? {} : { roots: [] }),
  };
  proceed(t, ...todo);
  c.state.threads[id] = t;
  if (c.state.processes[process] !== undefined) c.state.processes[process].threads++;
  return t;
}

export const listens = (c: Context, family: string, event?: string): boolean =>
  c.code.registrations.some(
    (one) => one.family === family && (event === undefined || (one.event ?? event) === event),
  );

/** The next callback of an event, and so on (CB-Q7, CB-Q8). */
export function raiseNext(c: Context, t: Thread, task: Task): void {
  const { family, event, i } = task as Task & { family: string; event: string; i: number };
  const r = c.code.registrations[i];
  // The callbacks of one event together are owed (section 12).
  const isOwed = task.isOwed === true || listens(c, family, event);
  if (isOwed && task.isOwed !== true) owe(t, "event");
  if (r === undefined) {
    if (isOwed) paid(c, t);
    return;
  }
  proceed(t, { ...task, i: i + 1, isOwed });
  if (r.family !== family || (r.event ?? event) !== event) return;
  c.marks.add(`raise ${family} ${event}`);
  proceed(t, { ...task, k: "protectCallback", r: i });
}

export function callBack(c: Context, t: Thread, task: Task): void {
  const { family, event, r } = task as Task & { family: string; event: string; r: number };
  const registration = c.state.registrations[r];
  if (!registration.on) return;
  registration.inside++;
  const off = family === "image" && c.code.scenario.world.specialApcs === "off";
  owe(t, "callback");
  t.critical++;
  t.causes++;
  if (off) t.guarded++;
  proceed(t, { k: "leaveCallback", r, off });
  const called: Activation = {
    routine: c.code.registrations[r].routine,
    driver: c.code.registrations[r].driver,
    subject: String(task.subject),
    subjectThread: String(task.thread),
    event,
  };
  enter(c, t, called);
}

export function leaveCallback(c: Context, t: Thread, task: Task): void {
  // Whatever it leaves behind, it has come back.
  paid(c, t);
  t.causes--;
  proceed(t, { k: "unprotectCallback", r: task.r, off: task.off, isInside: true });
}

/** The registration is given back, and what the family added left: in either order, if an APC waits (section 8). */
export function unprotectCallback(c: Context, t: Thread, { r, off, isInside }: Task): void {
  const leaveRegions = (): void => {
    leave(t, "critical", undefined);
    if (off === true) leave(t, "guarded", undefined);
  };
  const isOpen = isInside === true && c.code.registrationsChange && isAwaited(t, off === true);
  if (isOpen && c.pick(2) === 1) {
    leaveRegions();
    return proceed(t, { k: "unprotectCallback", r });
  }
  c.state.registrations[r as number].inside--;
  if (isInside === true) leaveRegions();
}

/** Whether leaving would let the pending APC through. */
function isAwaited(t: Thread, off: boolean): boolean {
  const outside = { ...t, critical: t.critical - 1, guarded: t.guarded - (off ? 1 : 0) };
  return !isDeliverable(t) && isDeliverable(outside);
}

/** Slots for what comes of the workload, foreign items and drivers' own code, which has four at least (section 10). */
function processesMax(c: Context, isMixed: boolean): number {
  const { drivers, world } = c.code.scenario;
  const { workload, pool, service } = world;
  const threads = drivers
    .flatMap(({ services }) => services.flatMap((one) => one.threads))
    .reduce((sum, { count }) => sum + (count === 0 ? 0 : (service.threads ?? count)), 0);
  if (threads > 4) throw new Unsupported("processes for so many threads of services");
  const actions = workload
    .flatMap(({ does }) => does)
    .filter((one) => one !== "exit" && !(isMixed && staying.includes(one)));
  const foreign = pool.load === "exhausted" ? foreignItems(c).map(([, n]) => n) : [];
  return foreign.reduce((a, b) => a + b, actions.length + 4);
}

/** Beside processes that end, these have slots of their own. */
const staying = ["create", "create a daemon and wait"];

/** NtCreateUserProcess (CB-Q3). */
export function createProcess(c: Context, t: Thread, task: Task): void {
  const { state } = c;
  const restarts =
    c.code.scenario.world.service.condition === "restarted" &&
    state.serviceSeen === "" &&
    c.code.scenario.drivers.some(({ services }) => services.length > 0);
  if (restarts) return createService(c, t, task);
  const pid = `child ${++state.made}`;
  const usual = c.code.scenario.world.workload.some(({ does }) =>
    does.some((one) => one === "create and exit" || one === "create and wait"),
  );
  const isStaying = usual && task.fate === "stays";
  if (!isStaying && ++state.madeOfAll > processesMax(c, usual)) throw new Bound("processes");
  const fate = String(task.fate ?? (usual ? "exits" : "stays"));
  noteChild(t, task, pid);
  beginProcess(c, t, pid, `${pid} thread`, fate, [
    { k: "arrive" },
    { k: fate === "exits" ? "leave" : "rest" },
  ]);
}

/** Whoever waits for a child waits for the one that this call makes, not for what callbacks make meanwhile. */
function noteChild(t: Thread, task: Task, pid: string): void {
  const place = t.todo.findLastIndex(({ k }) => k === "awaitChild");
  if (task.fate !== undefined && place >= 0) t.todo[place] = { ...t.todo[place], pid };
}

/** The next process that is created is the service (section 10). */
function createService(c: Context, t: Thread, task: Task): void {
  const driver = c.code.scenario.drivers.findIndex(({ services }) => services.length > 0);
  const service = c.code.scenario.drivers[driver].services[0].name;
  c.state.serviceSeen = service;
  c.marks.add("a service is restarted");
  noteChild(t, task, service);
  const routine = serviceThreads(c, driver, service)[0]?.routine ?? "";
  beginProcess(c, t, service, `${service}/${routine} 1`, "", [{ k: "connect", driver, service }]);
  c.state.processes[service].connected = false;
}

function beginProcess(
  c: Context,
  t: Thread,
  pid: string,
  first: string,
  fate: string,
  then: readonly Task[],
): void {
  const { state } = c;
  state.processes[pid] = { dead: false, threads: 0, parent: t.process, told: false, fate, first };
  // Where nobody listens to images, their time is nobody's concern.
  const images = [
    "exe",
    "ntdll",
    ...Array.from({ length: c.code.scenario.world.images ?? 0 }, () => "dll"),
  ];
  const child = newThread(c, first, pid, [
    raise("non-system-thread", "create", pid, first),
    ...(listens(c, "image") ? images : []).flatMap((event) => mapImage(event, pid, first)),
    { k: "launched" },
    { k: "userPoint" },
    ...then,
  ]);
  child.causes = t.causes;
  // A service that starts again owes its launch to nobody.
  const isService = pid === state.serviceSeen;
  if (!isService && (listens(c, "image") || listens(c, "non-system-thread", "create"))) {
    owe(child, "launch");
    // It is counted from the call on.
    const call = t.roots?.[t.roots.length - 1];
    if (call !== undefined) child.roots = [{ kind: "launch", since: call.since }];
  }
  c.marks.add("create a process");
  proceed(t, raise("process", "create", pid, ""), { k: "created", pid, first });
}

export function created(c: Context, t: Thread, { pid, first, vetoed }: Task): void {
  if (vetoed === true) {
    c.state.processes[String(pid)].dead = true;
    const child = c.state.threads[String(first)];
    if (child.owes > 0) c.completed.add(child.id);
    child.owes = 0;
    child.ended = true;
    child.todo = [];
    release(c, String(pid));
    release(c, child.id);
    answer(t, "failure");
    return paid(c, t);
  }
  proceed(
    t,
    raise("thread", "create", String(pid), String(first)),
    { k: "ready", id: first },
    { k: "answer", result: "success" },
    { k: "paid" },
  );
}

/** An image event is about a process, and about the thread that maps (CB-I2, CB-I3). */
export const mapImage = (event: string, pid: string, thread: string): Task[] => [
  { k: "owe" },
  spend("mapImageUs"),
  raise("image", event, pid, thread),
  { k: "paid" },
];

/** Thread creation (CB-T1, CB-Q2). */
export function insertThread(c: Context, t: Thread, task: Task): void {
  const { id, process } = task as Task & { id: string; process: string };
  const inner = newThread(c, id, process, task.todo as Task[]);
  inner.causes = t.causes;
  c.marks.add("insert a thread");
  if (!listens(c, "thread", "create")) return ready(c, id);
  owe(t, "operation");
  proceed(
    t,
    spend("createThreadUs"),
    raise("thread", "create", process, id),
    { k: "ready", id },
    { k: "paid" },
  );
}

export function ready(c: Context, id: string): void {
  const t = c.state.threads[id];
  if (t.ended) return;
  t.begun = true;
  c.woken.push(id);
}

/** PspExitThread (CB-Q5). */
export function exitPath(c: Context, t: Thread): void {
  t.leaving = true;
  owe(t, "operation");
  c.marks.add("exit");
  proceed(
    t,
    spend("exitProcessUs"),
    raise("thread", "exit", t.process, t.id),
    raise("non-system-thread", "exit", t.process, t.id),
    { k: "leaveProcess" },
  );
}

export function leaveProcess(c: Context, t: Thread): void {
  const process = c.state.processes[t.process];
  process.threads--;
  if (process.threads > 0) return proceed(t, { k: "paid" }, { k: "endThread" });
  const ports = portsOf(c, t.process);
  proceed(
    t,
    raise("process", "exit", t.process, t.id),
    ...ports.map((key): Task => ({ k: "disconnect", key })),
    ...pipesOf(c, t.process).map((key): Task => ({ k: "hangUp", key })),
    { k: "closeHandles" },
    { k: "die" },
    { k: "paid" },
    { k: "endThread" },
  );
}

/** Who never connected has no handle whose cleanup there would be. */
export function closeHandles(c: Context, t: Thread): void {
  const isOpen = c.state.processes[t.process].connected !== false;
  const cleanups = isOpen ? cleanupsOf(c, t.process) : [];
  proceed(t, ...cleanups.map((one): Task => ({ k: "cleanup", ...one, subject: t.process })));
}

const cleanupsOf = ({ code }: Context, name: string): { driver: number; routine: string }[] =>
  code.scenario.drivers.flatMap(({ services, routines }, driver) =>
    services.some((one) => one.name === name)
      ? routines
          .filter(({ role }) => role === "cleanup")
          .map((one) => ({ driver, routine: one.name }))
      : [],
  );

export function endThread(c: Context, t: Thread): void {
  for (const key of ownedMutexes(c.state, t.id)) {
    const it = c.state.things[key];
    delete it.owner;
    it.depth = 0;
    it.abandoned = true;
    release(c, key);
  }
  t.ended = true;
  t.todo = [];
  if (t.owes > 0) c.completed.add(t.id);
  t.owes = 0;
  release(c, t.id);
}

/** Tells a process to end (section 11). */
export function terminate(c: Context, pid: string): void {
  const process = c.state.processes[pid];
  // Others cannot end system threads (W17).
  if (process === undefined || pid === "System" || process.dead || process.told) return;
  process.told = true;
  c.marks.add("terminate");
  for (const t of Object.values(c.state.threads)) {
    if (t.process !== pid || t.ended || t.leaving) continue;
    t.told = true;
    if (t.begun && ["rest", "arrive"].includes(top(t)?.k ?? "")) {
      leaveNow(c, t);
      c.woken.push(t.id);
    }
  }
}

/** All its frames end, and it takes the path of exit. */
export function leaveNow(c: Context, t: Thread): void {
  for (const task of [...t.todo].reverse()) {
    if (task.k === "ret" && c.state.frames[String(task.f)] !== undefined)
      endFrame(c, String(task.f));
  }
  if (t.owes > 0) c.completed.add(t.id);
  t.owes = 0;
  t.todo = [{ k: "leave" }];
}

/** The end of a statement in user mode, where being told to end is heard. */
export function userPoint(c: Context, t: Thread): void {
  const mutexes = ownedMutexes(c.state, t.id);
  if (mutexes.length > 0) throw new Crash("keeps mutex", undefined);
  if (t.userApcDue) {
    t.userApc = false;
    t.userApcDue = false;
  }
  if (t.told && !t.leaving) leaveNow(c, t);
}

/** Removes a callback, or registers it (CB-U1, CB-U5, B1). */
export function register(c: Context, t: Thread, task: Task): void {
  const { r, remove } = task as Task & { r: number; remove: boolean };
  const it = c.state.registrations[r];
  if (!remove) {
    if (it.on && c.code.registrations[r].family === "process") return answer(t, "failure");
    if (it.on || it.inside > 0) throw new Bound("registrations");
    it.on = true;
    return answer(t, "success");
  }
  const inside = t.todo.some((one) => one.k === "leaveCallback" && one.r === r);
  if (inside) effect(c, "callbackUnregisters", task.op);
  if (!it.on) return answer(t, "failure");
  it.on = false;
  proceed(t, { k: "drained", r, op: task.op });
}

export const runItem = (c: Context, t: Thread, entry: Entry): void => {
  t.causes = entry.causes;
  enter(c, t, handedOver(entry));
};
