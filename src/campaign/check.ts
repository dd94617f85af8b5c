/** Puts drivers into worlds and searches each. */
import type { CheckOptions, CheckReport, Subject } from "./report.ts";

export function check(_subject: Subject, _options: CheckOptions): CheckReport {
  throw new Error("not yet");
}
