/**
 * What primitives take, read off the API table: an operand of somebody else's API may be what it is
 * somewhere in the table. So whatever passes has been compiled before.
 */
import {
  type ApiShape,
  type OperandRule,
  type Primitive,
  type PrimitiveRule,
  runsIn,
  wordsOfKind,
} from "../language/shape.ts";
import { apiTable } from "./api/table.ts";

/** What no API of Windows' own needs: removal within a call of the callback, events, paths. */
const others: readonly ApiShape[] = [
  ...apiTable
    .filter(({ does }) => does.some(({ op, remove }) => op === "register" && remove === "TRUE"))
    .map(
      (api): ApiShape => ({ ...api, does: api.does.map((one) => ({ ...one, own: "ignored" })) }),
    ),
];

type Uses = readonly { readonly api: ApiShape; readonly primitive: Primitive }[];

function ruleOf(uses: Uses): PrimitiveRule {
  const names = new Set(uses.flatMap(({ primitive }) => Object.keys(primitive)));
  names.delete("kind");
  names.delete("op");
  const operands = new Map<string, OperandRule>();
  for (const name of names) {
    const params = new Set<string>();
    const constants = new Set<string | number | boolean>();
    for (const { api, primitive } of uses) {
      const given = primitive[name];
      if (typeof given === "object") {
        const param = api.params.find((one) => one.name === given.param);
        for (const word of param === undefined ? [] : wordsOfKind(param.kind)) params.add(word);
      } else if (given !== undefined) constants.add(given);
    }
    const isOptional = uses.some(({ primitive }) => primitive[name] === undefined);
    operands.set(name, { isOptional, params, constants });
  }
  return operands;
}

function rulesFor(mode: "kernel" | "user"): ReadonlyMap<string, PrimitiveRule> {
  const byOp = new Map<string, { api: ApiShape; primitive: Primitive }[]>();
  for (const api of [...apiTable, ...others] as readonly ApiShape[]) {
    // What hands back a number is compiled by rules of its own.
    if (api.returns !== undefined || !runsIn(api, mode)) continue;
    for (const primitive of api.does) {
      byOp.set(primitive.op, [...(byOp.get(primitive.op) ?? []), { api, primitive }]);
    }
  }
  return new Map([...byOp].map(([op, uses]) => [op, ruleOf(uses)]));
}

export const primitiveRules = { kernel: rulesFor("kernel"), user: rulesFor("user") };
