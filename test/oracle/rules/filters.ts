/** Work items that count on a minifilter, and its unregistering, which waits for them (W21, W22). */
import { statementsIn } from "../../../src/language/conditions.ts";
import { answer, type Context, frameOf, proceed } from "../context.ts";
import type { Entry, Task } from "../state.ts";
import { type Rules, str } from "./rule.ts";

const counting = ["FltQueueGenericWorkItem", "FltQueueDeferredIoWorkItem", "FltObjectReference"];

/** Whether a driver unregisters the filter that its items or it count on: else items count on its object. */
export function hasFilter({ code }: Context, driver: number): boolean {
  const calls = code.scenario.drivers[driver].routines.flatMap(({ body }) =>
    [...statementsIn(body)].flatMap((one) => (one.kind === "call" ? [one.api] : [])),
  );
  return calls.includes("FltUnregisterFilter") && calls.some((api) => counting.includes(api));
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

/** The filter of whose code this is a step, if anybody waits for it. */
function filterOf(c: Context, { f, op }: Task): { down: boolean; items: number } | undefined {
  const { driver } = frameOf(c, str(f), op);
  return hasFilter(c, driver) ? c.state.filters[driver] : undefined;
}

const isFelt = (c: Context, _: unknown, task: Task): boolean => filterOf(c, task) !== undefined;

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
  /** FltObjectReference, FltObjectDereference (SV-40). */
  referFilter: {
    visible: isFelt,
    run(c, t, task) {
      const filter = filterOf(c, task);
      if (filter?.down === true) answer(t, "failure");
      else if (filter !== undefined) filter.items++;
    },
  },
  freeFilter: {
    visible: isFelt,
    run(c, _, task) {
      const filter = filterOf(c, task);
      if (filter !== undefined) filter.items = Math.max(0, filter.items - 1);
    },
  },
  uncountFilter: {
    visible: true,
    run(c, _, { driver }) {
      // An item that has given back too much has given back its own count (section 7).
      const filter = c.state.filters[driver as number];
      filter.items = Math.max(0, filter.items - 1);
    },
  },
};
