/**
 * Each driver draws its own mix of features (swarm testing: Groce and others, ISSTA 2012): what is
 * left out gives what is in the room to meet. First kinds of object, then calls that take them.
 */
import { objectKinds } from "../language/model.ts";
import type { Draw } from "./draw.ts";
import { type Grammar, messageKinds, type Production } from "./grammar.ts";

export interface Features {
  /** Forms of families for which a callback each is registered. */
  readonly forms: readonly string[];
  /** Kinds of object that may be declared. */
  readonly kinds: ReadonlySet<string>;
  /** Names of the calls that may be made. What closes something is always there. */
  readonly apis: ReadonlySet<string>;
  readonly service: boolean;
  readonly entry: boolean;
  readonly unload: boolean;
  /** Objects of each process; objects of an activation. */
  readonly perProcess: boolean;
  readonly locals: boolean;
  /** Statements of the driver, about; routines beside those that the system enters. */
  readonly statements: number;
  readonly routines: number;
}

/** Objects that are there without a declaration. */
export const undeclared: readonly string[] = ["process", "thread"];

export interface Sizes {
  readonly statementsMin: number;
  readonly statementsMax: number;
}

export const usualSizes: Sizes = { statementsMin: 3, statementsMax: 20 };
/** What fast-check's bias to small values asks for. */
export const smallSizes: Sizes = { statementsMin: 1, statementsMax: 6 };

/** How common calls without an object are, in one driver and in another. */
const densities = [0.03, 0.08, 0.25] as const;

export function drawFeatures(draw: Draw, grammar: Grammar, sizes: Sizes): Features {
  const { productions } = grammar;
  const service = draw.chance(0.4);
  const kinds = drawKinds(draw, productions, service);
  const density = draw.pick(densities);
  const hasRecords = productions.some(
    ({ asks, opens }) =>
      opens.some(({ kind }) => kind === "record") && asks.some((kind) => kinds.has(kind)),
  );
  const apis = productions.filter((production) => {
    const { api, asks, opens, closes } = production;
    if (closes.length > 0) return true;
    if (asks.length > 0) {
      const isTheirs = asks.every((kind) => undeclared.includes(kind));
      return asks.some((kind) => kinds.has(kind)) && draw.chance(isTheirs ? 0.4 : 0.75);
    }
    if (hasRecords && opens.some(({ kind }) => kind === "record")) return true;
    // There are few of them, and a service has little else to do.
    if (api.mode === "user") return draw.chance(0.35);
    return draw.chance(Math.min(0.9, density * api.weight * (isQuiet(production) ? 0.5 : 1.5)));
  });
  const forms = [...grammar.forms.keys()];
  const count = draw.weighted([1, 2, 3], (n) => 4 - n) ?? 1;
  return {
    forms: someOf(draw, forms, count),
    kinds,
    apis: new Set(apis.map(({ api }) => api.name)),
    service,
    entry: draw.chance(0.1),
    unload: draw.chance(0.25),
    perProcess: draw.chance(0.2),
    locals: draw.chance(0.6),
    statements: draw.int(sizes.statementsMin, sizes.statementsMax),
    routines: draw.int(1, 4),
  };
}

/** How often a driver with a service has what a call that pends requests takes. */
const pendShare = 0.15;

/** A few kinds; what only user mode can use, or answer, where there is a service. */
function drawKinds(
  draw: Draw,
  productions: readonly Production[],
  service: boolean,
): ReadonlySet<string> {
  const weights = new Map<string, number>();
  const inKernel = new Set<string>();
  for (const { api, asks } of productions) {
    for (const kind of asks) {
      weights.set(kind, (weights.get(kind) ?? 0) + api.weight);
      if (api.mode !== "user" && !messageKinds.includes(kind)) inKernel.add(kind);
    }
  }
  const kinds = new Set<string>(undeclared.filter(() => draw.chance(0.3)));
  // A request has its own use, and needs all that it takes.
  for (const { api, asks } of productions) {
    if (service && api.does.some(({ op }) => op === "pend") && draw.chance(pendShare))
      for (const kind of asks) kinds.add(kind);
  }
  const candidates = objectKinds.filter(
    (kind) => weights.has(kind) && (service || inKernel.has(kind)),
  );
  for (let count = draw.int(1, service ? 5 : 4); count > 0; count--) {
    const kind = draw.weighted(
      candidates.filter((one) => !kinds.has(one)),
      // Damped, so that rare kinds have their turn.
      (one) => Math.sqrt(weights.get(one) ?? 0) * (inKernel.has(one) ? 1 : 2),
    );
    if (kind !== undefined) kinds.add(kind);
  }
  return kinds;
}

/** It waits for nobody, wakes nobody and raises nothing. */
const isQuiet = ({ api }: Production): boolean =>
  api.effects.length === 0 && api.raises.length === 0 && api.does.every((d) => d.op === "mayFail");

/** `count` of a list, all different, in its order. */
function someOf<T>(draw: Draw, list: readonly T[], count: number): T[] {
  const left = [...list];
  const taken = new Set<T>();
  while (taken.size < count && left.length > 0) {
    taken.add(left.splice(draw.int(0, left.length - 1), 1)[0]);
  }
  return list.filter((one) => taken.has(one));
}
