/**
 * Writing drivers in TypeScript: `makeDefineDriver` turns tables of APIs and families into a typed
 * `defineDriver`. The functions that an author passes run once and are recorded as plain JSON.
 *
 * ```ts
 * export const driver = defineDriver("acme", (d) => {
 *   d.onProcessCreate("AcmeCreateProcess", (a) => {
 *     const done = a.event("ScanDone", "NotificationEvent"); // a KEVENT on this activation's stack
 *     const scan = a.workItem("Scan", (w) => {
 *       w.ZwReadFile();
 *       w.KeSetEvent(done);
 *     });
 *     a.IoQueueWorkItem(scan, "DelayedWorkQueue").at("acme.c:120"); // where it stands in the C source
 *     a.KeWaitForSingleObject(done);
 *   });
 * });
 * ```
 *
 * What an `if` of JavaScript decides is decided while recording, and is not part of the driver.
 * Branches of the driver are `a.when(condition, () => { … }).otherwise(() => { … })`; a JavaScript
 * test of anything that stands for the driver is an error.
 */
import { InputError } from "../base/input-error.ts";
import { driverRecorder, familyMethods } from "./builder-driver.ts";
import { show } from "./builder-operand.ts";
import type { DefineDriver } from "./builder-recorders.ts";
import { within } from "./builder-scope.ts";
import { fail, type Scope, type Session, startSession } from "./builder-session.ts";
import { noExtension, withUsed } from "./extension.ts";
import type { DriverModel } from "./model.ts";
import { origin, sourcePlace } from "./place.ts";
import type { ApiShape, Extension, FamilyShape, Language } from "./shape.ts";
import { checkDriver, type Path } from "./validate.ts";

export { and, not, or } from "./builder-condition.ts";
export type { Activation, DriverRecorder, UserThread } from "./builder-recorders.ts";

/**
 * The `defineDriver` of a language. Each entry of `apis` becomes a method of kernel activations or
 * of user threads; each family, methods such as `onProcess`, `onProcessCreate`, `onProcessExit`.
 *
 * `defineDriver` throws an InputError that names the line of the driver's source that is wrong.
 */
export function makeDefineDriver<const A extends ApiShape, const F extends FamilyShape>(
  apis: readonly A[],
  families: readonly F[],
  { base = { apis, families }, extension = noExtension, sayOtherwise }: Extended = {},
): DefineDriver<A, F> {
  const language: Language = { apis, families, ...(sayOtherwise && { sayOtherwise }) };
  mustNotCollide(
    "apis",
    apis.map((api) => api.name),
  );
  mustNotCollide("families", [...familyMethods(families).keys(), "onCleanup"]);
  return (name, body) => {
    const start = origin();
    const session = startSession(language, typeof name === "string" ? name : show(name));
    const scope: Scope = {
      kind: "driver",
      words: `driver ${session.driver}`,
      session,
      parent: undefined,
      service: undefined,
      made: [],
    };
    within(scope, () => body(driverRecorder(scope) as never), body);
    if (session.failure !== undefined) throw session.failure;
    const model = withUsed(draftModel(session), extension);
    return checkDriver(model, base, (path, reason) => {
      const where = originOf(session, model, path) ?? start;
      return fail(
        session,
        `${reason} (${[session.driver, ...partName(model, path)].join(", ")})`,
        where,
      );
    });
  };
}

/** Tables of which a part is not everybody's: drivers bring along what of it they use. */
interface Extended {
  readonly base?: Language;
  readonly extension?: Extension;
  readonly sayOtherwise?: Language["sayOtherwise"];
}

function draftModel({ driver, model }: Session): DriverModel {
  const { origin: source, ...parts } = model;
  return {
    loophole: "driver",
    version: 1,
    name: driver,
    ...(source === undefined ? {} : { origin: source }),
    ...parts,
  };
}

/** The name of the routine, object or service that a path leads into; the line says the rest. */
function partName(model: DriverModel, [list, position]: Path): string[] {
  if (list === undefined) return [];
  const parts: unknown = (model as unknown as Record<string, unknown>)[list];
  const part = Array.isArray(parts) ? parts[Number(position)] : undefined;
  const name: unknown = part?.name ?? part?.routine;
  const words = partWords[list] ?? String(list);
  return [typeof name === "string" ? `${words} ${name}` : words];
}

const partWords: Readonly<Record<string, string>> = {
  objects: "object",
  perProcess: "object of each process",
  records: "record",
  settings: "setting",
  conditions: "condition",
  routines: "routine",
  registrations: "registration of",
  services: "service",
};

/** Where the innermost part on the way to `path` was written. */
function originOf(session: Session, model: DriverModel, path: Path) {
  let part: unknown = model;
  let found: ReturnType<typeof origin> | undefined;
  for (const step of path) {
    part = (part as Record<string | number, unknown> | undefined)?.[step];
    if (typeof part !== "object" || part === null) break;
    found = session.origins.get(part) ?? found;
  }
  return found;
}

function mustNotCollide(table: string, names: readonly string[]): void {
  const twice = names.find((name, position) => names.indexOf(name) !== position);
  if (twice === undefined) return;
  throw new InputError(sourcePlace(origin()) ?? table, `${table} give the name ${twice} twice`);
}
