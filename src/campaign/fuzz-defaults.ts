/** What a campaign does unless it is told otherwise. Beside nothing else: help names it at once. */

/** Transitions of one run. */
export const runBudgetDefault = 3_000;
/** The share of generated drivers with illegal use, from 0 to 1. */
export const illegalDefault = 0.3;
