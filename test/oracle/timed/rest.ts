/** Where a request of a service is at rest, so that no time passes for it (section 12). */
import type { Body, DriverModel, Routine, Statement } from "../../../src/language/model.ts";
import { calls } from "../calls.ts";
import { type Context, frameOf, top } from "../context.ts";
import type { Task, Thread } from "../state.ts";
import type { Clock } from "./clock.ts";
import type { Root } from "./times.ts";

type Call = Extract<Statement, { kind: "call" }>;

const signalling = ["set", "pulse", "releaseSemaphore", "setTimer", "post", "enqueue", "pend"];
const taking = ["wait", "dequeue", "pop"];
const raising = [
  "createProcess",
  "createUserThread",
  "raise",
  "startUser",
  "exitProcess",
  "loadLibrary",
];

function statementsIn(body: Body): Statement[] {
  return body.flatMap((one) => {
    if (one.kind === "if") return [one, ...statementsIn(one.then), ...statementsIn(one.else ?? [])];
    return "body" in one ? [one, ...statementsIn(one.body)] : [one];
  });
}

const callsOf = ({ body }: Routine): Call[] =>
  statementsIn(body).filter((one): one is Call => one.kind === "call");
const stepsOf = ({ api, args }: Call): readonly Task[] => calls[api]?.steps(args) ?? [];

/** Names of objects in a value: of fields, their own. */
function namesIn(given: unknown): string[] {
  if (Array.isArray(given)) return given.flatMap(namesIn);
  if (typeof given !== "object" || given === null) return [];
  const { ref, field } = given as { ref?: string; field?: string };
  if (ref !== undefined) return [field === undefined ? ref : `${ref}.${field}`];
  return Object.values(given).flatMap(namesIn);
}

const objectsOf = (routine: Routine, kinds: readonly string[]): string[] =>
  callsOf(routine)
    .flatMap(stepsOf)
    .filter(({ k }) => kinds.includes(k))
    .flatMap(({ object, objects }) => namesIn(objects ?? object));

/** Of the threads that a routine starts and keeps in one of these pointers, what they run. */
const threadsKept = (routine: Routine, pointers: readonly string[]): string[] =>
  callsOf(routine)
    .flatMap(stepsOf)
    .filter(({ k, into }) => k === "start" && namesIn(into).some((one) => pointers.includes(one)))
    .flatMap(({ routine: started }) => (started as { routine: string }).routine);

/** Routines that a call hands to somebody: items, threads, APCs, DPCs, and those of objects that it names. */
function handed(driver: DriverModel, one: Call): string[] {
  const found: string[] = [];
  for (const [param, given] of Object.entries(one.args)) {
    if (typeof given !== "object") continue;
    if ("routine" in given && param !== "Thread" && param !== "NotifyRoutine")
      found.push(given.routine);
    for (const name of namesIn(given)) {
      const owner = driver.objects.find((object) => object.name === name);
      const routine = (owner as { routine?: string } | undefined)?.routine;
      if (routine !== undefined) found.push(routine);
    }
  }
  return found;
}

const calleesOf = ({ body }: Routine): string[] =>
  statementsIn(body).flatMap((one) => (one.kind === "invoke" ? [one.routine] : []));

/** The routine and what it calls. */
function withCallees(driver: DriverModel, name: string): Set<string> {
  const found = new Set([name]);
  for (const one of found) {
    const routine = driver.routines.find((it) => it.name === one);
    for (const callee of routine === undefined ? [] : calleesOf(routine)) found.add(callee);
  }
  return found;
}

/** Whom a request causes to run, itself included. */
function causedBy(driver: DriverModel, request: string): Set<string> {
  const found = new Set([request]);
  for (const name of found) {
    const routine = driver.routines.find((it) => it.name === name);
    if (routine === undefined) continue;
    for (const one of calleesOf(routine)) found.add(one);
    for (const one of callsOf(routine).flatMap((it) => handed(driver, it))) found.add(one);
    if (callsOf(routine).some((it) => stepsOf(it).some(({ k }) => raising.includes(k))))
      for (const one of driver.registrations) found.add(one.routine);
    const signalled = objectsOf(routine, signalling);
    for (const other of driver.routines)
      if (
        other.role !== "callback" &&
        objectsOf(other, taking).some((it) => signalled.includes(it))
      )
        found.add(other.name);
  }
  return found;
}

const known = new WeakMap<DriverModel, Map<string, Set<string>>>();

function caused(driver: DriverModel, request: string): Set<string> {
  const all = known.get(driver) ?? new Map<string, Set<string>>();
  known.set(driver, all);
  const found = all.get(request) ?? causedBy(driver, request);
  all.set(request, found);
  return found;
}

/** The request that this thread is inside of, if that is what it owes last. */
function openRequest(t: Thread): Root | undefined {
  const root = t.roots?.at(-1);
  return root?.kind === "request" ? root : undefined;
}

function isRest(c: Context, task: Task, { routine: request = "" }: Root): boolean {
  if (task.f === undefined) return false;
  const { driver: d, routine } = frameOf(c, String(task.f), task.op);
  const driver = c.code.scenario.drivers[d];
  if (task.k === "awaitReply" || task.k === "replyCame") {
    const queues = [...withCallees(driver, request)].flatMap((name) =>
      driver.routines.filter((it) => it.name === name).flatMap((it) => objectsOf(it, ["pend"])),
    );
    const takers = driver.routines.filter((it) =>
      objectsOf(it, ["pop"]).some((one) => queues.includes(one)),
    );
    return takers.every(({ name }) => !caused(driver, request).has(name));
  }
  const statement = c.code.statements[task.op ?? -1];
  if (statement?.kind !== "call" || !withCallees(driver, request).has(routine)) return false;
  const waits = stepsOf(statement).filter(({ k }) => k === "wait" || k === "dequeue");
  if (waits.length === 0) return false;
  const objects = waits.flatMap(({ object, objects: several }) => namesIn(several ?? object));
  const ended = driver.routines.flatMap((it) => threadsKept(it, objects));
  const doers = driver.routines.filter(
    (it) =>
      ended.includes(it.name) || objectsOf(it, signalling).some((one) => objects.includes(one)),
  );
  if (doers.length === 0) return task.timeout === "none";
  return doers.every(({ name }) => !caused(driver, request).has(name));
}

const rests = ["look", "take", "awaitReply", "replyCame"];

/** A thread has come to a wait, at its clock: if its request is at rest there, what it took is kept. */
export function beginRest(c: Context, t: Thread, clock: Clock): void {
  const root = openRequest(t);
  const task = top(t);
  if (root === undefined || task === undefined || root.rest !== undefined) return;
  if (!rests.includes(task.k)) return;
  if (isRest(c, task, root))
    root.rest = {
      us: Math.max(0, clock.us - (root.since?.us ?? 0)),
      // It has taken longer if it comes here later and did not begin later.
      along: clock.along && root.since?.along !== true,
    };
}

/** It goes on, unless it waits now, or an APC has only come in between: its time goes on from where it stood. */
export function endRest(t: Thread, clock: Clock): void {
  const root = openRequest(t);
  if (root?.rest === undefined || t.inApc) return;
  if (["waiting", "replied", ...rests].includes(top(t)?.k ?? "")) return;
  root.since = { us: clock.us - root.rest.us, along: clock.along && !root.rest.along };
  delete root.rest;
}
