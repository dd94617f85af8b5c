/** The top of the repository that CI works on: where we run, unless it says otherwise. */
export const repositoryTop = (): string => process.env.GITHUB_WORKSPACE ?? process.cwd();

/** The day by which what is accepted may be over: YYYY-MM-DD, by UTC. */
export const today = (): string => new Date().toISOString().slice(0, "YYYY-MM-DD".length);
