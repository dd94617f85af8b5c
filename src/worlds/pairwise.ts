/**
 * Rows that cover every pair of values of a few factors: greedy, in a fixed order, the plainest row
 * first.
 *
 * Some values mask: they end waits, and so can hide what a pair shows. A row covers a pair only if
 * no third value in it masks. With all values that do not mask, rows grow as the product of the two
 * largest factors. Each value that masks adds about as many rows as the largest other factor has
 * values that do not, and each pair of such values adds one.
 */

/** Whether a value of a factor masks what others show. The first value of a factor never does. */
export type Masks = (factor: number, value: number) => boolean;

const nothingMasks: Masks = () => false;

const keyOf = (a: number, x: number, b: number, y: number): string =>
  a < b ? `${a}.${x}/${b}.${y}` : `${b}.${y}/${a}.${x}`;

/** Each row holds, for each factor, the index of a value. */
export function pairwise(sizes: readonly number[], masks: Masks = nothingMasks): number[][] {
  const wanted = new Map<string, readonly [number, number, number, number]>();
  for (let a = 0; a < sizes.length; a++) {
    for (let b = a + 1; b < sizes.length; b++) {
      for (let x = 0; x < sizes[a]; x++)
        for (let y = 0; y < sizes[b]; y++) wanted.set(keyOf(a, x, b, y), [a, x, b, y]);
    }
  }
  const rows: number[][] = [sizes.map(() => 0)];
  const cover = (row: readonly number[]): void => {
    for (let a = 0; a < row.length; a++) {
      for (let b = a + 1; b < row.length; b++) {
        if (isUnmasked(row, a, b, masks)) wanted.delete(keyOf(a, row[a], b, row[b]));
      }
    }
  };
  cover(rows[0]);
  // One factor alone has no pairs: its values are the rows.
  if (sizes.length === 1) for (let x = 1; x < sizes[0]; x++) rows.push([x]);
  while (wanted.size > 0) {
    const [[a, x, b, y]] = wanted.values();
    const row = sizes.map(() => -1);
    row[a] = x;
    row[b] = y;
    const masking = [a, b].filter((factor) => masks(factor, row[factor]));
    for (let factor = 0; factor < sizes.length; factor++) {
      if (row[factor] < 0) row[factor] = bestValue(row, factor);
    }
    cover(row);
    rows.push(row);

    /** The first value that masks nothing and covers the most. */
    function bestValue(given: readonly number[], factor: number): number {
      let best = 0;
      let bestGain = -1;
      for (let value = 0; value < sizes[factor]; value++) {
        if (masks(factor, value)) continue;
        let gain = 0;
        for (let other = 0; other < sizes.length; other++) {
          if (given[other] < 0 || masking.some((one) => one !== other)) continue;
          if (wanted.has(keyOf(factor, value, other, given[other]))) gain++;
        }
        if (gain > bestGain) {
          bestGain = gain;
          best = value;
        }
      }
      return best;
    }
  }
  return rows;
}

/** Whether no third value of the row masks what the values of these two factors show. */
const isUnmasked = (row: readonly number[], a: number, b: number, masks: Masks): boolean =>
  row.every((value, factor) => factor === a || factor === b || !masks(factor, value));
