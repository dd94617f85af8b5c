/** A clock, and whether it depends on the open arrival (section 15). */
export interface Clock {
  readonly us: number;
  readonly along: boolean;
}

export const fixed = (us: number): Clock => ({ us, along: false });

export const plus = ({ us, along }: Clock, more: number): Clock => ({ us: us + more, along });

/** Of those that are joined the later one says; of equal ones each that depends. */
export function later(one: Clock, other: Clock): Clock {
  if (one.us === other.us) return { us: one.us, along: one.along || other.along };
  return one.us > other.us ? one : other;
}
