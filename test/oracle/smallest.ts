/** Makes a scenario smaller, a part at a time, as long as something stays true of it. */
import type { Scenario } from "./scenario.ts";

/** All copies of a value with one element of one list left out. */
function* withOneLess(value: unknown): Generator<unknown> {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) yield value.filter((_, k) => k !== i);
    for (let i = 0; i < value.length; i++) {
      for (const one of withOneLess(value[i])) yield value.map((old, k) => (k === i ? one : old));
    }
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    for (const one of withOneLess(inner)) yield { ...value, [key]: one };
  }
}

/** Every callback is still there. */
const isWhole = ({ drivers }: Scenario): boolean =>
  drivers.every(({ registrations, routines }) =>
    registrations.every((one) => routines.some(({ name }) => name === one.routine)),
  );

const triesMax = 400;

export function smallest(scenario: Scenario, holds: (one: Scenario) => boolean): Scenario {
  let least = scenario;
  for (let tries = 0; tries < triesMax; ) {
    let found: Scenario | undefined;
    for (const one of withOneLess(least)) {
      if (tries++ >= triesMax) break;
      if (!isWhole(one as Scenario) || !holds(one as Scenario)) continue;
      found = one as Scenario;
      break;
    }
    if (found === undefined) return least;
    least = found;
  }
  return least;
}
