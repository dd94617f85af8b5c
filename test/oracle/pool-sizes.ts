/** How many threads the queues of the pool have, and how many foreign items they begin with (section 10). */
import type { Context } from "./context.ts";

/** Threads of a queue from the beginning, and those that can be added (W5, W6). */
export const sizes: Readonly<
  Record<string, { readonly fixed: (queue: string) => number; readonly relief: number }>
> = {
  tiny: { fixed: () => 1, relief: 1 },
  nt5: {
    fixed: (queue) => ({ CriticalWorkQueue: 5, DelayedWorkQueue: 3 })[queue] ?? 1,
    relief: 16,
  },
  modern: { fixed: () => 16, relief: 16 },
};
/** As the page names them; the one that stands for all. */
const inOrder = [
  "CriticalWorkQueue",
  "DelayedWorkQueue",
  "HyperCriticalWorkQueue",
  "NormalWorkQueue",
  "BackgroundWorkQueue",
  "modern",
];

/** As many as are on each queue behind start-up. */
export function foreignItems({
  code,
  state,
}: Pick<Context, "code" | "state">): (readonly [queue: string, count: number])[] {
  const { load, items, profile } = code.scenario.world.pool;
  const { fixed, relief } = sizes[profile];
  return inOrder
    .filter((queue) => state.pool[queue] !== undefined)
    .map((queue) => [queue, items ?? fixed(queue) + (load === "busy" ? 0 : relief)] as const);
}
