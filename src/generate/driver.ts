/** Draws whole drivers: callbacks, what they start, a service, start-up and unloading. */
import { withUsed } from "../language/extension.ts";
import type { DriverModel, Statement } from "../language/model.ts";
import {
  type Draft,
  type DraftRoutine,
  finished,
  freshName,
  recordName,
  serviceName,
} from "./draft.ts";
import type { Draw } from "./draw.ts";
import { drawFeatures, type Sizes } from "./features.ts";
import { type Grammar, paramOf } from "./grammar.ts";
import { addRoutine } from "./routines.ts";
import { drawBody, drawRequestBody, drawServiceBody, startSpot } from "./statements.ts";
import { tidy } from "./tidy.ts";

export interface DriverOptions {
  /** The share of drivers in which calls stand where they are not legal, 0 to 1. Default 0. */
  readonly illegal?: number;
}

export function drawDriver(
  draw: Draw,
  grammar: Grammar,
  sizes: Sizes,
  options: DriverOptions,
): DriverModel {
  const features = drawFeatures(draw, grammar, sizes);
  const draft: Draft = {
    draw,
    grammar,
    features,
    illegal: draw.chance(options.illegal ?? 0),
    objects: [],
    perProcess: [],
    fields: [],
    settings: [],
    conditions: [],
    routines: [],
    pending: [],
    registrations: [],
    serviceObjects: [],
    serviceThreads: [],
    counts: new Map(),
    statementsLeft: features.statements,
  };
  for (const name of features.forms) addCallback(draft, name);
  if (features.service) addService(draft);
  if (features.entry) addRoutine(draft, "entry", { name: "DriverEntry" });
  if (features.unload) addRoutine(draft, "unload", { name: "DriverUnload" });
  // Bodies name routines that have none yet.
  for (let next = draft.pending.shift(); next !== undefined; next = draft.pending.shift()) {
    next.body.push(...bodyOf(draft, next), ...(next.last === undefined ? [] : [next.last]));
  }
  return withUsed(tidy(modelOf(draft)), grammar.extension);
}

function addCallback(draft: Draft, name: string): void {
  const form = draft.grammar.forms.get(name);
  if (form === undefined) return;
  const word = `On${name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())}`;
  const routine = addRoutine(draft, "callback", { name: word, form });
  draft.registrations.push({ family: name, routine: routine.name });
}

function addService(draft: Draft): void {
  const { draw } = draft;
  for (let count = draw.chance(0.3) ? 2 : 1; count > 0; count--) {
    const { name } = addRoutine(draft, "userThread");
    draft.serviceThreads.push({ routine: name, count: draw.chance(0.25) ? 2 : 1 });
  }
  if (draw.chance(0.1)) addRoutine(draft, "cleanup", { name: freshName(draft, "Cleanup") });
}

function bodyOf(draft: Draft, routine: DraftRoutine): readonly Statement[] {
  const spot = startSpot(draft, routine);
  if (routine.role === "userThread") return drawServiceBody(spot);
  if (routine.role === "request") return drawRequestBody(spot);
  if (routine.role !== "unload") return drawBody(spot, draft.draw.int(1, 2));
  // Nobody else removes the callbacks of a driver that unloads by itself (CB-U5).
  const owed = draft.registrations.map((one) => () => removal(draft, one.family, one.routine));
  const body = drawBody({ ...spot, canReturn: false, owed });
  return [...body, ...owed.map((one) => one())];
}

/** The call that removes a callback: the one of its family. */
function removal({ grammar }: Draft, family: string, routine: string): Statement {
  const removes = grammar.forms.get(family)?.family.removes ?? "";
  const api = grammar.language.apis.find(({ name }) => name === removes);
  const does = api?.does.find(({ op }) => op === "register");
  const flag = does === undefined ? undefined : paramOf(does, "remove");
  const named = does === undefined ? undefined : paramOf(does, "routine");
  return {
    kind: "call",
    api: removes,
    args: { [named ?? ""]: { routine }, ...(flag === undefined ? {} : { [flag]: "TRUE" }) },
  };
}

function modelOf(draft: Draft): DriverModel {
  const { objects, perProcess, settings, conditions, registrations, fields } = draft;
  const hasRecord = draft.routines.some(({ locals }) => locals.some(({ record }) => record));
  return {
    loophole: "driver",
    version: 1,
    name: "generated",
    objects,
    perProcess,
    records: hasRecord ? [{ name: recordName, fields }] : [],
    settings,
    conditions,
    routines: draft.routines.map(finished),
    registrations,
    services:
      draft.serviceThreads.length === 0
        ? []
        : [{ name: serviceName, objects: draft.serviceObjects, threads: draft.serviceThreads }],
  };
}
