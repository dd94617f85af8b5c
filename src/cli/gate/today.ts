/** The day by which what is accepted may be over: YYYY-MM-DD, by UTC. */
export const today = (): string => new Date().toISOString().slice(0, "YYYY-MM-DD".length);
