import type { DriverModel } from "../../../src/language/model.ts";
import type { World } from "../../../src/windows/scenario.ts";
import { look } from "./look.ts";

/** What hangs, as a chain of waits; "" if nothing does. */
export function hang(driver: DriverModel, change: Partial<World> = {}): string {
  const { observations } = look(driver, change);
  const hangs = observations.filter(({ target }) => target.outcome === "deadlock");
  return hangs.map(({ target }) => target.mechanism).join("; ");
}
