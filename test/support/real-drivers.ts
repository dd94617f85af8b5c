/** The drivers of `properties/`, for what has to hold of each: modelled ones, and patterns. */
import { readdirSync } from "node:fs";
import type { DriverModel } from "../../src/language/model.ts";

interface DriverFile {
  readonly driver?: DriverModel;
  readonly drivers?: readonly DriverModel[];
}

async function driversIn(folder: string): Promise<readonly DriverModel[]> {
  const base = new URL(`../../properties/${folder}/`, import.meta.url);
  const names = readdirSync(base).filter((name) => name.endsWith(".driver.ts"));
  const files = names.sort().map(async (name): Promise<readonly DriverModel[]> => {
    const { driver, drivers = [] }: DriverFile = await import(new URL(name, base).href);
    return driver === undefined ? drivers : [driver];
  });
  return (await Promise.all(files)).flat();
}

export const patternDrivers = await driversIn("patterns");
export const modelledDrivers = await driversIn("drivers");
export const realDrivers = [...patternDrivers, ...modelledDrivers];
