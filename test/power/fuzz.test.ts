/**
 * What a campaign rediscovers from generated drivers alone: nothing of it is planted, since no
 * production makes two calls that wait. Any change of the tables draws other drivers, so it is how
 * many that counts: seven where it was measured (four in half as many runs of this seed, eight of
 * another). `fuzz-seeds.ts` tells of each, over 20 seeds.
 */
import { expect, test } from "vitest";
import { rediscoveries } from "./rediscoveries.ts";

test("a small campaign comes upon five known ways to hang, or more", () => {
  const found = rediscoveries({
    seed: "power 40",
    runs: 240,
    budget: Number.MAX_SAFE_INTEGER,
    runBudget: 1_500,
    illegal: 0.3,
    given: [],
    generated: true,
  });
  expect([...found.keys()].length).toBeGreaterThanOrEqual(5);
});
