/** The models of drivers beside the suites, with the worlds in which they are judged. */
import { readdirSync } from "node:fs";
import type { Expectation } from "../../../src/campaign/report.ts";
import type { DriverModel } from "../../../src/language/model.ts";
import type { World } from "../../../src/windows/scenario.ts";
import { worldsFor } from "../../../src/worlds/worlds.ts";

export interface Model {
  readonly name: string;
  readonly driver: DriverModel;
  readonly worlds: readonly World[];
  readonly expected: Expectation;
}

const properties = new URL("../../../properties/", import.meta.url);

/** All models of a folder, in order of name, with the worlds of the small scope or their own. */
async function modelsIn(folder: string): Promise<Model[]> {
  const names = readdirSync(new URL(`${folder}/`, properties))
    .filter((name) => name.endsWith(".driver.ts"))
    .sort();
  const models = await Promise.all(
    names.map(async (file): Promise<Model | undefined> => {
      const { driver, worlds, expected } = await import(
        new URL(`${folder}/${file}`, properties).href
      );
      // Several drivers on one machine are not one model.
      if (driver === undefined) return undefined;
      return {
        name: file.replace(".driver.ts", ""),
        driver,
        worlds: worlds ?? worldsFor([driver], "small"),
        expected,
      };
    }),
  );
  return models.filter((model) => model !== undefined);
}

export const patterns = await modelsIn("patterns");
export const drivers = await modelsIn("drivers");

export function pattern(name: string): Model {
  const found = patterns.find((model) => model.name === name);
  if (found === undefined) throw new Error(`no pattern ${name}`);
  return found;
}
