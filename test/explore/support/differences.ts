/** The first address at which two arrays differ, −1 where they are the same. */
export function firstDifference(
  one: Int32Array | Float64Array,
  other: Int32Array | Float64Array,
): number {
  const length = Math.max(one.length, other.length);
  for (let at = 0; at < length; at++) if (one[at] !== other[at]) return at;
  return -1;
}
