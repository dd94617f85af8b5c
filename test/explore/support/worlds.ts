/** Worlds by what is not plain in them. */
import type { UserAction, World } from "../../../src/windows/scenario.ts";

const plain: World = {
  name: "a world",
  workload: [{ name: "user1", does: ["create"] }],
  pool: { profile: "tiny", load: "idle" },
  service: { condition: "well" },
  startup: "before",
  removal: "none",
};

export const worldWith = (change: Partial<World>): World => ({ ...plain, ...change });

/** User threads that do the same. */
export const users = (count: number, ...does: readonly UserAction[]): World["workload"] =>
  Array.from({ length: count }, (_, i) => ({ name: `user${i + 1}`, does }));
