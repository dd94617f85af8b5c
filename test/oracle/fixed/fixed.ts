/** What random scenarios have no part in: fixed inputs, each with what the documentation says of it. */
import { boundDifferences } from "./bounds.ts";
import { capacityDifferences } from "./capacities.ts";
import { drawnStepDifferences } from "./drawn-steps.ts";
import { endDifferences } from "./ends.ts";
import { familyDifferences } from "./families.ts";
import { hopDifferences } from "./hops.ts";
import { ownPathDifferences } from "./own-paths.ts";
import { questionDifferences } from "./questions.ts";
import { recursionDifferences } from "./recursion.ts";
import { refusalDifferences } from "./refusals.ts";
import { tableDifferences } from "./tables.ts";

export const fixedDifferences = (): string[] => [
  ...tableDifferences(),
  ...questionDifferences(),
  ...refusalDifferences(),
  ...familyDifferences(),
  ...ownPathDifferences(),
  ...recursionDifferences(),
  ...hopDifferences(),
  ...capacityDifferences(),
  ...drawnStepDifferences(),
  ...endDifferences(),
  ...boundDifferences(),
];
