/**
 * What calls are made of, written from the WDK's pages and section 7 of the semantics, as steps of the
 * oracle.
 * Nothing is read from the table of the model under test.
 */
import type { Operand } from "../../../src/language/model.ts";
import type { Task } from "../state.ts";

export interface Call {
  /** Highest IRQL: 0 PASSIVE_LEVEL, 1 APC_LEVEL, 2 DISPATCH_LEVEL; and with a timeout of zero. */
  readonly irql: 0 | 1 | 2;
  readonly irqlAtZero?: 0 | 1 | 2;
  readonly apcs?: "special" | "normal" | "disabled";
  /** It is a file operation: what a neighbour may do in its path comes first. */
  readonly file?: true;
  readonly steps: (args: Readonly<Record<string, Operand>>) => readonly Task[];
}

export type Calls = Readonly<Record<string, Call>>;
export type Args = Readonly<Record<string, Operand>>;
export const step = (k: string, more: Record<string, unknown> = {}): Task => ({ k, ...more });
export const call = (irql: 0 | 1 | 2, steps: Call["steps"], more: Partial<Call> = {}): Call => ({
  irql,
  steps,
  ...more,
});
export const none: Call["steps"] = () => [];
export const no = (arg: Operand | undefined): boolean => arg === "FALSE";

export const wait =
  (param: string, more: Record<string, unknown> = {}) =>
  (a: Args): Task[] => [
    step("wait", {
      objects: a[param],
      all: a.WaitType === "WaitAll",
      user: a.WaitMode === "UserMode",
      alertable: a.Alertable === "TRUE",
      timeout: a.Timeout,
      ...more,
    }),
  ];
export const delay =
  (param: string, inUserMode: boolean) =>
  (a: Args): Task[] => {
    const user = inUserMode || a.WaitMode === "UserMode";
    return [step("delay", { interval: a[param], user, alertable: a.Alertable === "TRUE" })];
  };
export const lock =
  (param: string, form: string, more: Record<string, unknown> = {}) =>
  (a: Args): Task[] => [step("lock", { object: a[param], form, isTry: no(a.Wait), ...more })];
export const unlock =
  (param: string) =>
  (a: Args): Task[] => [step("unlock", { object: a[param] })];
export const region = (which: string, by: number): Task => step("region", { which, by });
export const on =
  (k: string, param: string, more: Record<string, unknown> = {}) =>
  (a: Args): Task[] => [step(k, { object: a[param], ...more })];

export const disabled = { apcs: "disabled" } as const;
export const special = { apcs: "special" } as const;
export const atZero = { irqlAtZero: 2 } as const;
export const mayFail = step("mayFail");
/** What makes something of its own may find nothing to make it of, and then does nothing else. */
export const unlessFailing = (make: Task): Task[] => [step("mayFail", { drops: true }), make];
const finished = step("completion");
/** Several calls that do the same. */
export const each = (names: string, one: Call): Calls =>
  Object.fromEntries(names.split(" ").map((name) => [name, one]));
export const plain = (irql: 0 | 1 | 2): Call => call(irql, none);
export const lookUp = (irql: 0 | 1 | 2): Call => call(irql, () => [mayFail]);
export const io = (more: Partial<Call> = special): Call => call(0, () => [finished, mayFail], more);
/** What an item or a thread is handed is looked at before it is queued or started. */
export const handing = (a: Args): Task[] =>
  a.Context === undefined ? [] : [step("handOver", { context: a.Context })];
export const queued =
  (counted: boolean | "filter"): Call["steps"] =>
  (a) => [...handing(a), step("queueWork", { item: a.WorkItem, queue: a.QueueType, counted })];
export const register = (remove: (a: Args) => boolean): Call =>
  call(0, (a) => {
    const one = step("register", { routine: a.NotifyRoutine, remove: remove(a) });
    return remove(a) ? [one] : unlessFailing(one);
  });
export const fetch = (param: string): Call =>
  call(0, (a) => [
    step("dequeue", { object: a[param], into: a.Message, timeout: a.Timeout, user: true }),
  ]);
export const send =
  (param: string, more: Record<string, unknown> = {}): Call["steps"] =>
  (a) => [
    step("send", {
      object: a[param],
      reply: a.Reply === undefined || a.Reply === "reply",
      timeout: a.Timeout,
      ...more,
    }),
  ];
export const write = call(
  0,
  (a) => [step("write", { object: a.Pipe, timeout: a.Timeout })],
  special,
);
export const number = (op: string): Call => call(2, (a) => [step("number", { of: op, args: a })]);
/** Pool that can be paged is for APC_LEVEL and below (SV-21). */
export const allocation = (param: string, usual: string): Call =>
  call(2, (a) => [
    ...(/(?<!non_?)paged/i.test(String(a[param] ?? usual)) ? [step("pagedPool")] : []),
    step("mayFail"),
  ]);
