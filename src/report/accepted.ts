/** Findings that are accepted, with their reasons: no stories, since these have been read. */
import type { Finding } from "../judge/finding.ts";
import { headline } from "./story.ts";
import { entry, finish, heading, pageOf, type TextOptions } from "./text.ts";

interface AcceptedFinding {
  readonly finding: Finding;
  readonly entry: {
    readonly reason: string;
    readonly owner?: string;
    readonly expires?: string;
  };
}

/** "" where there are none. */
export function tellAccepted(accepted: readonly AcceptedFinding[], options: TextOptions): string {
  if (accepted.length === 0) return "";
  const page = pageOf(options);
  return finish([
    ...heading(page, "Accepted by the baseline"),
    ...accepted.flatMap((one) => [
      ...entry(page, "·", headline(one.finding), 1),
      ...entry(page, "", acceptedWords(one), 1).map(page.paint.dim),
    ]),
  ]);
}

/** "Accepted: the vendor mends it (kim, until 2031-05-01)" */
export function acceptedWords({ entry: { reason, owner, expires } }: AcceptedFinding): string {
  const until = expires === undefined ? undefined : `until ${expires}`;
  const details = [owner, until].filter((part) => part !== undefined);
  return `Accepted: ${reason}${details.length === 0 ? "" : ` (${details.join(", ")})`}`;
}
