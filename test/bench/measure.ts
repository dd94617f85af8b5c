/**
 * Measuring side by side: each contender works for a moment in turn, again and again, so that what
 * else the machine does touches all alike. Processor time, not the clock on the wall; medians.
 */

export interface Contender {
  readonly name: string;
  /** Works for a moment; returns how many operations that were. */
  readonly work: () => number | Promise<number>;
}

export interface Measured {
  readonly name: string;
  /** Operations a second, the median over the rounds. */
  readonly rate: number;
  /** The median, over the rounds, of this rate by that of the first contender in the same round. */
  readonly ratio: number;
}

/** Rounds that only warm up. */
const warmUp = 5;

export async function measure(
  contenders: readonly Contender[],
  rounds: number,
): Promise<Measured[]> {
  const rates: number[][] = contenders.map(() => []);
  for (let round = -warmUp; round < rounds; round++) {
    for (const [i, { work }] of contenders.entries()) {
      const before = process.cpuUsage();
      const operations = await work();
      const { user, system } = process.cpuUsage(before);
      if (round >= 0) rates[i].push((operations * 1e6) / Math.max(1, user + system));
    }
  }
  return contenders.map(({ name }, i) => ({
    name,
    rate: median(rates[i]),
    ratio: median(rates[i].map((rate, round) => rate / rates[0][round])),
  }));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
