/** Checks what an API of somebody's own is made of. */
import { type ApiShape, type Primitive, type PrimitiveRule, wordsOfKind } from "./shape.ts";
import type { Fail } from "./validate-names.ts";
import { didYouMean } from "./validate-nearest.ts";

/** An operation that calls of the table have, with operands that they give to it. */
export function checkPrimitive(
  { name, mode, params }: ApiShape,
  primitive: Primitive,
  rules: ReadonlyMap<string, PrimitiveRule>,
  fail: Fail,
): void {
  const { kind: _, op, ...operands } = primitive;
  const rule = rules.get(op);
  if (rule === undefined) {
    const hint = didYouMean(op, rules.keys()) || `: those are ${[...rules.keys()].join(", ")}`;
    return fail(["op"], `no operation "${op}" of ${mode}-mode calls${hint}`);
  }
  for (const [operand, given] of Object.entries(operands)) {
    const takes = rule.get(operand);
    if (takes === undefined) {
      const hint = didYouMean(operand, rule.keys());
      return fail([operand], `${op} has no operand "${operand}"${hint}`);
    }
    if (typeof given === "object") {
      const param = params.find((one) => one.name === given.param);
      if (param === undefined) {
        const names = params.map((one) => one.name);
        const hint = didYouMean(given.param, names);
        return fail([operand], `${name} has no parameter "${given.param}"${hint}`);
      }
      const wrong = wordsOfKind(param.kind).find((one) => !takes.params.has(one));
      if (wrong === undefined) continue;
      return fail([operand], `${op} takes ${listed(takes.params)} here, and no ${wrong}`);
    }
    if (given !== undefined && !takes.constants.has(given)) {
      const known = listed(new Set([...takes.constants].map((one) => JSON.stringify(one))));
      const what = takes.params.size > 0 ? `{param} of ${listed(takes.params)}` : known;
      return fail([operand], `${op} takes ${what} here, not ${JSON.stringify(given)}`);
    }
  }
  for (const [operand, { isOptional }] of rule) {
    if (!isOptional && operands[operand] === undefined) {
      fail([], `${op} needs an operand "${operand}"`);
    }
  }
}

const listed = (words: ReadonlySet<string>): string => [...words].join(" or ") || "nothing";
