/** What the events of a family are called. */
import type { Finding } from "../judge/finding.ts";
import { operationIdsOf } from "../judge/identity.ts";
import { languageFrom } from "../windows/language.ts";
import { nameOf } from "./story-names.ts";

/** Steps of Windows, by id, that raise the events of creation, and of exit. */
const creating: readonly string[] = ["NtCreateUserProcess", "PspInsertThread"];
const leaving: readonly string[] = ["PspExitThread", "PspExitSystemThread"];

/**
 * "process creation": what its callback was called for; if that is not known, the last event of the
 * family that the one whom the harm befalls raised, by what Windows' own steps say; "process event"
 * where they do not.
 */
export function eventOf(finding: Finding): string {
  const { family, event, steps, chain, who, identity, extension } = finding;
  const form = languageFrom(extension).forms.get(family)?.family;
  if (form?.noun !== undefined) return form.noun;
  if (extension?.families.some(({ name }) => name === family)) return `${family} event`;
  const noun = family.split("-").at(-1) ?? family;
  if (event === "create") return `${noun} creation`;
  if (event === "exit") return `${noun} exit`;
  const operations = operationIdsOf(identity);
  const step = steps.find(({ opId }) => operations.includes(opId)) ?? steps.at(-1);
  const actor = who ?? chain[0]?.who;
  const thread = actor === undefined ? step?.thread : nameOf(actor);
  const passed = steps.filter((s) => s.owner === "Windows" && s.thread === thread);
  for (const { opId } of passed.reverse()) {
    // A process is created with its first thread, and ends with its last.
    if (creating.includes(opId)) return `${noun} creation`;
    if (leaving.includes(opId)) return `${noun} exit`;
  }
  return `${noun} event`;
}
