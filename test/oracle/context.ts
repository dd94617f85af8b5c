/** What every rule gets: the code, the state that it changes, and whoever decides what is open. */
import type { ObjectDecl, Operand, ProcessRole } from "../../src/language/model.ts";
import { type Code, routineOf, Unsupported } from "./scenario.ts";
import { Crash, type Frame, type State, type Task, type Thing, type Thread } from "./state.ts";
import type { EndedRoot } from "./timed/times.ts";

export interface Context {
  readonly code: Code;
  readonly state: State;
  /** A number below `ways`: every one of them is tried. */
  readonly pick: (ways: number) => number;
  /** Threads that this transition lets go on, in that order. */
  readonly woken: string[];
  /** By thread: calls begun since its last visible step, and of these how many before its APC. */
  readonly called: Map<string, { readonly all: number; readonly before: number }>;
  /** Threads whose outermost root was completed. */
  readonly completed: Set<string>;
  readonly effects: Set<string>;
  /** Calls, branches, results and paths that came up. */
  readonly marks: Set<string>;
  /** Operations that were begun. */
  readonly reached: Set<number>;
  /** Roots that this transition has ended, in the timed reading. */
  readonly rootsEnded: EndedRoot[];
}

/** An object that a wait can be for. */
export interface Handle {
  readonly kind: "thing" | "process" | "thread";
  readonly key: string;
  /** What kind of object it is. */
  readonly type: string;
}

export const effect = (c: Context, name: string, op: number | undefined): void => {
  if (op !== undefined) c.effects.add(`${name} ${c.code.opIds[op]}`);
};

/** The frame of this activation, or the crash if it has gone. */
export function frameOf(c: Context, id: string | undefined, op: number | undefined): Frame {
  const frame = id === undefined ? undefined : c.state.frames[id];
  if (frame === undefined) throw new Crash("use after return", op);
  return frame;
}

/** The frame of `routine`, seen from an activation of it or of one declared in it. */
export function frameAround(
  c: Context,
  from: string,
  routine: string,
  op: number | undefined,
): string {
  let id = from;
  let frame = frameOf(c, id, op);
  while (frame.routine !== routine) {
    id = frame.captured ?? "";
    frame = frameOf(c, id, op);
  }
  return id;
}

/** An activation, and those around it that are still there. */
export function framesFrom(c: Context, from: string): string[] {
  const found: string[] = [];
  for (let id = from; c.state.frames[id] !== undefined; id = c.state.frames[id].captured ?? "")
    found.push(id);
  return found;
}

export function processOf(c: Context, t: Thread, f: string, role: ProcessRole): string {
  const { subject } = frameOf(c, f, undefined);
  if (role === "current") return t.process;
  if (role === "subject") return subject || t.process;
  // Whom nobody of the run created, somebody outside of it did.
  if (role === "creator") return c.state.processes[subject]?.parent || "outside";
  return serviceProcess(c, f, undefined);
}

export const serviceProcess = (c: Context, f: string, service: string | undefined): string => {
  const { driver } = frameOf(c, f, undefined);
  return service ?? c.code.scenario.drivers[driver].services[0]?.name ?? "";
};

type Ref = Extract<Operand, { readonly ref: string }>;
interface Found {
  readonly key: string;
  readonly decl: ObjectDecl;
  /** Nobody else can reach it. */
  readonly isPrivate: boolean;
}

/** Whether this names a pointer to a thread, whose end can be waited for (W25). */
export function isThreadPointer(c: Context, f: string, operand: unknown): operand is Ref {
  if (typeof operand !== "object" || operand === null || !("ref" in operand)) return false;
  const { driver } = frameOf(c, f, undefined);
  const { objects, perProcess, routines } = c.code.scenario.drivers[driver];
  const decls = [...objects, ...perProcess, ...routines.flatMap(({ locals }) => locals)];
  return decls.some(({ name, kind }) => name === operand.ref && kind === "PETHREAD");
}

/** Where a name leads (section 2). */
export function find(c: Context, t: Thread, f: string, operand: Operand, op?: number): Found {
  if (typeof operand !== "object" || !("ref" in operand)) throw new Unsupported("an operand");
  const held = findName(c, t, f, operand, op);
  if (held.decl.context === true && held.decl.kind !== "pointer")
    return { ...plain(held), key: handedKey(thing(c, held).to ?? "", op) };
  if (operand.field === undefined) return held;
  const record = thing(c, held).to;
  if (record === undefined || record === "") throw new Crash("null pointer", op);
  if (c.state.records[record] === undefined) throw new Crash("use after free", op);
  const { driver } = frameOf(c, f, op);
  const decl = c.code.scenario.drivers[driver].records
    .find(({ name }) => name === held.decl.record)
    ?.fields.find(({ name }) => name === operand.field);
  if (decl === undefined) throw new Unsupported("a field");
  return { key: `${record}/${decl.name}`, decl, isPrivate: false };
}

const plain = ({ decl: { name, kind } }: Found): Omit<Found, "key"> => ({
  decl: { name, kind },
  isPrivate: false,
});

/** The object whose address was handed over (section 2). */
function handedKey(to: string, op: number | undefined): string {
  if (to === "") throw new Crash("null pointer", op);
  if (to === "freed") throw new Crash("use after free", op);
  if (!to.startsWith("&")) throw new Crash("use after return", op);
  return to.slice(1);
}

export function findName(
  c: Context,
  t: Thread,
  f: string,
  ref: Ref,
  op: number | undefined,
): Found {
  const { driver, routine } = frameOf(c, f, op);
  const model = c.code.scenario.drivers[driver];
  let at = routineOf(c.code, driver, routine);
  for (;;) {
    const decl = at.locals.find(({ name }) => name === ref.ref);
    if (decl !== undefined) {
      const isPrivate = at.name === routine && !model.routines.some((r) => r.within === at.name);
      return { key: `${frameAround(c, f, at.name, op)}/${decl.name}`, decl, isPrivate };
    }
    if (at.within === undefined) break;
    at = routineOf(c.code, driver, at.within);
  }
  const each = model.perProcess.find(({ name }) => name === ref.ref);
  if (each !== undefined) {
    const process = processOf(c, t, f, ref.of ?? "subject");
    return { key: `${process}/${driver}:${each.name}`, decl: each, isPrivate: false };
  }
  const all = [...model.objects, ...model.services.flatMap(({ objects }) => objects)];
  const decl = all.find(({ name }) => name === ref.ref);
  if (decl === undefined) throw new Unsupported(`the name ${ref.ref}`);
  return { key: `driver ${driver}/${decl.name}`, decl, isPrivate: false };
}

/** The object as it stands; one that nobody has touched is as it was declared. */
export function thing(c: Context, { key, decl }: Pick<Found, "key" | "decl">): Thing {
  c.state.things[key] ??= fresh(decl);
  return c.state.things[key];
}

export function fresh({ kind, initial = 0, context }: ObjectDecl): Thing {
  if (context === true) return { to: "" };
  switch (kind) {
    case "NotificationEvent":
    case "SynchronizationEvent":
    case "NotificationTimer":
    case "SynchronizationTimer":
      return { set: initial === 1 };
    case "KMUTEX":
      return { depth: 0, mutex: true };
    case "KSEMAPHORE":
      return { count: initial };
    case "variable":
      return { value: initial };
    case "pointer":
    case "PETHREAD":
      return { to: "" };
    case "EX_RUNDOWN_REF":
    case "IO_REMOVE_LOCK":
      return { count: 0 };
    case "KQUEUE":
    case "LIST_ENTRY":
    case "IO_CSQ":
    case "FLT_PORT":
      return { entries: [] };
    case "ERESOURCE":
    case "EX_PUSH_LOCK":
    case "EX_SPIN_LOCK":
      return { depth: 0, sharers: {}, line: [] };
    default:
      return { depth: 0 };
  }
}

/** @param handed What a pointer to a thread holds, as it was read in the step ahead of this one. */
export function handleOf(
  c: Context,
  t: Thread,
  f: string,
  operand: Operand,
  op?: number,
  handed?: string,
): Handle {
  if (typeof operand === "object" && "process" in operand) {
    const isService = operand.process === "service";
    const key = isService
      ? serviceProcess(c, f, operand.service)
      : processOf(c, t, f, operand.process);
    return { kind: "process", key, type: "process" };
  }
  if (typeof operand === "object" && "thread" in operand) {
    const { subject, subjectThread } = frameOf(c, f, op);
    const about = subjectThread || (c.state.processes[subject || t.process]?.first ?? "");
    const key = operand.thread === "current" ? t.id : about;
    return { kind: "thread", key, type: "thread" };
  }
  const found = find(c, t, f, operand, op);
  if (found.decl.kind === "PETHREAD") {
    const key = handed ?? thing(c, found).to ?? "";
    if (key === "") throw new Crash("null pointer", op);
    return { kind: "thread", key, type: "thread" };
  }
  thing(c, found);
  return { kind: "thing", key: found.key, type: found.decl.kind };
}

/** Queues what a thread does next, in the order given. */
export function proceed(t: Thread, ...tasks: readonly Task[]): void {
  for (let i = tasks.length - 1; i >= 0; i--) t.todo.push(tasks[i]);
}

export function answer(t: Thread, result: string, value = result === "success" ? 1 : 0): void {
  t.result = result;
  t.value = value;
}

export const specialApcs = (t: Thread): boolean => t.irql < 1 && t.guarded === 0;
/** APC-2. */
export const normalApcs = (t: Thread): boolean => specialApcs(t) && t.critical === 0;
export const top = (t: Thread): Task | undefined => t.todo[t.todo.length - 1];

/** A task that raises an event (section 8). */
export const raise = (family: string, event: string, subject: string, thread: string): Task => ({
  k: "raise",
  family,
  event,
  subject,
  thread,
  i: 0,
});
