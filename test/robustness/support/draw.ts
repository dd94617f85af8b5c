/** Seeded draws for mutations. */
import { nextInt, type Random, randomFrom, seedFrom } from "../../../src/base/random.ts";

export const drawerFor = (text: string): Random => randomFrom(seedFrom(text));

export const oneOf = <T>(random: Random, list: readonly T[]): T =>
  list[nextInt(random, list.length)];

export const chance = (random: Random, oneIn: number): boolean => nextInt(random, oneIn) === 0;

/** A place in a list or text of this length; 0 for an empty one. */
export const place = (random: Random, length: number): number =>
  nextInt(random, Math.max(1, length));
