/** The families of callbacks, and the numbers of their events. */
import { imageFamily } from "./image.ts";
import { processFamily } from "./process.ts";
import { nonSystemThreadFamily, threadFamily } from "./thread.ts";

export const families = [processFamily, threadFamily, nonSystemThreadFamily, imageFamily] as const;

const events: readonly string[] = [...new Set(families.flatMap((family) => family.events))];

/** Number of an event's name, the same in every family; "create" is 0. */
export const eventNumber = (event: string): number => events.indexOf(event);
