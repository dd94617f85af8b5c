/** Small models of one pattern each, good and bad. */
import { holdsForAll } from "./known.ts";

holdsForAll("patterns");
