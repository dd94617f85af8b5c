/** What each name of a driver stands for, and whence it can be reached. */

import type { DriverModel, ObjectDecl, ObjectKind, RecordDecl, Routine } from "./model.ts";
import { roomMax } from "./validate-limits.ts";

/** Steps from the model down to a part of it. */
export type Path = readonly (string | number)[];
/** Refuses the driver because of the part at `path`. */
export type Fail = (path: Path, reason: string) => never;

export interface DeclaredObject {
  readonly decl: ObjectDecl;
  readonly holder:
    | { readonly kind: "driver" | "process" }
    | { readonly kind: "routine" | "service"; readonly name: string };
}

export interface Names {
  readonly objects: ReadonlyMap<string, DeclaredObject>;
  readonly records: ReadonlyMap<string, RecordDecl>;
  readonly routines: ReadonlyMap<string, Routine>;
  readonly settings: ReadonlySet<string>;
  readonly conditions: ReadonlySet<string>;
  readonly services: ReadonlySet<string>;
  /** The service whose thread a routine is. */
  readonly serviceOf: ReadonlyMap<string, string>;
}

/** Kinds that a process in user mode can have. */
export const serviceKinds: readonly ObjectKind[] = [
  "CRITICAL_SECTION",
  "NotificationEvent",
  "SynchronizationEvent",
  "KMUTEX",
  "KSEMAPHORE",
  "KQUEUE",
  "LIST_ENTRY",
  "variable",
  "pointer",
];

/** Kinds that are no field of a record. */
const inNoRecord: readonly ObjectKind[] = ["WORK_ITEM", "CRITICAL_SECTION", "PETHREAD"];

/** Indexes all declarations, and checks each by itself. */
export function indexNames(model: DriverModel, fail: Fail): Names {
  const taken = new Map<string, string>();
  const objects = new Map<string, DeclaredObject>();
  const routines = new Map(model.routines.map((routine) => [routine.name, routine]));
  const records = new Map(model.records.map((record) => [record.name, record]));

  const claim = (name: string, what: string, path: Path): void => {
    const other = taken.get(name);
    if (other !== undefined) fail([...path, "name"], `"${name}" is also the name of ${other}`);
    taken.set(name, what);
  };
  const declare = (
    decls: readonly ObjectDecl[],
    holder: DeclaredObject["holder"],
    at: Path,
  ): void => {
    decls.forEach((decl, i) => {
      const path = [...at, i];
      // One thing to its author, so one name.
      const isOwnItem = decl.kind === "WORK_ITEM" && decl.routine === decl.name;
      if (!isOwnItem) claim(decl.name, `a ${decl.kind}`, path);
      else if (objects.has(decl.name)) fail(path, `work item "${decl.name}" is declared twice`);
      objects.set(decl.name, { decl, holder });
      checkDecl(decl, path);
      const isUser = holder.kind === "service";
      if (decl.kind === "WORK_ITEM" && holder.kind !== "driver") {
        fail(
          [...path, "kind"],
          "a WORK_ITEM is an object of the driver; that of an activation is its routine",
        );
      }
      if (isUser ? !serviceKinds.includes(decl.kind) : decl.kind === "CRITICAL_SECTION") {
        fail([...path, "kind"], `${isUser ? "a service" : "the kernel"} has no ${decl.kind}`);
      }
    });
  };
  const checkDecl = (decl: ObjectDecl, path: Path): void => {
    const isEvent = decl.kind === "NotificationEvent" || decl.kind === "SynchronizationEvent";
    const { initial, limit, room } = decl;
    // What is handed over is declared where it lives.
    const isSemaphore = decl.kind === "KSEMAPHORE" && decl.context !== true;
    if (initial !== undefined && decl.kind !== "variable" && !isEvent && !isSemaphore) {
      fail([...path, "initial"], `a ${decl.kind} has no start value`);
    }
    if (isSemaphore !== (limit !== undefined)) {
      fail([...path, "limit"], "a KSEMAPHORE, and nothing else, has a limit");
    }
    if (room !== undefined && decl.kind !== "FLT_PORT") {
      fail([...path, "room"], "a FLT_PORT, and nothing else, has room for messages");
    }
    if (room !== undefined && (room < 0 || room > roomMax)) {
      fail([...path, "room"], `a pipe has room for 0 to ${roomMax} messages here, not ${room}`);
    }
    if (limit !== undefined && limit < 1) fail([...path, "limit"], "a limit is 1 at least");
    if (isSemaphore && initial !== undefined && (initial < 0 || initial > (limit ?? 0))) {
      fail([...path, "initial"], "a semaphore starts with a count between 0 and its limit");
    }
    if (isEvent && initial !== undefined && initial !== 0 && initial !== 1) {
      fail([...path, "initial"], "an event starts with 0, or signalled with 1");
    }
    if (decl.record !== undefined) {
      if (decl.kind !== "pointer") fail([...path, "record"], `a ${decl.kind} points to no record`);
      if (!records.has(decl.record)) fail([...path, "record"], `no record "${decl.record}"`);
    }
    if ((decl.kind === "WORK_ITEM") !== (decl.routine !== undefined)) {
      fail([...path, "routine"], "a WORK_ITEM, and nothing else, names the routine that it runs");
    }
    if (decl.routine !== undefined) {
      const routine = routines.get(decl.routine);
      if (routine?.role !== "workItem" || routine.within !== undefined) {
        fail([...path, "routine"], `no work item routine of the driver "${decl.routine}"`);
      }
    }
  };

  model.routines.forEach((routine, i) => {
    claim(routine.name, "a routine", ["routines", i]);
  });
  model.records.forEach((record, i) => {
    const path = ["records", i];
    claim(record.name, "a record", path);
    const fields = new Set<string>();
    record.fields.forEach((field, j) => {
      const at = [...path, "fields", j];
      if (fields.has(field.name)) fail([...at, "name"], `two fields are called "${field.name}"`);
      fields.add(field.name);
      if (inNoRecord.includes(field.kind)) {
        fail([...at, "kind"], `a record has no ${field.kind}`);
      }
      checkDecl(field, at);
    });
  });
  model.settings.forEach((setting, i) => {
    claim(setting.name, "a setting", ["settings", i]);
  });
  model.conditions.forEach((condition, i) => {
    claim(condition.name, "a condition", ["conditions", i]);
  });
  declare(model.objects, { kind: "driver" }, ["objects"]);
  declare(model.perProcess, { kind: "process" }, ["perProcess"]);
  model.routines.forEach(({ name, locals }, i) => {
    declare(locals, { kind: "routine", name }, ["routines", i, "locals"]);
  });
  const serviceOf = new Map<string, string>();
  model.services.forEach((service, i) => {
    claim(service.name, "a service", ["services", i]);
    declare(service.objects, { kind: "service", name: service.name }, ["services", i, "objects"]);
    service.threads.forEach(({ routine }, j) => {
      const path = ["services", i, "threads", j, "routine"];
      const role = routines.get(routine)?.role;
      if (role !== "userThread") fail(path, `no user thread routine "${routine}"`);
      if (serviceOf.has(routine))
        fail(path, `"${routine}" is a thread of two services, or twice of one`);
      serviceOf.set(routine, service.name);
    });
  });
  return {
    objects,
    records,
    routines,
    settings: new Set(model.settings.map(({ name }) => name)),
    conditions: new Set(model.conditions.map(({ name }) => name)),
    services: new Set(model.services.map(({ name }) => name)),
    serviceOf,
  };
}

/** Whether a routine reaches what stands in the frame of another: its own, or one around it. */
export function reachesFrame(names: Names, from: Routine, frame: string): boolean {
  // Bounded by the number of routines: a cycle of `within` is refused elsewhere.
  let at: Routine | undefined = from;
  for (let i = 0; at !== undefined && i <= names.routines.size; i++) {
    if (at.name === frame) return true;
    at = at.within === undefined ? undefined : names.routines.get(at.within);
  }
  return false;
}

/** Whether an object is in reach of a routine. */
export function reachesObject(names: Names, from: Routine, { holder }: DeclaredObject): boolean {
  switch (holder.kind) {
    case "driver":
    case "process":
      return true;
    case "routine":
      return reachesFrame(names, from, holder.name);
    case "service":
      return names.serviceOf.get(from.name) === holder.name;
  }
}
