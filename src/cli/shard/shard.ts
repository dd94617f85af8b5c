/** A share of the work of one call: `--shard 2/3` is the second of three. */
import { InputError } from "../../base/input-error.ts";

export interface Shard {
  /** From 1 to `of`. */
  readonly index: number;
  readonly of: number;
}

/** More machines than anybody gives to one job. */
const shardsMax = 1_000;

export function parseShard(text: string): Shard {
  const [, index, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(text)?.map(Number) ?? [];
  const isOne = of >= 1 && of <= shardsMax && index >= 1 && index <= of;
  if (!isOne) {
    const given = JSON.stringify(text.length <= 40 ? text : `${text.slice(0, 40)}…`);
    throw new InputError("--shard", `${given} is no share of the work, such as 1/3, 2/3 or 3/3`);
  }
  return { index, of };
}

/** Whose the thing with this number, from 0, is: one after the other, so that no share is short. */
export const isOurs = ({ index, of }: Shard, at: number): boolean => at % of === index - 1;

export const nameOf = ({ index, of }: Shard): string => `shard ${index}/${of}`;
