/** Comparisons of a variable with a constant: ==, !=, <, >=. */
export const comparisons = ["==", "!=", "<", ">="] as const;

export function compare(value: number, op: number, constant: number): boolean {
  switch (op) {
    case 0:
      return value === constant;
    case 1:
      return value !== constant;
    case 2:
      return value < constant;
    default:
      return value >= constant;
  }
}
