/** Families of callbacks that are added to those of Loophole, and drivers that use them. */
import { holdsForAll } from "./known.ts";

holdsForAll("families");
