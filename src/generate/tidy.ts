/** Takes away what nothing refers to any more: declarations, routines, names of results. */
import { resultsAsked, statementsIn, testOf } from "../language/conditions.ts";
import type { Body, DriverModel, Routine, Statement } from "../language/model.ts";
import { referencesIn } from "../language/references.ts";
import { reachableRoutines } from "../language/validate-routine.ts";

/** The driver without what it does not use; the same driver if it uses everything. */
export function tidy(driver: DriverModel): DriverModel {
  for (let now = driver; ; ) {
    const next = once(now);
    if (JSON.stringify(next) === JSON.stringify(now)) return now;
    now = next;
  }
}

function once(driver: DriverModel): DriverModel {
  const reached = reachableRoutines(driver);
  const named = referencesIn(driver.routines.map(({ body }) => body)).names;
  const registered = new Set(driver.registrations.map(({ routine }) => routine));
  const stays = ({ name, role, body }: Routine): boolean => {
    if (role === "callback") return registered.has(name);
    // The rest of these the system enters: one without a body does nothing.
    if (role === "request") return named.has(name);
    if (role === "entry" || role === "unload" || role === "cleanup") return body.length > 0;
    return reached.has(name);
  };
  const routines = driver.routines.filter(stays);
  const names = new Set(routines.map(({ name }) => name));
  const bodies = routines.map(({ body }) => body);
  const uses = referencesIn(bodies);
  const used = ({ name }: { readonly name: string }): boolean => uses.names.has(name);
  const services = driver.services
    .map((service) => ({
      ...service,
      threads: service.threads.filter(({ routine }) => names.has(routine)),
      objects: service.objects.filter(used),
    }))
    .filter(
      ({ name, threads }) => threads.length > 0 || uses.asksOnlyService || uses.services.has(name),
    );
  const locals = routines.flatMap((routine) => routine.locals);
  const records = driver.records.map((record) => ({
    ...record,
    fields: record.fields.filter(used),
  }));
  const pointed = new Set([...locals, ...driver.objects].map(({ record }) => record));
  return {
    ...driver,
    objects: driver.objects.filter((one) =>
      one.routine === undefined ? used(one) : names.has(one.routine),
    ),
    perProcess: driver.perProcess.filter(used),
    records: records.filter(({ name }) => pointed.has(name)),
    settings: driver.settings.filter(used),
    conditions: driver.conditions.filter(used),
    routines: routines.map((routine) => ({
      ...routine,
      locals: routine.locals.filter((one) => used(one) || one.context === true),
      body: withoutUnasked(routine.body),
    })),
    services,
  };
}

function withoutUnasked(body: Body): Body {
  const asked = new Set<string>();
  for (const statement of statementsIn(body)) {
    const test = testOf(statement);
    if (test !== undefined) for (const name of resultsAsked(test)) asked.add(name);
  }
  return mapBodies(body, (list) =>
    list.map((statement) => {
      if (statement.kind !== "call" || statement.result === undefined) return statement;
      if (asked.has(statement.result)) return statement;
      const { result: _, ...call } = statement;
      return call;
    }),
  );
}

/** The same body with each list of statements in it replaced, the inner ones first. */
export function mapBodies(body: Body, change: (list: Body) => Body): Body {
  return change(
    body.map((statement): Statement => {
      switch (statement.kind) {
        case "if": {
          const then = mapBodies(statement.then, change);
          const otherwise = mapBodies(statement.else ?? [], change);
          const { else: _, ...rest } = statement;
          return { ...rest, then, ...(otherwise.length === 0 ? {} : { else: otherwise }) };
        }
        case "repeat":
        case "forever":
        case "poll":
          return { ...statement, body: mapBodies(statement.body, change) };
        default:
          return statement;
      }
    }),
  );
}
