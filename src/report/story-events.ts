/** What the events of a family are called. */
import type { Finding } from "../judge/finding.ts";
import { languageFrom } from "../windows/language.ts";
import { nameOf } from "./story-names.ts";

/**
 * "process creation": the last event of the family that the one whom the harm befalls raised, by what
 * Windows' own steps say; "process event" where they do not.
 */
export function eventOf({ family, steps, chain, who, identity, extension }: Finding): string {
  const own = languageFrom(extension).forms.get(family)?.family.noun;
  if (own !== undefined) return own;
  const noun = family.split("-").at(-1) ?? family;
  const operations = identity.split(" + ");
  const step = steps.find(({ opId }) => operations.includes(opId)) ?? steps.at(-1);
  const thread = nameOf(who ?? chain[0]?.who ?? step?.thread ?? "");
  const passed = steps.filter((s) => s.owner === "Windows" && s.thread === thread);
  for (const { operation } of passed.reverse()) {
    // A process is created with its first thread, and ends with its last.
    if (operation.startsWith("creates a ")) return `${noun} creation`;
    if (/^leaves the process$|^the thread ends$/.test(operation)) return `${noun} exit`;
  }
  return `${noun} event`;
}
