/** What the model holds and what it leaves out, from the table of facts, for readers of the docs. */
import type { Fact } from "./fact.ts";
import { factAreas } from "./table.ts";

/**
 * Markdown: the ids of the facts that are modelled as they stand, and tables of the options with
 * their defaults, of facts that are modelled in part, and of those that are not modelled at all.
 * Each fact is in one of them. It ends without a line break.
 */
export function notModelled(): string {
  const all = factAreas.flatMap((area) => area.facts);
  const options = all.filter((fact) => fact.modelled === "option");
  const partly = all.filter((fact) => fact.lacks !== undefined);
  const whole = factAreas.map(({ title, facts }) => [
    title,
    facts
      .filter(({ modelled, lacks }) => modelled === "yes" && lacks === undefined)
      .map(({ id }) => id)
      .join(", "),
  ]);
  const missing = all.filter((fact) => fact.modelled === "later" || fact.modelled === "no");
  return [
    "Modelled as they stand (the ids are those of `src/windows/facts/`, where each fact has its source):",
    table(["Area", "Facts"], whole),
    "Where sources disagree or are silent, the model has a default:",
    table(
      ["Id", "Question and default"],
      options.map((fact) => [fact.id, fact.says]),
    ),
    "Modelled, but for a part:",
    table(
      ["Id", "Fact", "Missing"],
      partly.map((fact) => [fact.id, firstSentence(fact), fact.lacks ?? ""]),
    ),
    "Not modelled, either not yet (later) or on purpose (no):",
    table(
      ["Id", "Fact", "Modelled"],
      missing.map((fact) => [fact.id, firstSentence(fact), fact.modelled]),
    ),
  ].join("\n\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map(line).join("\n");
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function firstSentence(fact: Fact): string {
  return /^.*?\.(?= |$)/.exec(fact.says)?.[0] ?? fact.says;
}
