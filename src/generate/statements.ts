/**
 * Draws bodies. No production makes more than one call that waits, so whatever comes of several
 * was found, and not planted: what stands behind a call that opens something is what closes it.
 */
import { callsIn } from "../language/conditions.ts";
import type { Body, CallStatement, Irql, Operand, Statement } from "../language/model.ts";
import { drawCondition, drawUntil } from "./conditions.ts";
import { type Draft, type Held, isHeldAlone, isUser, reachable, type Spot } from "./draft.ts";
import { closersOf, type Hold, opensWith, type Production, paramOf } from "./grammar.ts";
import { type DrawnArgs, drawArgs } from "./operands.ts";
import { addRoutine, canCall } from "./routines.ts";
import { behind, legality } from "./state.ts";
import { drawWalk, isOfWalk, isWalk } from "./walks.ts";

/** Levels of statements inside statements. */
const depthMax = 3;
/** Statements of one body go on so often. */
const goesOn = 0.62;
/** How often a statement of a driver with illegal use is illegal where it can be. */
const illegalShare = 0.25;
/** Calls that are tried for one statement, until one has all of its arguments. */
const tries = 4;
/** What is there already is used again: calls that can take it come up so much more often. */
const affinity = 4;
/** How often a request begins with pending: it is the one place for that, and few drivers have one. */
const pendShare = 0.7;

export function drawBody(spot: Spot, atLeast = 1): Statement[] {
  const { draft } = spot;
  const { draw } = draft;
  const body: Statement[] = [];
  for (let count = 0; count < atLeast || draw.chance(goesOn); count++) {
    // What is owed takes PASSIVE_LEVEL.
    const isLegal = draft.illegal || spot.state.irql === "PASSIVE_LEVEL";
    const owed = isLegal ? (spot.owed ?? []) : [];
    if (owed.length > 0 && draw.chance(0.4)) {
      const one = owed.pop();
      if (one !== undefined) body.push(one());
      continue;
    }
    if (draft.statementsLeft <= 0 && count >= atLeast) break;
    draft.statementsLeft--;
    body.push(...drawStatement(spot));
  }
  return body;
}

const inner = (spot: Spot, change: Partial<Spot> = {}): Spot => ({
  ...spot,
  results: [...spot.results],
  depth: spot.depth + 1,
  ...change,
});

function drawStatement(spot: Spot): Statement[] {
  const { draw } = spot.draft;
  const deep = spot.depth >= depthMax || spot.draft.statementsLeft <= 0 ? 0 : 1;
  const kind = draw.weighted(
    ["call", "if", "repeat", "poll", "invoke", "leave"] as const,
    (one) =>
      ({ call: 80, if: 9 * deep, repeat: 2 * deep, poll: 3 * deep, invoke: 3, leave: 3 })[one],
  );
  switch (kind) {
    case "if": {
      const test = drawCondition(spot);
      const then = drawBody(inner(spot));
      const otherwise = draw.chance(0.2) ? drawBody(inner(spot)) : [];
      return then.length === 0
        ? []
        : [{ kind: "if", test, then, ...(otherwise.length === 0 ? {} : { else: otherwise }) }];
    }
    case "repeat": {
      const body = drawBody(inner(spot, { results: [] }));
      return body.length === 0 ? [] : [{ kind: "repeat", times: draw.int(2, 3), body }];
    }
    case "poll":
      return drawPoll(spot);
    case "invoke":
      return drawInvoke(spot);
    case "leave":
      return drawLeave(spot);
    default:
      return drawCall(spot);
  }
}

/** A poll sleeps, or looks, once a round; what it waits for is drawn when its body is known. */
function drawPoll(spot: Spot): Statement[] {
  const { draw } = spot.draft;
  const inside = inner(spot, { results: [], depth: depthMax });
  const body = drawCall(inside);
  const until = drawUntil(spot, callsIn(body));
  if (until === undefined) return body;
  return [{ kind: "poll", until, body, limit: draw.chance(0.3) ? null : draw.int(2, 4) }];
}

function drawInvoke(spot: Spot): Statement[] {
  const { draft, routine, state } = spot;
  if (isUser(routine) || spot.held.length > 0) return drawCall(spot);
  const { draw, routines, features } = draft;
  const same = JSON.stringify(state);
  // Called only by routines before it, so that none calls itself.
  const known = routines.filter(
    (one, i) =>
      one.role === "function" &&
      i > routines.indexOf(routine) &&
      JSON.stringify(one.state) === same,
  );
  if (known.length > 0) return [{ kind: "invoke", routine: draw.pick(known).name }];
  if (routines.filter(({ role }) => role === "function").length >= features.routines) return [];
  return [{ kind: "invoke", routine: addRoutine(draft, "function", { state }).name }];
}

/** A return, where nothing is held; or the veto of a callback that has one. */
function drawLeave(spot: Spot): Statement[] {
  const { draft, routine } = spot;
  if (routine.role === "callback" && routine.form?.family.veto === true && draft.draw.chance(0.5)) {
    return [{ kind: "veto" }];
  }
  const canReturn = spot.canReturn || (draft.illegal && draft.draw.chance(illegalShare));
  return spot.depth > 0 && canReturn ? [{ kind: "return" }] : drawCall(spot);
}

/** A call, together with what closes what it opens. */
function drawCall(spot: Spot, fits: (production: Production) => boolean = () => true): Statement[] {
  const { draft, routine, state } = spot;
  const { draw } = draft;
  const strikes = draft.illegal && draw.chance(illegalShare);
  const here = new Set(reachable(spot).map(({ kind }) => kind));
  const candidates = draft.grammar.productions.filter(({ api, closes, needsLock }) => {
    if (!draft.features.apis.has(api.name) || !canCall(routine, api)) return false;
    if (strikes) return true;
    if (isOfWalk(api) || (isWalk(api) && spot.depth >= depthMax)) return false;
    if (closes.length > 0 || legality(api, state) === false) return false;
    if (pends(api) && !canPend(spot)) return false;
    return needsLock === undefined || spot.held.some(isHeldAlone);
  });
  const weigh = ({ api, asks }: Production): number =>
    api.weight * (asks.some((kind) => here.has(kind)) ? affinity : 1);
  for (let i = 0; i < tries; i++) {
    const production = draw.weighted(candidates.filter(fits), weigh);
    if (production === undefined) return [];
    const drawn = drawArgs(spot, production, legality(production.api, state) === "at zero");
    if (drawn !== undefined && isWalk(production.api)) return drawWalkOver(spot, production, drawn);
    if (drawn !== undefined) return statementsOf(spot, production, drawn, strikes);
  }
  return [];
}

function drawWalkOver(spot: Spot, { api }: Production, { args }: DrawnArgs): Statement[] {
  const list = args[paramOf(api.does[0], "object") ?? ""];
  return drawWalk(spot, list, (change) => drawBody(inner(spot, { ...change, canReturn: false })));
}

const pends = ({ does }: Production["api"]): boolean => does.some(({ op }) => op === "pend");

/** A request is pended once, by its own routine. */
const canPend = ({ routine, depth, draft }: Spot): boolean =>
  routine.role === "request" &&
  depth === 0 &&
  !callsIn(routine.body).some(({ api }) =>
    draft.grammar.productions.some((one) => one.api.name === api && pends(one.api)),
  );

function statementsOf(
  spot: Spot,
  production: Production,
  drawn: DrawnArgs,
  strikes: boolean,
): Statement[] {
  const { draft, routine } = spot;
  const { draw } = draft;
  const { api } = production;
  const opens = opensWith(production, drawn.objectKind);
  const result = api.results.length > 1 || api.returns !== undefined;
  const call: CallStatement = {
    kind: "call",
    api: api.name,
    args: drawn.args,
    ...(result ? { result: `r${++routine.results}` } : {}),
  };
  if (call.result !== undefined) spot.results.push({ name: call.result, api: api.name });
  const { before = [] } = drawn;
  if (opens.length === 0 || (strikes && draw.chance(0.5))) return [...before, call];
  const held = opens.map(
    (hold): Held => ({
      kind: hold.kind,
      objectKind: drawn.objectKind,
      operand: operandOf(hold, drawn),
      ...(hold.shared ? { shared: true } : {}),
    }),
  );
  const newIrql = opens.map((hold) =>
    hold.kind === "irql" ? operandOf(hold, drawn) : undefined,
  )[0];
  const inside = inner(spot, {
    state: behind(spot.state, opens, drawn.objectKind, newIrql as Irql | undefined),
    held: [...spot.held, ...held],
    canReturn: false,
  });
  const between = drawBody(inside, spot.depth < depthMax && draw.chance(0.85) ? 1 : 0);
  const end = closing(inside, production, opens, drawn, spot);
  // Without an end there is none to be had in this mode: then it is not begun, nor asked after.
  if (end === undefined) {
    if (call.result !== undefined) spot.results.pop();
    return [];
  }
  const bracket = [...between, end];
  const isSure =
    api.results.length < 2 || (drawn.usual && api.params.some((p) => p.default !== undefined));
  if (isSure) return [call, ...bracket];
  const test = { kind: "result", of: call.result ?? "", is: "success" } as const;
  return [call, { kind: "if", test, then: bracket }];
}

const operandOf = (hold: Hold, { args }: DrawnArgs): Operand | undefined =>
  hold.param === undefined ? undefined : args[hold.param];

/** The call that gives back what was opened. */
function closing(
  inside: Spot,
  opener: Production,
  opens: readonly Hold[],
  drawn: DrawnArgs,
  outside: Spot,
): Statement | undefined {
  const { draft } = inside;
  const closers = closersOf(draft.grammar, opener, opens, drawn.objectKind).filter(
    ({ api }) => legality(api, inside.state) !== false || draft.illegal,
  );
  // What else it takes, such as the list that a record goes to, has to be there.
  for (let i = 0; i < tries && closers.length > 0; i++) {
    const closer = draft.draw.pick(closers);
    const extra = drawArgs(inside, closer, false);
    if (extra === undefined) continue;
    const args: Record<string, Operand> = { ...extra.args };
    for (const hold of closer.closes) {
      if (hold.param === undefined) continue;
      const mine = opens.find(({ kind }) => kind === hold.kind);
      const operand = mine === undefined ? undefined : operandOf(mine, drawn);
      args[hold.param] = hold.kind === "irql" ? outside.state.irql : (operand ?? args[hold.param]);
    }
    return { kind: "call", api: closer.api.name, args };
  }
  return undefined;
}

/** The body of a request. */
export function drawRequestBody(spot: Spot): Statement[] {
  const { draw } = spot.draft;
  const first = draw.chance(pendShare) ? drawCall(spot, ({ api }) => pends(api)) : [];
  return [...first, ...drawBody(spot, first.length === 0 ? 1 : 0)];
}

/** The loop of a service's thread: first of all it waits for something. */
export function drawServiceBody(spot: Spot): Body {
  const { draw } = spot.draft;
  const inside = inner(spot, { results: [] });
  const first = drawCall(inside, ({ api }) => api.effects.includes("waits"));
  const rest = drawBody(inside);
  const body = [...first, ...rest];
  if (body.length === 0 || draw.chance(0.2)) return body;
  return [{ kind: "forever", body }];
}

/** The place at the start of a routine. */
export const startSpot = (draft: Draft, routine: Spot["routine"]): Spot => ({
  draft,
  routine,
  state: routine.state,
  held: routine.holds === undefined ? [] : [routine.holds],
  results: [],
  depth: 0,
  canReturn: routine.last === undefined,
});
