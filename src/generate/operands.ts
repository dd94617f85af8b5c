/** Draws the arguments of a call: what each parameter takes says what can stand there. */
import { type ObjectKind, type Operand, objectKinds, type Statement } from "../language/model.ts";
import type { Param } from "../language/shape.ts";
import { drawContext, isContext } from "./contexts.ts";
import {
  declareObject,
  freePointer,
  freshName,
  hasSubject,
  isHeldAlone,
  isUser,
  type Reachable,
  reachable,
  type Spot,
} from "./draft.ts";
import { undeclared } from "./features.ts";
import { isNeverDrawn, isOwnedByWaiting, opensWith, type Production } from "./grammar.ts";
import { routineFor } from "./routines.ts";
import { irqlOrder } from "./state.ts";
import { isWalk } from "./walks.ts";

export interface DrawnArgs {
  readonly args: Readonly<Record<string, Operand>>;
  /** The kind of the object that the call is about, if it is about one. */
  readonly objectKind?: string;
  /** Every parameter that need not be given is left out. */
  readonly usual: boolean;
  /** What is called ahead of this call. */
  readonly before?: readonly Statement[];
}

/** Timeouts and delays, in microseconds. */
const durations = [0, 50_000, 200_000, 400_000, 2_000_000] as const;
const finite = durations.filter((us) => us > 0);
/** Numbers that drivers store and compare with. */
export const smallNumbers = [0, 1, 2] as const;
/** Objects of one wait on several. */
const waitObjects = [2, 2, 3] as const;
/** How often an object that is there is taken, before a new one is declared. */
const reuse = 0.8;
/** Objects of the frame around come up so much more often: they are why it is one. */
const captured = 3;
/** Objects of one kind, at most. */
const sameKindMax = 2;

/** The arguments of a call, or undefined where one of them cannot be had. */
export function drawArgs(
  spot: Spot,
  production: Production,
  atZero: boolean,
): DrawnArgs | undefined {
  const { api } = production;
  const args: Record<string, Operand> = {};
  let objectKind: string | undefined;
  let usual = true;
  const before: Statement[] = [];
  for (const param of api.params) {
    const { kind } = param;
    // What it goes to and from is for the loop around it to say.
    if (isWalk(api) && param.kind.type === "object" && param.kind.kinds.includes("pointer"))
      continue;
    if (param.default !== undefined && isNeverDrawn(param)) continue;
    if (isContext(api, param)) {
      const handed = drawContext(spot, api, args);
      if (handed === undefined) return undefined;
      if (handed === "nothing") continue;
      args[param.name] = handed.operand;
      before.push(...handed.before);
      continue;
    }
    const mustBeZero = atZero && kind.type === "timeout";
    if (param.default !== undefined && !mustBeZero && !isGiven(spot, param)) continue;
    if (param.default !== undefined) usual = false;
    if (kind.type === "object" && !kind.kinds.includes("pointer")) {
      const one = drawObject(spot, production, param);
      if (one === undefined) return undefined;
      objectKind ??= one.kind;
      args[param.name] = one.operand;
      continue;
    }
    const operand = mustBeZero ? { timeout: 0 } : drawOperand(spot, production, param);
    if (operand === undefined) return undefined;
    args[param.name] = operand;
  }
  return { args, objectKind, usual, before };
}

function isGiven({ draft: { draw } }: Spot, { kind }: Param): boolean {
  return draw.chance(kind.type === "timeout" || kind.type === "routine" ? 0.3 : 0.15);
}

function drawOperand(spot: Spot, production: Production, param: Param): Operand | undefined {
  const { kind } = param;
  const { draft } = spot;
  const { draw } = draft;
  switch (kind.type) {
    case "object":
      return drawPointer(spot, production, param.name);
    case "objects": {
      const objects: Operand[] = [];
      for (let left = draw.pick(waitObjects); left > 0; left--) {
        const one = drawObject(spot, production, param)?.operand;
        const text = JSON.stringify(one);
        if (one !== undefined && objects.every((o) => JSON.stringify(o) !== text))
          objects.push(one);
      }
      return objects.length === 0 ? undefined : { objects };
    }
    case "timeout":
      return drawTimeout(spot, param);
    case "oneOf":
      return drawWord(spot, production, param.name, kind.values);
    case "number":
      return production.api.does.some(({ count }) => isParam(count, param.name))
        ? 1
        : draw.pick(smallNumbers);
    case "routine": {
      const routine = routineFor(spot, kind.role, production.api);
      return routine === undefined ? undefined : { routine };
    }
    case "record":
      return undefined;
  }
}

const isParam = (given: unknown, name: string): boolean =>
  typeof given === "object" && given !== null && "param" in given && given.param === name;

function drawTimeout({ draft }: Spot, param: Param): Operand {
  const { draw } = draft;
  const us = draw.pick(param.default === undefined ? finite : durations);
  if (us === 0 || !draw.chance(0.15)) return { timeout: us };
  const known = draft.settings.filter(({ value }) => value !== 0);
  if (known.length > 0) return { timeout: { setting: draw.pick(known).name } };
  const name = freshName(draft, "Patience");
  draft.settings.push({ name, value: us });
  return { timeout: { setting: name } };
}

function drawWord(
  { draft: { draw }, state }: Spot,
  { api }: Production,
  name: string,
  values: readonly string[],
): string | undefined {
  const raises = api.does.find(
    ({ op, irql, raises: up }) => op === "irql" && up === true && isParam(irql, name),
  );
  if (raises === undefined) return draw.pick(values);
  // Texts, since that is what the table's values are.
  const order: readonly string[] = irqlOrder;
  const above = values.filter((value) => order.indexOf(value) > order.indexOf(state.irql));
  return above.length === 0 ? undefined : draw.pick(above);
}

/** What opens a pointer takes a free one; the rest takes one that is held. */
function drawPointer(spot: Spot, production: Production, param: string): Operand | undefined {
  const { api, opens } = production;
  const opened = opens.find((hold) => hold.param === param);
  const isReference = api.does.some(({ op }) => op === "reference");
  if (opened !== undefined && !isReference) {
    return freePointer(spot, opened.kind === "message" ? "message" : "record");
  }
  const wanted = api.does.some(({ op }) => op === "reply") ? "message" : "record";
  const pointers = spot.held.filter(({ kind }) => kind === wanted);
  const { draw, illegal } = spot.draft;
  if (pointers.length > 0) return draw.pick(pointers).operand;
  return illegal ? freePointer(spot, wanted) : undefined;
}

/** An object of one of the parameter's kinds: one that is there, mostly, or a new one. */
function drawObject(spot: Spot, production: Production, param: Param): Reachable | undefined {
  const { draft } = spot;
  const { draw, features } = draft;
  const kinds = kindsHere(spot, production, param);
  const only = kinds.length > 0 && kinds.every((kind) => undeclared.includes(kind));
  const on = kinds.filter((kind) => only || features.kinds.has(kind));
  if (on.length === 0) return undefined;
  if (production.needsLock === param.name) {
    const held = spot.held.filter((one) => isHeldAlone(one) && on.includes(one.objectKind ?? ""));
    if (held.length > 0) {
      const { objectKind = "", operand = "" } = draw.pick(held);
      return { kind: objectKind, operand };
    }
    if (!draft.illegal) return undefined;
  }
  const mine = new Set(spot.held.map(({ operand }) => JSON.stringify(operand)));
  const takesAgain = ({ kind, operand }: Reachable): boolean =>
    !draft.illegal &&
    mine.has(JSON.stringify(operand)) &&
    opensWith(production, kind).some((hold) => hold.param === param.name);
  const known = reachable(spot).filter((one) => on.includes(one.kind) && !takesAgain(one));
  const there = on.flatMap((kind) => theirs(spot, kind));
  if (known.length > 0 && draw.chance(reuse)) {
    return draw.weighted(known, (one) => (one.isCaptured ? captured : 1));
  }
  const kind = draw.pick(on);
  if (undeclared.includes(kind)) return there.length === 0 ? undefined : draw.pick(there);
  const same = known.filter((one) => one.kind === kind);
  if (same.length >= sameKindMax) return draw.pick(same);
  return declareObject(spot, kind as ObjectKind);
}

/** Kinds that can stand there: what its taker would own has to have a way back. */
function kindsHere(spot: Spot, { api }: Production, param: Param): readonly string[] {
  const { kind } = param;
  const all: readonly string[] = "kinds" in kind ? kind.kinds : [];
  const user = isUser(spot.routine);
  const isSeveral = kind.type === "objects";
  return all.filter((one) => {
    if (one === "CRITICAL_SECTION") return user;
    if (!objectKinds.some((k) => k === one) && !undeclared.includes(one)) return false;
    const waits = api.does.some(({ op }) => op === "wait");
    return !(waits && isOwnedByWaiting(one) && (user || isSeveral));
  });
}

/** The processes and threads that a routine can name. */
function theirs({ draft, routine }: Spot, kind: string): Reachable[] {
  const of = (operands: readonly Operand[]): Reachable[] =>
    operands.map((operand) => ({ kind, operand }));
  const subject = hasSubject(routine);
  if (kind === "thread") {
    return of([{ thread: "current" }, ...(subject ? ([{ thread: "subject" }] as const) : [])]);
  }
  if (kind !== "process") return [];
  const { form } = routine;
  const created = subject && form?.events.length === 1 && form.events[0] === "create";
  return of([
    { process: "current" },
    ...(subject ? ([{ process: "subject" }, { process: "subject" }] as const) : []),
    // Who ends has a creator no longer, perhaps.
    ...(created ? ([{ process: "creator" }] as const) : []),
    ...(draft.features.service && !isUser(routine) ? ([{ process: "service" }] as const) : []),
  ]);
}
