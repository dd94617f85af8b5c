/** A world's name says what is in it, so that a shrunk world is named for what is left. */
import type { DriverModel } from "../language/model.ts";
import { usesPool, usesServices } from "../windows/questions.ts";
import { hasFault, startsBeside, type UserThread, type World } from "../windows/scenario.ts";

const counts = ["no", "one", "two", "three", "four"];

function workloadWords(workload: readonly UserThread[]): string {
  const kinds = new Map<string, number>();
  for (const { does } of workload)
    kinds.set(does.join(" then "), (kinds.get(does.join(" then ")) ?? 0) + 1);
  const words = [...kinds].map(([does, count]) => `${counts[count] ?? count} “${does}”`);
  return words.length === 0 ? "nobody" : words.join(" and ");
}

export function nameOfWorld(drivers: readonly DriverModel[], world: World): string {
  const { pool, service, removal } = world;
  const parts = [workloadWords(world.workload)];
  if (usesPool(drivers, world)) {
    const items =
      pool.items === undefined ? "" : ` by ${pool.items} item${pool.items === 1 ? "" : "s"}`;
    parts.push(`pool ${pool.profile} ${pool.load}${items}`);
  }
  if (usesServices(drivers)) {
    parts.push(
      `service ${service.condition}${service.threads === undefined ? "" : `, ${service.threads} threads`}`,
    );
  }
  if (world.neighbour !== undefined) parts.push("a neighbour that creates threads");
  if (world.images !== undefined) parts.push(world.images === 1 ? "1 DLL" : `${world.images} DLLs`);
  if (world.specialApcs === "off") parts.push("special APCs off");
  if (world.disk !== undefined) parts.push("the disk removed");
  if (world.zeroMessageTimeout !== undefined) parts.push("messages with timeout 0 not waited for");
  if (startsBeside(world)) parts.push("start-up beside");
  if (hasFault(world)) parts.push("a step of start-up or an allocation may fail");
  if (removal === "racing") parts.push("removal beside");
  if (world.itemsAtUnload !== undefined) parts.push("work items run on during DriverUnload");
  return parts.join("; ");
}
