/** Where the matchers' searches start: the same each time, unless `LOOPHOLE_SEED` says otherwise. */
import { randomUUID } from "node:crypto";

const variable = "LOOPHOLE_SEED";
const asked = process.env[variable]?.trim() ?? "";

/** The seed that the environment asks for: of "fresh" another in each process; undefined for none. */
export const askedSeed =
  asked === "fresh" ? randomUUID().slice(0, 8) : asked === "" ? undefined : asked;

/** How to find again what a seed of the environment's found. */
export const seedAgain = (seed: string): string => `${variable}=${seed} finds it again.`;
