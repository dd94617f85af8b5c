/** Checks the arguments of calls against their parameters and the driver's declarations. */
import type { Args, ObjectDecl, ObjectKind, Operand, Routine } from "./model.ts";
import type { ApiShape, FamilyForm, ParamKind } from "./shape.ts";
import { checkHandedOver } from "./validate-context.ts";
import { numberMax } from "./validate-limits.ts";
import {
  type DeclaredObject,
  type Fail,
  type Names,
  type Path,
  reachesFrame,
  reachesObject,
} from "./validate-names.ts";
import { didYouMean } from "./validate-nearest.ts";

/** What the checks of one routine share. */
export interface RoutineContext {
  readonly names: Names;
  readonly routine: Routine;
  readonly forms: ReadonlyMap<string, FamilyForm>;
  readonly fail: Fail;
}

type WaitKind = ObjectKind | "process" | "thread";
type Ref = Extract<Operand, { readonly ref: string }>;

export function checkArgs(context: RoutineContext, api: ApiShape, args: Args, path: Path): void {
  for (const name of Object.keys(args)) {
    if (api.params.some((param) => param.name === name)) continue;
    const hint = didYouMean(
      name,
      api.params.map((param) => param.name),
    );
    context.fail([...path, name], `${api.name} has no parameter "${name}"${hint}`);
  }
  for (const param of api.params) {
    const at = [...path, param.name];
    const operand = Object.hasOwn(args, param.name) ? args[param.name] : undefined;
    if (operand !== undefined) checkOperand(context, param.kind, operand, at);
    else if (param.default === undefined) {
      context.fail(at, `missing; ${api.name} takes ${kindWords(param.kind)} here`);
    }
  }
  const declOf = (operand: Operand) =>
    typeof operand === "object" && "ref" in operand ? findDecl(context, operand, path) : undefined;
  checkHandedOver(context.names, api, args, declOf, (at, reason) =>
    context.fail([...path, ...at], reason),
  );
}

function checkOperand(
  context: RoutineContext,
  kind: ParamKind,
  operand: Operand,
  path: Path,
): void {
  const { names, routine } = context;
  const wrong: () => never = () => context.fail(path, `${kindWords(kind)} belongs here`);
  switch (kind.type) {
    case "object":
      checkObject(context, kind.kinds, operand, path);
      return;
    case "objects":
      if (typeof operand !== "object" || !("objects" in operand)) wrong();
      operand.objects.forEach((one, i) => {
        checkObject(context, kind.kinds, one, [...path, "objects", i]);
      });
      checkPointers(context, operand.objects, path);
      return;
    case "timeout": {
      if (typeof operand !== "object" || !("timeout" in operand)) wrong();
      const { timeout } = operand;
      if (typeof timeout === "object" && !names.settings.has(timeout.setting)) {
        const hint = didYouMean(timeout.setting, names.settings);
        context.fail([...path, "timeout", "setting"], `no setting "${timeout.setting}"${hint}`);
      }
      return;
    }
    case "oneOf":
      if (typeof operand !== "string" || !kind.values.includes(operand)) {
        context.fail(path, `${kindWords(kind)} belongs here${didYouMean(operand, kind.values)}`);
      }
      return;
    case "number":
      if (typeof operand !== "number") wrong();
      if (!Number.isInteger(operand) || Math.abs(operand) > numberMax) {
        context.fail(path, `${operand} is no whole number from -${numberMax} to ${numberMax}`);
      }
      return;
    case "routine": {
      if (typeof operand !== "object" || !("routine" in operand)) wrong();
      const target = names.routines.get(operand.routine);
      if (target?.role !== kind.role) {
        const of = [...names.routines.values()].filter(({ role }) => role === kind.role);
        const hint = didYouMean(
          operand.routine,
          of.map(({ name }) => name),
        );
        context.fail(path, `no ${kind.role} routine "${operand.routine}"${hint}`);
      } else if (target.within !== undefined && !reachesFrame(names, routine, target.within)) {
        context.fail(
          path,
          `"${target.name}" belongs to a frame of ${target.within}, out of reach of ${routine.name}`,
        );
      }
      if (kind.role === "userThread") {
        const service = names.serviceOf.get(routine.name);
        if (names.serviceOf.get(operand.routine) !== service) {
          context.fail(path, `"${operand.routine}" is a thread of another service than ${service}`);
        }
      }
      return;
    }
    case "record":
      if (typeof operand !== "object" || !("record" in operand)) wrong();
      if (names.records.has(operand.record)) return;
      context.fail(
        path,
        `no record "${operand.record}"${didYouMean(operand.record, names.records.keys())}`,
      );
  }
}

/** A wait follows one pointer at most: the model looks its objects up one behind the other. */
function checkPointers(context: RoutineContext, objects: readonly Operand[], path: Path): void {
  const followed = objects.flatMap((one) => {
    if (typeof one !== "object" || !("ref" in one)) return [];
    const decl = context.names.objects.get(one.ref)?.decl;
    const isFollowed = decl?.context === true || decl?.kind === "PETHREAD";
    return one.field !== undefined || isFollowed ? [one.ref] : [];
  });
  const [first, other] = new Set(followed);
  if (other === undefined) return;
  context.fail(path, `one wait follows one pointer at most, not both ${first} and ${other}`);
}

/** An object of one of these kinds, in reach of the routine. */
export function checkObject(
  context: RoutineContext,
  kinds: readonly WaitKind[],
  operand: Operand,
  path: Path,
): void {
  const wanted = kinds.join(" or ");
  const kind = kindOf(context, operand, path);
  if (kind === undefined) context.fail(path, `an object belongs here: ${wanted}`);
  if (!kinds.includes(kind)) context.fail(path, `this is a ${kind}; it must be ${wanted}`);
}

function kindOf(context: RoutineContext, operand: Operand, path: Path): WaitKind | undefined {
  if (typeof operand !== "object") return undefined;
  if ("thread" in operand) return "thread";
  if ("process" in operand) {
    const which = operand.process === "service" ? operand.service : undefined;
    if (operand.service !== undefined && which === undefined) {
      context.fail([...path, "service"], "only a service's process is named by its service");
    }
    if (operand.process === "service") checkService(context, which, [...path, "service"]);
    return "process";
  }
  return "ref" in operand ? findDecl(context, operand, path).kind : undefined;
}

/** A service that is named exists; it may be left out where there is one. */
export function checkService(context: RoutineContext, name: string | undefined, path: Path): void {
  const { names } = context;
  if (name === undefined) {
    if (names.services.size !== 1) {
      context.fail(path, `missing; the driver has ${names.services.size} services`);
    }
  } else if (!names.services.has(name)) {
    context.fail(path, `no service "${name}"${didYouMean(name, names.services)}`);
  }
}

/** The declaration that a reference means: an object's, or a field's. */
function findDecl(context: RoutineContext, { ref, field, of }: Ref, path: Path): ObjectDecl {
  const { names, routine } = context;
  const object = names.objects.get(ref);
  const near = [...names.objects].filter(([, one]) => reachesObject(names, routine, one));
  if (object === undefined) {
    context.fail(
      path,
      `no object "${ref}"${didYouMean(
        ref,
        near.map(([name]) => name),
      )}`,
    );
  }
  if (!reachesObject(names, routine, object)) {
    context.fail(
      path,
      `"${ref}" belongs to ${holderWords(object)}, out of reach of ${routine.name}`,
    );
  }
  if (of !== undefined && object.holder.kind !== "process") {
    context.fail([...path, "of"], `"${ref}" is not an object that each process has`);
  }
  if (field === undefined) return object.decl;
  const at = [...path, "field"];
  const record =
    object.decl.record === undefined ? undefined : names.records.get(object.decl.record);
  if (record === undefined) context.fail(at, `"${ref}" points to no record, so it has no fields`);
  const found = record.fields.find(({ name }) => name === field);
  if (found !== undefined) return found;
  const hint = didYouMean(
    field,
    record.fields.map(({ name }) => name),
  );
  context.fail(at, `record "${record.name}" has no field "${field}"${hint}`);
}

function holderWords({ holder }: DeclaredObject): string {
  return "name" in holder ? `${holder.kind} ${holder.name}` : `the ${holder.kind}`;
}

function kindWords(kind: ParamKind): string {
  switch (kind.type) {
    case "object":
      return `an object (${kind.kinds.join(" or ")})`;
    case "objects":
      return `{objects: […]} (${kind.kinds.join(" or ")})`;
    case "timeout":
      return "{timeout: …}";
    case "oneOf":
      return `one of ${kind.values.join(", ")}`;
    case "number":
      return "a number";
    case "routine":
      return `{routine: …} (a ${kind.role})`;
    case "record":
      return "{record: …}";
  }
}
