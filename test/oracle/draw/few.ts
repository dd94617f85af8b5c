/** A few calls out of many. */
import type { Statement } from "../../../src/language/model.ts";
import { call, type Roll } from "./draft.ts";

export type Steps = () => Statement[];

/** So many of a list, none twice. */
export function few(roll: Roll, list: readonly Steps[], count: number): Statement[] {
  const left = [...list];
  return Array.from({ length: count }, () => left.splice(roll(left.length), 1)[0]()).flat();
}

export const one = (api: string, args: object, result?: string): Steps => {
  return () => [call(api, args, result)];
};
