/** Times as authors write them. */
import { durationUsMax } from "./validate-limits.ts";

const unitsUs = { us: 1, ms: 1_000, s: 1_000_000 } as const;

/** Whole microseconds of a number, or of a text such as "500ms"; undefined if it is no time under a week. */
export function microseconds(value: unknown): number | undefined {
  const match = typeof value === "string" ? /^(\d+(?:\.\d+)?)(us|ms|s)$/.exec(value) : null;
  const us =
    match === null
      ? value
      : // Rounded off what binary fractions add: "0.7ms" is 700.
        Number((Number(match[1]) * unitsUs[match[2] as keyof typeof unitsUs]).toPrecision(15));
  const isTime = typeof us === "number" && Number.isInteger(us) && us >= 0 && us < durationUsMax;
  return isTime ? us : undefined;
}
