/** Where a driver's names live in the machine: frames, captured frames, processes, the driver. */
import { InputError } from "../base/input-error.ts";
import { invariant } from "../base/invariant.ts";
import { F, Mode, operand } from "../machine/layout.ts";
import { requestSince, rootWords } from "../machine/roots.ts";
import type { Assembled } from "./assembler.ts";
import type { DriverModel, ObjectDecl, ObjectKind, ProcessRole, Routine } from "./model.ts";
import { freshWords, layFrame, sizeOf } from "./object-words.ts";

export interface RoutinePlan {
  readonly routine: Routine;
  readonly index: number;
  readonly offsets: ReadonlyMap<string, number>;
  /** Hidden words: `message`, and one for each kept result or opaque condition. */
  readonly hidden: Map<string, number>;
}

export interface Place {
  readonly operand: number;
  readonly kind: ObjectKind;
  /** Only this thread sees it, so that reading it is no scheduling point. */
  readonly isPrivate: boolean;
  readonly record?: string;
  /** A word that leads to the object, which was handed over. */
  readonly isHandedOver?: boolean;
}

export interface RegistrationPlace {
  readonly at: number;
  readonly family: string;
  readonly events: readonly string[];
}

export interface DriverScope {
  readonly driver: DriverModel;
  /** Of the system itself, whose operations nobody is asked to change. */
  readonly isSystem?: true;
  readonly plans: ReadonlyMap<string, RoutinePlan>;
  readonly globals: ReadonlyMap<string, { readonly at: number; readonly decl: ObjectDecl }>;
  /** Offsets behind a process's header. */
  readonly perProcess: ReadonlyMap<string, { readonly at: number; readonly decl: ObjectDecl }>;
  readonly records: ReadonlyMap<
    string,
    {
      readonly index: number;
      readonly fields: ReadonlyMap<string, { readonly at: number; readonly decl: ObjectDecl }>;
    }
  >;
  /** Rundown object of the driver: its IoWorkItems in flight (W4). */
  readonly driverObject: number;
  /** Rundown object of the minifilter that it is: the items that count on that (W21); 0 for none. */
  readonly filter: number;
  /** Registration objects, by routine name. */
  readonly registrations: ReadonlyMap<string, RegistrationPlace>;
}

/** The role number of the System process; services count from 1, the rest has none. */
export const systemRole = 999;

/** A record's words: tag, references, then, where somebody walks lists, its link; then the fields. */
export const recordHeader = 2;

export function perProcessLayout(
  drivers: readonly DriverModel[],
  from: number,
): {
  readonly offsets: ReadonlyMap<string, { at: number; decl: ObjectDecl }>[];
  readonly words: number;
  readonly fresh: number[];
} {
  let end = 0;
  const fresh: number[] = [];
  const offsets = drivers.map((driver) => {
    const map = new Map<string, { at: number; decl: ObjectDecl }>();
    for (const decl of driver.perProcess) {
      map.set(decl.name, { at: from + end, decl });
      fresh.push(...freshWords(decl, end));
      end += sizeOf(decl.kind);
    }
    for (const condition of driver.conditions) {
      if (condition.scope !== "process") continue;
      map.set(condition.name, { at: from + end, decl: { name: condition.name, kind: "variable" } });
      end += 1;
    }
    return map;
  });
  return { offsets, words: end, fresh };
}

/** The routine whose activation a routine belongs to: the outermost that it was declared in. */
export function activationRoutine(driver: DriverModel, routine: Routine): Routine {
  let at = routine;
  while (at.within !== undefined) {
    const outer = driver.routines.find((r) => r.name === at.within);
    invariant(outer !== undefined, "within names a routine");
    at = outer;
  }
  return at;
}

/** Hidden words that every routine's frame has room for. */
const messageWords = 4;

export function planRoutines(
  asm: Assembled,
  driver: DriverModel,
  resultNames: (routine: Routine) => readonly string[],
): Map<string, RoutinePlan> {
  const plans = new Map<string, RoutinePlan>();
  for (const routine of driver.routines) {
    const index = asm.routine({
      name: routine.name,
      owner: driver.name,
      role: routine.role,
      family: driver.registrations.find((r) => r.routine === routine.name)?.family ?? "",
      within: routine.within,
    });
    const from = routine.role === "request" ? requestSince + rootWords : F.size;
    const { offsets, template, end } = layFrame(routine.locals, from);
    for (const decl of routine.locals) {
      const at = offsets.get(decl.name) ?? 0;
      asm.frameObjects.set(`${index}:${at}`, {
        name: decl.name,
        kind: decl.context === true ? "pointer" : decl.kind,
        owner: driver.name,
      });
    }
    const hidden = new Map<string, number>();
    let next = end;
    hidden.set("message", next);
    asm.frameObjects.set(`${index}:${next}`, {
      name: "message",
      kind: "message",
      owner: driver.name,
    });
    next += messageWords;
    for (const name of resultNames(routine)) hidden.set(`result ${name}`, next++);
    if (routine.within === undefined) {
      for (const condition of driver.conditions) {
        if (condition.scope === "activation") hidden.set(`condition ${condition.name}`, next++);
      }
    }
    const code = asm.routines[index];
    code.frameWords = next;
    code.template = template;
    if (routine.role === "request") code.irp = hidden.get("message");
    const context = routine.locals.find((decl) => decl.context === true);
    if (context !== undefined) code.context = offsets.get(context.name);
    plans.set(routine.name, { routine, index, offsets, hidden });
  }
  return plans;
}

/** Where hidden word `name` of `owner` is, seen from `from`: its own frame or a captured one. */
export function hiddenOperand(
  scope: DriverScope,
  from: Routine,
  owner: Routine,
  name: string,
): number {
  const offset = scope.plans.get(owner.name)?.hidden.get(name);
  invariant(offset !== undefined, `routine ${owner.name} has a place for ${name}`);
  return operand(frameMode(scope, from, owner), offset);
}

function frameMode(scope: DriverScope, from: Routine, owner: Routine): number {
  let hops = 0;
  let at: Routine | undefined = from;
  while (at !== undefined && at.name !== owner.name) {
    hops++;
    const within: string | undefined = at.within;
    at = within === undefined ? undefined : scope.plans.get(within)?.routine;
  }
  invariant(at !== undefined, `${owner.name} encloses ${from.name}`);
  return hops === 0 ? Mode.local : Mode.captured + hops - 1;
}

/**
 * How many captures out of a routine's frame that one lies in which another was declared, its own at
 * 1; 0 where the other needs none.
 */
export function capturesOf(scope: DriverScope, from: Routine, { within }: Routine): number {
  if (within === undefined) return 0;
  let captures = 1;
  for (let at: Routine | undefined = from; at !== undefined; captures++) {
    if (at.name === within) return captures;
    at = at.within === undefined ? undefined : scope.plans.get(at.within)?.routine;
  }
  return 0;
}

const roleMode: Readonly<Record<ProcessRole, number>> = {
  subject: Mode.subject,
  current: Mode.current,
  creator: Mode.parent,
  service: Mode.none,
};

/** Finds a declared name from a routine: own frame, enclosing frames, process, driver. */
export function findName(
  scope: DriverScope,
  from: Routine,
  name: string,
  of: ProcessRole | undefined,
  place: string,
): Place {
  for (let at: Routine | undefined = from; at !== undefined; ) {
    const plan = scope.plans.get(at.name);
    const offset = plan?.offsets.get(name);
    const decl = at.locals.find((l) => l.name === name);
    if (offset !== undefined && decl !== undefined) {
      return {
        operand: operand(frameMode(scope, from, at), offset),
        kind: decl.kind,
        isPrivate: at.name === from.name && !isCaptured(scope.driver, at),
        record: decl.record,
        isHandedOver: decl.context === true && decl.kind !== "pointer",
      };
    }
    const within: string | undefined = at.within;
    at = within === undefined ? undefined : scope.plans.get(within)?.routine;
  }
  const perProcess = scope.perProcess.get(name);
  if (perProcess !== undefined) {
    return {
      operand: operand(roleMode[of ?? "subject"], perProcess.at),
      kind: perProcess.decl.kind,
      isPrivate: false,
      record: perProcess.decl.record,
    };
  }
  const global = scope.globals.get(name);
  if (global !== undefined) {
    return {
      operand: global.at,
      kind: global.decl.kind,
      isPrivate: false,
      record: global.decl.record,
    };
  }
  throw new InputError(place, `nothing called "${name}" is in reach of ${from.name}`);
}

/** Whether other threads can reach this routine's frame: an item or thread declared inside. */
const isCaptured = (driver: DriverModel, routine: Routine): boolean =>
  driver.routines.some((r) => r.within === routine.name);
