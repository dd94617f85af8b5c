/** Walks over lists: the loop that goes from link to link, with what may stand in it. */
import type { Operand, Statement } from "../language/model.ts";
import type { ApiShape } from "../language/shape.ts";
import { freePointer, type Held, type Spot } from "./draft.ts";
import { callOf } from "./grammar.ts";

const does = ({ does: all }: ApiShape, op: string): boolean => all.some((one) => one.op === op);

/** Whether a call goes from entry to entry. */
export const isWalk = (api: ApiShape): boolean => does(api, "walk");

/** Whether a call has its place in a walk alone. */
export const isOfWalk = (api: ApiShape): boolean => does(api, "unlink") || does(api, "copy");

/** How often a walk takes its entries off the list. */
const removingShare = 0.4;

/** The loop, around what `body` draws with the entry in hand. */
export function drawWalk(
  spot: Spot,
  list: Operand,
  body: (change: Partial<Spot>) => Statement[],
): Statement[] {
  const { draft, routine } = spot;
  const { grammar, draw } = draft;
  const entry = freePointer(spot, "record");
  const holds: Held = { kind: "record", operand: entry };
  const held = [...spot.held, holds];
  const removes = draw.chance(removingShare);
  const next = removes ? freePointer({ ...spot, held }, "record") : entry;
  const first = `r${++routine.results}`;
  const ends = `r${++routine.results}`;
  const begin = callOf(grammar, "walk", { object: list, pointer: entry }, first);
  const go = callOf(grammar, "walk", { object: list, pointer: next, from: entry }, ends);
  const inside = body({ held: [...held, { kind: "record", operand: next }], results: [] });
  const parts = removes
    ? [
        go,
        callOf(grammar, "unlink", { object: list, pointer: entry }),
        ...inside,
        callOf(grammar, "dereference", { pointer: entry }),
        callOf(grammar, "copy", { object: entry, pointer: next }),
      ]
    : [...inside, go];
  const made = parts.filter((one) => one !== undefined);
  if (begin === undefined || made.length < parts.length) return [];
  return [
    begin,
    {
      kind: "poll",
      until: {
        kind: "or",
        tests: [
          { kind: "result", of: first, is: "empty" },
          { kind: "result", of: ends, is: "empty" },
        ],
      },
      body: made,
      limit: null,
    },
  ];
}
