/** What a minimal world needed, on the ladder of the design. */
import type { Beside, HungAs, Need } from "../judge/needs.ts";
import {
  hasFault,
  type Scenario,
  type ServiceCondition,
  startsBeside,
  type World,
} from "../windows/scenario.ts";

/** Conditions of a service that answers no more. A service that is just being started is none of them. */
const hungAs: Readonly<Partial<Record<ServiceCondition, HungAs>>> = {
  hung: "hung",
  target: "ended",
  suspended: "suspended",
};

export const hungAsIn = ({ service }: World): HungAs | undefined => hungAs[service.condition];

/** What goes on beside the events. Unloading ends the services first: that belongs to it. */
export const besideIn = ({ removal, startup, service }: World): Beside[] => [
  ...(removal === "racing" ? (["unloading"] as const) : []),
  ...(startsBeside({ startup }) ? (["start-up"] as const) : []),
  ...(service.condition === "restarted" ? (["service start"] as const) : []),
];

/** @param failed Whether a call has failed in the run that is told; unless known, one that could. */
export function needsOf({ world }: Scenario, failed = hasFault(world)): Need {
  if ((failed && hasFault(world)) || world.disk !== undefined) return "fault";
  if (hungAsIn(world) !== undefined) return "hung service";
  if (world.neighbour !== undefined) return "a neighbour";
  if (world.service.condition === "slow") return "slow service";
  if (world.pool.load !== "idle") return "busy pool";
  return world.workload.length > 1 || besideIn(world).length > 0 ? "concurrency" : "nothing wrong";
}
