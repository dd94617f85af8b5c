/** Models of public drivers, and the article's own. */
import { holdsForAll } from "./known.ts";

holdsForAll("drivers");
