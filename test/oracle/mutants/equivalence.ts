/** A mutant that changes nothing that anybody could see, with the reason. */
export interface Equivalent {
  readonly file: string;
  /** A part of each compiled line that it is true of; and of the line before, where that says which. */
  readonly line: string;
  readonly behind?: string;
  /** What stands right ahead of the change, where a line has several such. */
  readonly ahead?: string;
  readonly change: string;
  readonly why: string;
}
