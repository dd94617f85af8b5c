/** Mutants that change nothing that anybody could see, each with the reason. */
export interface Equivalent {
  readonly file: string;
  /** A part of each compiled line that it is true of. */
  readonly line: string;
  readonly change: string;
  readonly why: string;
}

export const equivalents: readonly Equivalent[] = [
  {
    file: "src/machine/objects/event.js",
    line: "if (now > m.clocks[event])",
    change: "> -> >=",
    why: "what is equal is written over by the same",
  },
  {
    file: "src/machine/objects/shared-lock.js",
    line: "count++;",
    change: "++ -> --",
    why: "the number of sharers is only asked whether it is 0",
  },
];

export const isEquivalent = (file: string, line: string, name: string): boolean =>
  equivalents.some(
    (one) => one.file === file && line.includes(one.line) && name.endsWith(one.change),
  );
