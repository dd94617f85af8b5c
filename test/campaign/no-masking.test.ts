/** The worst that each callback, event and operation can take is told, whatever else is told. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { check } from "../../src/campaign/check.ts";
import { limited } from "../../src/judge/finding.ts";
import { isAsLong } from "../../src/judge/latency.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { usualTimes } from "../../src/windows/profiles.ts";
import { worldWith } from "../explore/support/worlds.ts";

/** Milliseconds that each callback sleeps, by family; and the DLLs of a launch. */
const slow = fc.record({
  process: fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 2 }),
  image: fc.array(fc.integer({ min: 300, max: 2_000 }), { minLength: 1, maxLength: 2 }),
  dlls: fc.integer({ min: 0, max: 40 }),
});

const sum = (list: readonly number[]): number => list.reduce((all, one) => all + one, 0);

const limitUs = {
  callback: usualTimes.callbackUs,
  event: usualTimes.eventUs,
  operation: usualTimes.operationUs,
} as const;

/** What each kind takes at most, in microseconds: the sleeps alone. */
const worst = ({
  process,
  image,
  dlls,
}: typeof slow extends fc.Arbitrary<infer T> ? T : never) => ({
  callback: Math.max(0, ...process, ...image) * 1_000,
  event: Math.max(sum(process), sum(image)) * 1_000,
  // The image of the program, ntdll and the DLLs are mapped one behind the other.
  operation: (sum(process) + sum(image) * (2 + dlls)) * 1_000,
});

test("what takes longest of its kind is told as long as it is, beside whatever else is too long", () => {
  fc.assert(
    fc.property(slow, (times) => {
      const driver = defineDriver("slow", (d) => {
        times.process.forEach((ms, i) => {
          d.onProcessCreate(`OnCreate${i}`, (a) => {
            a.KeDelayExecutionThread(`${ms}ms`);
          });
        });
        times.image.forEach((ms, i) => {
          d.onImage(`OnImage${i}`, (a) => {
            a.KeDelayExecutionThread(`${ms}ms`);
          });
        });
      });
      const world = worldWith({ images: times.dlls });
      const { findings } = check(
        { drivers: [driver], worlds: [world] },
        { scope: "small", budget: 4_000, seed: "masking" },
      );
      const late = findings.flatMap(({ finding }) =>
        finding.outcome === "latency" ? [finding] : [],
      );
      const truth = worst(times);
      for (const of of ["callback", "event", "operation"] as const) {
        if (truth[of] <= limitUs[of]) continue;
        // Who is as slow by himself as all together is all there is to say.
        const told = late.filter(
          ({ budget }) => budget !== undefined && limited.indexOf(budget.of) <= limited.indexOf(of),
        );
        const longest = Math.max(0, ...told.map(({ latencyUs = 0 }) => latencyUs));
        expect(isAsLong(longest, truth[of])).toBe(true);
        expect(longest).toBeLessThan(truth[of] * 1.01 + 10_000);
      }
    }),
    { numRuns: 15 },
  );
});
