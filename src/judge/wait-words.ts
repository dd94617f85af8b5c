/** A wait in words: what it is for, by kind and by name. */
import { T, Tag, waitFlags } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import type { Names } from "./instances.ts";
import { kindNames } from "./kind-names.ts";
import { objectAt } from "./objects.ts";
import type { Waiting } from "./wait-for.ts";

/** A wait; with `polls`, one that is made again and again, by the instruction at `pc` if not now. */
export type Polling = Waiting & { readonly polls?: boolean; readonly pc?: number };

export const verb = (waiting: Polling): string => (waiting.polls === true ? "polls" : "waits for");

export function kindWords(m: Machine, waiting: Waiting): string {
  if (waiting.what === "time") return "nothing: it is hung";
  if (waiting.what === "rundown") return "rundown";
  const [first] = waiting.objects;
  const { kind } = objectAt(m, first);
  if (waiting.what === "entry") return m.words[first] === Tag.port ? "a message" : "a queue";
  const base = baseOf(m, waiting.thread);
  const all = (m.words[base + T.wait] & waitFlags.all) !== 0;
  const many = waiting.objects.length > 1 ? (all ? "all of several: " : "any of several: ") : "";
  const article = /^[AEIO]/.test(kind) ? "an" : "a";
  const words = kindNames.find(([end]) => kind.endsWith(end))?.[1] ?? `${article} ${kind}`;
  return `${many}${words}`;
}

export function waitWords(m: Machine, waiting: Waiting, { object }: Names): string {
  if (waiting.what === "time") return "nothing that would ever come";
  const names = waiting.objects.map((o) => {
    const { kind, process } = objectAt(m, o);
    const name = process === undefined ? object(o) : `${objectAt(m, o).name} of process ${process}`;
    if (kind === "message") return "the reply to its message";
    if (kind === "completion") return name;
    if (kind === "process") return `the end of process ${name}`;
    if (kind === "thread") return `the end of thread ${name}`;
    if (waiting.what === "rundown") return `the rundown of ${name}`;
    if (kind.endsWith("Timer")) return `timer ${name}`;
    return kind.endsWith("Event") ? `event ${name}` : `${kind} ${name}`;
  });
  return names.join(" or ");
}
