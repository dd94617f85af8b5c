/** What a driver's routines leave behind: rules broken, the crash, and where LEAK is told. */
import type { DriverModel } from "../../../src/language/model.ts";
import type { World } from "../../../src/windows/scenario.ts";
import { look } from "./look.ts";

export const leftBy = (driver: DriverModel, change: Partial<World>) => {
  const { broken, observations } = look(driver, change);
  const crash = observations.find(({ target }) => target.outcome === "crash");
  const leak = observations.find(({ target }) => target.mechanism.includes("regionLeaked"));
  return { broken, crash: crash?.target.mechanism ?? "", at: leak?.target.identity ?? "" };
};
