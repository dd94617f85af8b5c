/** The families of callbacks that Windows' own programs raise. */
import { imageFamily } from "./image.ts";
import { processFamily } from "./process.ts";
import { nonSystemThreadFamily, threadFamily } from "./thread.ts";

export const families = [processFamily, threadFamily, nonSystemThreadFamily, imageFamily] as const;
