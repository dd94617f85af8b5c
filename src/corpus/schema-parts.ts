/** What the schemas of files share. */
import * as z from "zod";

/** Entries of a list, at most: decisions, worlds, threads. */
export const listMax = 10_000;

export const name = z.string().min(1).max(200);
/** Printed lines: a mechanism, an identity, a decision. */
export const texts = z.string().max(20_000);

/** A schema for each key of T and for no other, so that neither can drift from the type. */
export type Exactly<T> = { readonly [K in keyof Required<T>]: z.ZodType<T[K]> };
