/** What a driver file comes to. */
import type { Expectation, Subject } from "../../campaign/report.ts";

export interface LoadedFile {
  /** As given, with forward slashes. */
  readonly file: string;
  readonly subject: Subject;
  /** What the file says is known of its drivers. */
  readonly expected: Expectation | undefined;
  /** Of several files on one machine: each driver's, by its name. */
  readonly origins?: Readonly<Record<string, string>>;
}
