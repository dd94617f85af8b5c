import { ofBoundaries } from "./boundaries.ts";
import type { Equivalent } from "./equivalence.ts";
import { ofShortCuts } from "./short-cuts.ts";

/** Mutants that change nothing that anybody could see, each with the reason. */
export const equivalents: readonly Equivalent[] = [
  ...ofShortCuts,
  ...ofBoundaries,
  {
    file: "src/machine/objects/shared-lock.js",
    line: "count++;",
    change: "++ -> --",
    why: "the number of sharers is only asked whether it is 0",
  },
  {
    file: "src/machine/objects/event.js",
    line: "canBeAway(m, t) && missing % 2 === 1",
    change: "=== -> !==",
    why: "every set of those who can be away is a way of the pulse; only the numbers of two ways change places",
  },
  {
    file: "src/machine/local.js",
    line: "if (is < 0)",
    change: "< -> <=",
    why: "roles are numbered from 1 on: nobody asks for 0",
  },
  {
    file: "src/windows/pool.js",
    line: "emitStart(system, className, { mayFail: true });",
    change: "true -> false",
    why: "the look before it is enabled only while a relief thread is left, and only this manager starts them",
  },
  {
    file: "src/windows/world-processes.js",
    line: "if (staying > 0)",
    change: "> -> >=",
    why: "it lays out code for children that stay where none is created: nobody comes there",
  },
  {
    file: "src/machine/objects/exclusive-lock.js",
    line: "if (words[base + T.irql] < Irql.apc)",
    change: "< -> <=",
    why: "what is equal is written over by the same",
  },
  {
    file: "src/machine/objects/shared-lock.js",
    line: "for (let t = 0; t < last; t++) {",
    change: "< -> <=",
    why: "behind the last thread nobody stands in line",
  },
  {
    file: "src/machine/objects/list.js",
    behind: "if (!isThere(m, t, at))",
    line: "return false;",
    change: "false -> true",
    why: "the run has crashed by then, and is over: nobody looks where its thread stands",
  },
  {
    file: "src/machine/apc.js",
    line: "if (clocks[target] < now)",
    change: "< -> <=",
    why: "what is equal is written over by the same",
  },
  {
    file: "src/machine/machine.js",
    line: "export const listens =",
    change: "&& -> ||",
    why: "where it is taken for heard, what is told is told one by one, to whoever hears it",
  },
  {
    file: "src/machine/messages.js",
    line: "for (let i = H.size; i < words.length; i++)",
    change: "< -> <=",
    why: "behind the last word nothing is read, which is no reference",
  },
  {
    file: "src/machine/enabled.js",
    line: "return at > 0 && m.words[at] !== 0;",
    change: "> -> >=",
    why: "no variable stands at address 0: the header does",
  },
  {
    file: "src/machine/clockwork.js",
    line: "return timer >= 0;",
    change: ">= -> >",
    why: "no object stands at address 0: the header does",
  },
  {
    file: "src/machine/durations.js",
    line: "return -2 - (known >= 0 ?",
    change: ">= -> >",
    why: "a time that stands in the table twice is the same time: only code has its word",
  },
  {
    file: "src/machine/open-arrival.js",
    line: "clocks[i] = clock > 0 ? clock - mark",
    change: "> -> >=",
    why: "a clock that depends on the arrival is no whole number, and so not 0",
  },
  {
    file: "src/machine/open-arrival.js",
    line: "for (let i = from; i < to; i++)",
    change: "< -> <=",
    why: "behind it stands nothing, or the clock of the next thread, which is moved as well, and then is marked no more",
  },
  {
    file: "src/machine/open-arrival.js",
    line: "base < clocks.length; base += threadWords",
    change: "< -> <=",
    why: "behind the last thread there is none, and nothing is written there",
  },
  {
    file: "src/machine/frames.js",
    line: "base < words.length; base += threadWords",
    change: "< -> <=",
    why: "behind the last thread there is none, which waits for nothing and refers to nothing",
  },
  {
    file: "src/machine/frames.js",
    line: "for (let i = from; i < to; i++) {",
    change: "< -> <=",
    why: "behind it stands nothing, or the status of a thread, which is no reference",
  },
  {
    file: "src/machine/frames.js",
    line: "for (let k = 0; k < waitObjectsMax; k++)",
    change: "< -> <=",
    why: "behind the objects stands the place in a line, which is no reference",
  },
  {
    file: "src/machine/waits.js",
    line: "for (let i = 0; i < waitObjectsMax; i++)",
    change: "< -> <=",
    why: "behind the objects stands the place in a line, which is 0 of who waits",
  },
  {
    file: "src/machine/apc.js",
    line: "for (let i = 0; i < waitObjectsMax; i++)",
    change: "< -> <=",
    why: "behind the objects stands the place in a line, which is 0 of who waits",
  },
  {
    file: "src/machine/frames.js",
    line: "isRef(reference) && offset >= 0 &&",
    change: ">= -> >",
    why: "at an offset of 0 stands a thread, which is no frame either",
  },
  {
    file: "src/machine/frames.js",
    line: "if (at >= 0)",
    change: ">= -> >",
    why: "no object stands at address 0: the header does",
  },
  {
    file: "src/machine/frames.js",
    line: "for (let i = 0; i < template.length; i += 2)",
    change: "< -> <=",
    why: "behind the template's end there is no place to write at",
  },
  {
    file: "src/machine/life.js",
    line: "for (let i = 0; i < template.length; i += 2)",
    change: "< -> <=",
    why: "behind the template's end there is no place to write at",
  },
  {
    file: "src/machine/locking.js",
    line: "if (lock < 0)",
    change: "< -> <=",
    why: "no object stands at address 0: the header does",
  },
  {
    file: "src/machine/machine.js",
    line: "for (let i = 0; i < m.doneCount; i++)",
    change: "< -> <=",
    why: "who was done in an earlier step has been forgotten by then",
  },
  {
    file: "src/machine/durations.js",
    line: "word >= -1 ? word",
    change: ">= -> >",
    why: "what is no time is no more than 0 either, as -1 is",
  },
  {
    file: "src/machine/opcodes.js",
    line: "kind === RootKind.callback || kind >= ownCallback",
    change: ">= -> >",
    why: "the first family of the language is one of Windows, with the usual budget",
  },
  {
    file: "src/machine/visible.js",
    line: "if (way > Way.none) {",
    change: "> -> >=",
    why: "who is at rest takes no step",
  },
  {
    file: "src/machine/roots.js",
    line: "clocks[at] = 0;",
    change: "-> nothing",
    why: "the frame of a root goes soon after: there are more states that mean the same",
  },
  {
    file: "src/machine/roots.js",
    line: "clocks[at + 1] = 0;",
    change: "-> nothing",
    why: "the frame of a root goes soon after: there are more states that mean the same",
  },
  {
    file: "src/machine/recursion.js",
    line: "end = base + Math.max(T.size, words[base + T.top]);",
    change: "-> nothing",
    why: "behind a thread's top all is 0: two views that were the same stay so, and others stay others",
  },
  {
    file: "src/machine/enabled.js",
    line: "m.owing = t;",
    change: "-> nothing",
    why: "who is asked first says no more than who is asked then",
  },
  {
    file: "src/machine/enabled.js",
    behind: "hasFallen(m, t, code[pc + 2]) ? 1 : 2;",
    line: "for (let i = 0; i < ways; i++)",
    change: "< -> <=",
    why: "a third way of a condition is as the first one, and a fifth quarter of a second the first one: there are more states that mean the same",
  },
  {
    file: "src/machine/messages.js",
    line: "for (let i = words[port + Q.count] - 1; i >= 0; i--)",
    change: "- 1 -> nothing",
    why: "behind a queue's last entry there is nothing, which is no message",
  },
];

/** `before` is the line ahead of it; `column`, from 1 on, where it is changed. */
export const isEquivalent = (
  file: string,
  {
    before,
    line,
    column,
  }: { readonly before: string; readonly line: string; readonly column: number },
  name: string,
): boolean =>
  equivalents.some(
    (one) =>
      one.file === file &&
      line.includes(one.line) &&
      before.includes(one.behind ?? "") &&
      line.slice(0, column - 1).endsWith(one.ahead ?? "") &&
      name.endsWith(one.change),
  );
