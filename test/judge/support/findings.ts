/** What a check finds in one world, and how it is told. */
import { check } from "../../../src/campaign/check.ts";
import type { Finding } from "../../../src/judge/finding.ts";
import type { DriverModel } from "../../../src/language/model.ts";
import { tellFinding } from "../../../src/report/story.ts";
import type { World } from "../../../src/windows/scenario.ts";

export const findingsIn = (driver: DriverModel, world: World, seed: string): Finding[] =>
  check(
    { drivers: [driver], worlds: [world] },
    { scope: "small", budget: 20_000, seed },
  ).findings.map(({ finding }) => finding);

export const deadlockIn = (driver: DriverModel, world: World, seed: string): Finding | undefined =>
  findingsIn(driver, world, seed).find(({ outcome }) => outcome === "deadlock");

/** The story on one line; "" where nothing was found. */
export const storyOf = (finding: Finding | undefined): string =>
  finding === undefined
    ? ""
    : tellFinding(finding, { width: 100, colours: false }).replaceAll(/\s+/g, " ");
