/** Draws what a driver branches on, out of what its place knows. */
import type { CallStatement, Comparison, Condition } from "../language/model.ts";
import { apisByName } from "../language/shape.ts";
import {
  declareObject,
  freshName,
  hasSubject,
  isUser,
  type KeptResult,
  reachable,
  type Spot,
} from "./draft.ts";
import { smallNumbers } from "./operands.ts";

const comparisons: readonly Comparison[] = ["==", "!=", "<", ">="];
/** Opaque conditions of one driver, at most. */
const opaqueMax = 2;

interface Candidate {
  readonly weight: number;
  readonly draw: () => Condition;
}

export function drawCondition(spot: Spot): Condition {
  const { draw } = spot.draft;
  const one = draw.weighted(candidates(spot), ({ weight }) => weight)?.draw() ?? opaque(spot);
  if (draw.chance(0.2)) return { kind: "not", test: one };
  if (draw.chance(0.08)) return { kind: draw.pick(["and", "or"]), tests: [one, opaque(spot)] };
  return one;
}

function candidates(spot: Spot): Candidate[] {
  const { draft, routine } = spot;
  const { draw, features } = draft;
  const found: Candidate[] = [{ weight: 3, draw: () => opaque(spot) }];
  const results = spot.results.flatMap((kept) => questions(spot, kept));
  if (results.length > 0) found.push({ weight: 3, draw: () => draw.pick(results)() });
  const compare = comparison(spot);
  if (compare !== undefined) found.push({ weight: 2, draw: compare });
  if (isUser(routine)) return found;
  for (const kind of ["kernelHandle", "apcsDisabled", "causedByOwnWork"] as const) {
    found.push({ weight: 0.3, draw: () => ({ kind }) });
  }
  const { form } = routine;
  if (form !== undefined && form.events.length > 1 && routine.role === "callback") {
    found.push({ weight: 2, draw: () => ({ kind: "event", is: draw.pick(form.events) }) });
  }
  if (hasSubject(routine)) {
    const is = features.service ? (["service", "system"] as const) : (["system"] as const);
    found.push({
      weight: 1,
      draw: () => ({
        kind: "role",
        who: draw.pick(["current", "subject", "parent", "creator"]),
        is: draw.pick(is),
      }),
    });
  }
  return found;
}

function opaque({ draft }: Spot): Condition {
  const { draw, conditions } = draft;
  if (conditions.length > 0 && (conditions.length >= opaqueMax || draw.chance(0.5))) {
    return { kind: "opaque", name: draw.pick(conditions).name };
  }
  const name = freshName(draft, "Luck");
  conditions.push({ name, scope: draw.pick(["activation", "activation", "process", "driver"]) });
  return { kind: "opaque", name };
}

/** What can be asked of a kept result: how it ended, or the number. */
function questions({ draft }: Spot, { name, api }: KeptResult): (() => Condition)[] {
  const { draw, grammar } = draft;
  const shape = apisByName(grammar.language.apis).get(api);
  if (shape === undefined) return [];
  const asked: (() => Condition)[] = [];
  if (shape.results.length > 1) {
    asked.push(() => ({ kind: "result", of: name, is: draw.pick(shape.results) }));
  }
  if (shape.returns !== undefined) {
    asked.push(() => ({
      kind: "returned",
      of: name,
      op: draw.pick(comparisons),
      value: draw.pick(smallNumbers),
    }));
  }
  return asked;
}

/** A test of a variable, where there can be one. */
function comparison(spot: Spot): (() => Condition) | undefined {
  const { draw, features } = spot.draft;
  const known = reachable(spot).filter(({ kind }) => kind === "variable");
  if (known.length === 0 && !features.kinds.has("variable")) return undefined;
  return () => ({
    kind: "compare",
    variable: (known.length > 0 ? draw.pick(known) : declareObject(spot, "variable")).operand,
    op: draw.pick(comparisons),
    value: draw.pick(smallNumbers),
  });
}

/** What a poll can wait for: a variable, or what a call in its own body comes back with. */
export function drawUntil(spot: Spot, inside: readonly CallStatement[]): Condition | undefined {
  const { draw } = spot.draft;
  const kept = inside.flatMap(({ api, result }) =>
    result === undefined ? [] : [{ name: result, api }],
  );
  const asked = kept.flatMap((one) => questions(spot, one));
  const compare = comparison(spot);
  if (compare !== undefined && (asked.length === 0 || draw.chance(0.5))) return compare();
  return asked.length === 0 ? undefined : draw.pick(asked)();
}
