/** Checks how the routines of a driver hang together: frames, registrations, calls. */
import type { Body, DriverModel, Routine } from "./model.ts";
import type { FamilyForm } from "./shape.ts";
import type { Fail, Names } from "./validate-names.ts";
import { didYouMean } from "./validate-nearest.ts";
import { walk } from "./validate-statement.ts";

/** Entered by the system, by a workload, or by a service: nothing in the driver has to start them. */
const roots: ReadonlySet<Routine["role"]> = new Set([
  "callback",
  "entry",
  "unload",
  "request",
  "cleanup",
]);

export function checkRoutines(model: DriverModel, names: Names, fail: Fail): void {
  const registered = new Set(model.registrations.map(({ routine }) => routine));
  model.routines.forEach((routine, i) => {
    const path = ["routines", i];
    const { name, role } = routine;
    checkFrame(names, routine, (reason) => fail([...path, "within"], reason));
    if (role === "callback" && !registered.has(name)) {
      fail(path, `callback "${name}" is registered for no family`);
    }
    if (role === "userThread" && !names.serviceOf.has(name)) {
      fail(path, `user thread "${name}" belongs to no service`);
    }
    if (role === "entry" || role === "unload") {
      const first = model.routines.findIndex((other) => other.role === role);
      if (first !== i) fail(path, `a driver has one routine of role "${role}"`);
    }
    if (role === "function") {
      const cycle = cycleFrom(names, name);
      if (cycle !== undefined) {
        fail(path, `functions must not call themselves: ${cycle.join(" calls ")}`);
      }
    }
  });
  const reachable = reachableRoutines(model);
  model.routines.forEach(({ name, role }, i) => {
    if (!reachable.has(name)) {
      fail(["routines", i], `nothing starts, queues or calls ${role} "${name}"`);
    }
  });
}

export function checkRegistrations(
  model: DriverModel,
  names: Names,
  forms: ReadonlyMap<string, FamilyForm>,
  fail: Fail,
): void {
  const seen = new Set<string>();
  model.registrations.forEach(({ family, routine }, i) => {
    const path = ["registrations", i];
    if (!forms.has(family)) {
      fail([...path, "family"], `no family "${family}"${didYouMean(family, forms.keys())}`);
    }
    if (names.routines.get(routine)?.role !== "callback") {
      const callbacks = model.routines.filter(({ role }) => role === "callback");
      const hint = didYouMean(
        routine,
        callbacks.map(({ name }) => name),
      );
      fail([...path, "routine"], `no callback "${routine}"${hint}`);
    }
    const key = `${family} ${routine}`;
    if (seen.has(key)) fail(path, `"${routine}" is registered for "${family}" already`);
    seen.add(key);
  });
}

function checkFrame(names: Names, routine: Routine, fail: (reason: string) => never): void {
  const { name, role, within } = routine;
  if (within === undefined) return;
  if (role !== "workItem" && role !== "systemThread" && role !== "apc") {
    fail(`a ${role} is declared by the driver, not in a frame`);
  }
  let outer = names.routines.get(within);
  if (outer === undefined)
    fail(`no routine "${within}"${didYouMean(within, names.routines.keys())}`);
  if (outer.role === "userThread") fail("a thread of a service has no frame in the kernel");
  const passed = new Set([name]);
  while (outer !== undefined) {
    if (passed.has(outer.name)) fail(`"${outer.name}" would be declared in itself`);
    passed.add(outer.name);
    outer = outer.within === undefined ? undefined : names.routines.get(outer.within);
  }
}

/** The first cycle of calls that leads back to a function. */
function cycleFrom(names: Names, start: string): readonly string[] | undefined {
  const seen = new Set<string>();
  const search = (name: string, trail: readonly string[]): readonly string[] | undefined => {
    for (const callee of calleesOf(names.routines.get(name)?.body ?? [])) {
      if (callee === start) return [...trail, callee];
      if (seen.has(callee)) continue;
      seen.add(callee);
      const cycle = search(callee, [...trail, callee]);
      if (cycle !== undefined) return cycle;
    }
    return undefined;
  };
  return search(start, [start]);
}

function calleesOf(body: Body): readonly string[] {
  const callees: string[] = [];
  walk(body, [], (statement) => {
    if (statement.kind === "invoke") callees.push(statement.routine);
  });
  return callees;
}

/**
 * The routines that can ever run: the driver's ways in and its services' threads, and all that
 * these start, queue or call.
 */
export function reachableRoutines(model: DriverModel): ReadonlySet<string> {
  const routines = new Map(model.routines.map((routine) => [routine.name, routine]));
  const itemRoutine = new Map(model.objects.map(({ name, routine }) => [name, routine]));
  const reached = new Set<string>();
  const pending = model.routines.filter(({ role }) => roots.has(role)).map(({ name }) => name);
  for (const { threads } of model.services) {
    for (const { routine, count } of threads) if (count > 0) pending.push(routine);
  }
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const routine = routines.get(name);
    if (routine === undefined || reached.has(name)) continue;
    reached.add(name);
    walk(routine.body, [], (statement) => {
      if (statement.kind === "invoke") pending.push(statement.routine);
      if (statement.kind !== "call") return;
      for (const operand of Object.values(statement.args)) {
        if (typeof operand !== "object") continue;
        if ("routine" in operand) pending.push(operand.routine);
        if ("ref" in operand) pending.push(itemRoutine.get(operand.ref) ?? "");
      }
    });
  }
  return reached;
}
