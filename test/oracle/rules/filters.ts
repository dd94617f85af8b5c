/** Work items that count on a minifilter, and its unregistering, which waits for them (W21, W22). */
import { statementsIn } from "../../../src/language/conditions.ts";
import { type Context, proceed } from "../context.ts";
import type { Entry, Task } from "../state.ts";
import type { Rules } from "./rule.ts";

const queueing = ["FltQueueGenericWorkItem", "FltQueueDeferredIoWorkItem"];

/** Whether a driver unregisters the filter that its items count on: else they count on its object. */
export function hasFilter({ code }: Context, driver: number): boolean {
  const calls = code.scenario.drivers[driver].routines.flatMap(({ body }) =>
    [...statementsIn(body)].flatMap((one) => (one.kind === "call" ? [one.api] : [])),
  );
  return calls.includes("FltUnregisterFilter") && calls.some((api) => queueing.includes(api));
}

/** Begins to count an item of this driver; false if it is refused. */
export function countItem(c: Context, driver: number, entry: Entry, on: unknown): boolean {
  if (on === "filter" && hasFilter(c, driver)) {
    const filter = c.state.filters[driver];
    if (filter.down) return false;
    entry.counted = "filter";
    filter.items++;
    return true;
  }
  if (on === false) return true;
  entry.counted = true;
  c.state.counted[driver]++;
  return true;
}

export const unregister = (c: Context, driver: number): readonly Task[] =>
  hasFilter(c, driver) ? [{ k: "filterDown", d: driver }] : [];

export const filtersRules: Rules = {
  filterDown: {
    visible: true,
    run(c, t, { d }) {
      c.state.filters[d as number].down = true;
      proceed(t, { k: "filterItems", d });
    },
  },
  filterItems: {
    visible: true,
    enabled: (c, _, { d }) => c.state.filters[d as number].items === 0,
    run: () => {},
  },
  uncountFilter: {
    visible: true,
    run(c, _, { driver }) {
      c.state.filters[driver as number].items--;
    },
  },
};
