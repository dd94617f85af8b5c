/** Rows that cover every pair of values of a few factors: greedy, in a fixed order. */

/** Each row holds, for each factor, the index of a value. */
export function pairwise(sizes: readonly number[]): number[][] {
  const wanted = new Set<string>();
  const key = (a: number, x: number, b: number, y: number): string => `${a}.${x}/${b}.${y}`;
  for (let a = 0; a < sizes.length; a++) {
    for (let b = a + 1; b < sizes.length; b++) {
      for (let x = 0; x < sizes[a]; x++)
        for (let y = 0; y < sizes[b]; y++) wanted.add(key(a, x, b, y));
    }
  }
  const rows: number[][] = [sizes.map(() => 0)];
  const cover = (row: readonly number[]): void => {
    for (let a = 0; a < row.length; a++)
      for (let b = a + 1; b < row.length; b++) wanted.delete(key(a, row[a], b, row[b]));
  };
  cover(rows[0]);
  // One factor alone has no pairs: its values are the rows.
  if (sizes.length === 1) for (let x = 1; x < sizes[0]; x++) rows.push([x]);
  while (wanted.size > 0) {
    const [first] = wanted;
    const [left, right] = first.split("/").map((part) => part.split(".").map(Number));
    const row = sizes.map(() => -1);
    row[left[0]] = left[1];
    row[right[0]] = right[1];
    for (let factor = 0; factor < sizes.length; factor++) {
      if (row[factor] >= 0) continue;
      let best = 0;
      let bestGain = -1;
      for (let value = 0; value < sizes[factor]; value++) {
        let gain = 0;
        for (let other = 0; other < sizes.length; other++) {
          if (row[other] < 0) continue;
          const [a, x, b, y] =
            factor < other
              ? [factor, value, other, row[other]]
              : [other, row[other], factor, value];
          if (wanted.has(key(a, x, b, y))) gain++;
        }
        if (gain > bestGain) {
          bestGain = gain;
          best = value;
        }
      }
      row[factor] = best;
    }
    cover(row);
    rows.push(row);
  }
  return rows;
}
