/** When what may go in a state goes, in words that both interpreters can say. */

export interface Offer {
  /** How much later than the earliest that is no arrival; of the open arrival that is put later, by how much. */
  readonly us: number;
  /** Whether its time depends on the open arrival. */
  readonly along: boolean;
  readonly what: "goes" | "arrives" | "arrives beside" | "is put later" | "nobody is put later";
}

const textOf = ({ us, along, what }: Offer): string => `${what} ${us}${along ? " along" : ""}`;

/** What is told of a state, and what may go there: alike are taken for one, as of the ways of one step. */
export const withOffers = (view: string, offers: readonly Offer[]): string =>
  `${view}; ${[...new Set(offers.map(textOf))].sort().join(", ")}`;
