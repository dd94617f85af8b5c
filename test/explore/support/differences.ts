/** The first address at which two arrays differ, −1 where they are the same. */
export function firstDifference(
  one: Int32Array | Float64Array,
  other: Int32Array | Float64Array,
): number {
  if (one.length !== other.length) return Math.min(one.length, other.length);
  return one.findIndex((value, at) => value !== other[at]);
}
