/** What a minimal world needed, on the ladder of the design. */
import type { Need } from "../judge/finding.ts";
import type { Scenario } from "../windows/scenario.ts";

export function needsOf({ world, drivers }: Scenario): Need {
  const hasService = drivers.some((d) => d.services.length > 0);
  if (world.startup === "failing" || world.disk !== undefined) return "fault";
  const { condition } = world.service;
  if (condition === "hung" || condition === "target" || condition === "suspended")
    return "hung service";
  // Stopping a driver ends its services first.
  if (hasService && world.removal === "racing") return "hung service";
  if (world.neighbour !== undefined) return "a neighbour";
  if (condition === "slow" || condition === "restarted") return "slow service";
  if (world.pool.load !== "idle") return "busy pool";
  const together =
    world.workload.length > 1 || world.removal === "racing" || world.startup === "racing";
  return together ? "concurrency" : "nothing wrong";
}
