/** Which mutants' text runs: V8 counts, block by block. */
import { Session } from "node:inspector/promises";
import { pathToFileURL } from "node:url";
import type { Mutant } from "./places.ts";

export interface Coverage {
  /** Mutants, by their places in the list, whose text ran since the last time. */
  runsNow(): Promise<number[]>;
  stop(): void;
}

/** `file` of each mutant is where this process loads it from. */
export async function coverageOf(mutants: readonly Mutant[]): Promise<Coverage> {
  const byUrl = new Map<string, number[]>();
  mutants.forEach(({ file }, i) => {
    const { href } = pathToFileURL(file);
    byUrl.set(href, [...(byUrl.get(href) ?? []), i]);
  });
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  return {
    async runsNow() {
      const { result } = await session.post("Profiler.takePreciseCoverage");
      const found: number[] = [];
      for (const { url, functions } of result) {
        const here = byUrl.get(url);
        if (here === undefined) continue;
        const ranges = functions.flatMap((one) => one.ranges);
        for (const i of here) {
          const { at } = mutants[i];
          let least: (typeof ranges)[number] | undefined;
          for (const one of ranges) {
            if (one.startOffset > at || one.endOffset <= at) continue;
            const size = one.endOffset - one.startOffset;
            if (least === undefined || size <= least.endOffset - least.startOffset) least = one;
          }
          if (least !== undefined && least.count > 0) found.push(i);
        }
      }
      return found;
    },
    stop() {
      session.disconnect();
    },
  };
}
