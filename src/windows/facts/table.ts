/** All facts, by id. */
import { invariant } from "../../base/invariant.ts";
import { callbackOrderFacts } from "./callback-order.ts";
import { callbackFacts } from "./callbacks.ts";
import type { Fact } from "./fact.ts";
import { numberFacts } from "./numbers.ts";
import { patternFacts } from "./patterns.ts";
import { ruleFacts } from "./rules.ts";
import { serviceFacts } from "./services.ts";
import { synchronisationFacts } from "./synchronisation.ts";
import { trapFacts } from "./traps.ts";
import { workerPoolFacts } from "./worker-pool.ts";

/** In the order in which reports and the documentation show them. */
export const factAreas: readonly { readonly title: string; readonly facts: readonly Fact[] }[] = [
  { title: "Callback families", facts: callbackFacts },
  { title: "Registration, order and nesting", facts: callbackOrderFacts },
  { title: "Rules", facts: ruleFacts },
  { title: "Worker pool", facts: workerPoolFacts },
  { title: "Synchronisation and APCs", facts: synchronisationFacts },
  { title: "Services that callbacks call", facts: serviceFacts },
  { title: "Patterns of hangs", facts: patternFacts },
  { title: "Numbers", facts: numberFacts },
  { title: "Traps for models", facts: trapFacts },
];

export const facts: ReadonlyMap<string, Fact> = new Map(
  factAreas.flatMap((area) => area.facts).map((fact) => [fact.id, fact]),
);

/** @throws {InvariantError} for an id that no fact has: ids are cited by our own code only. */
export function factOf(id: string): Fact {
  const fact = facts.get(id);
  invariant(fact !== undefined, `"${id}" is the id of a fact`);
  return fact;
}
