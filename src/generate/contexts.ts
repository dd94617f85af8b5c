/**
 * What work items are handed as their context: a reference to a counted record, which is theirs to
 * drop, or an event. Who first queues an item decides what it takes.
 */
import type { ContextKind, ObjectDecl, Operand, Statement } from "../language/model.ts";
import { contextKinds } from "../language/model.ts";
import type { ApiShape, Param } from "../language/shape.ts";
import {
  type DraftRoutine,
  freshName,
  type Held,
  reachable,
  recordName,
  type Spot,
} from "./draft.ts";
import { callOf, paramOf } from "./grammar.ts";

/** How often an item is handed something, where there is something to hand over. */
const handedShare = 0.4;

export interface Handed {
  readonly operand: Operand;
  /** What is called ahead of handing it over. */
  readonly before: readonly Statement[];
}

const contextOf = ({ does }: ApiShape) => does.find(({ context }) => context !== undefined);

/** Whether a parameter is what a work item is handed. */
export function isContext(api: ApiShape, { name }: Param): boolean {
  const does = contextOf(api);
  return does !== undefined && paramOf(does, "context") === name;
}

/** What this call hands its item; "nothing" to leave it out, undefined where it has to and cannot. */
export function drawContext(
  spot: Spot,
  api: ApiShape,
  args: Readonly<Record<string, Operand>>,
): Handed | "nothing" | undefined {
  const { draft } = spot;
  const does = contextOf(api);
  const taker =
    does === undefined ? undefined : (paramOf(does, "item") ?? paramOf(does, "routine"));
  const item = args[taker ?? ""];
  const name = typeof item === "object" && "routine" in item ? item.routine : undefined;
  const routine = draft.routines.find((one) => one.name === name);
  if (routine === undefined) return "nothing";
  const isFirst = routine.isQueued !== true;
  routine.isQueued = true;
  const known = routine.locals.find(({ context }) => context === true);
  const fitting = candidates(spot).filter(
    ({ decl }) => known === undefined || (decl.kind === known.kind && decl.record === known.record),
  );
  if (known === undefined) {
    const isOpen = isFirst && draft.pending.includes(routine) && fitting.length > 0;
    if (!isOpen || !draft.draw.chance(handedShare)) return "nothing";
    const { decl, operand } = draft.draw.pick(fitting);
    takeContext(spot, routine, decl);
    return handed(spot, decl, operand);
  }
  if (fitting.length === 0) return draft.illegal ? "nothing" : undefined;
  const { decl, operand } = draft.draw.pick(fitting);
  return handed(spot, decl, operand);
}

interface Candidate {
  readonly decl: Pick<ObjectDecl, "kind" | "record">;
  readonly operand: Operand;
}

function candidates(spot: Spot): Candidate[] {
  const records = spot.held.flatMap(({ kind, operand }): Candidate[] =>
    kind === "record" && operand !== undefined
      ? [{ decl: { kind: "pointer", record: recordName }, operand }]
      : [],
  );
  const objects = reachable(spot).filter(
    ({ kind, operand }) =>
      kind !== "pointer" &&
      contextKinds.some((one) => one === kind) &&
      typeof operand === "object" &&
      "ref" in operand &&
      operand.field === undefined,
  );
  return [
    ...records,
    ...objects.map(({ kind, operand }) => ({ decl: { kind: kind as ContextKind }, operand })),
  ];
}

/** Declares the routine's context; a record's reference it drops at its end. */
function takeContext({ draft }: Spot, routine: DraftRoutine, decl: Candidate["decl"]): void {
  const name = freshName(draft, "Context");
  routine.locals.push({ name, ...decl, context: true });
  if (decl.kind !== "pointer") return;
  const holds: Held = { kind: "record", operand: { ref: name } };
  routine.holds = holds;
  const drop = callOf(draft.grammar, "dereference", { pointer: { ref: name } });
  if (drop !== undefined && !(draft.illegal && draft.draw.chance(0.25))) routine.last = drop;
}

function handed({ draft }: Spot, { kind }: Candidate["decl"], operand: Operand): Handed {
  const skips = kind !== "pointer" || (draft.illegal && draft.draw.chance(0.25));
  const take = skips ? undefined : callOf(draft.grammar, "reference", { pointer: operand });
  return { operand, before: take === undefined ? [] : [take] };
}
