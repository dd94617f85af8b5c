/** Mutants that change nothing that anybody could see, each with the reason. */
export interface Equivalent {
  readonly file: string;
  /** A part of each compiled line that it is true of; and of the line before, where that says which. */
  readonly line: string;
  readonly behind?: string;
  readonly change: string;
  readonly why: string;
}

export const equivalents: readonly Equivalent[] = [
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
    file: "src/machine/foresight.js",
    line: "pc < code.length - stride; pc += stride",
    change: "< -> <=",
    why: "the last instruction ends a routine: it is no lock, and is passed over",
  },
  {
    file: "src/machine/foresight.js",
    line: "pc >= 0; pc -= stride",
    change: ">= -> >",
    why: "a run of local steps that is not noted is gone through one by one",
  },
  {
    file: "src/machine/standing.js",
    line: "standing.free = 0;",
    change: "-> nothing",
    why: "each thread is settled behind it, which clears its bit first",
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
    file: "src/machine/hop.js",
    line: "if (time < earliest)",
    change: "< -> <=",
    why: "what is equal is written over by the same",
  },
  {
    file: "src/machine/objects/list.js",
    behind: "if (!isThere(m, t, at))",
    line: "return false;",
    change: "false -> true",
    why: "the run has crashed by then, and is over: nobody looks where its thread stands",
  },
  {
    file: "src/machine/hop.js",
    behind: "hops[pc] = kind;",
    line: "return true;",
    change: "true -> false",
    why: "this one time the step is taken the long way, which comes to the same",
  },
  {
    file: "src/machine/hop.js",
    line: "words[lock + 2] > irqlMax",
    change: "> -> >=",
    why: "a lock that is not released in a hop is released in a step, which comes to the same",
  },
  {
    file: "src/machine/hop.js",
    behind: "    }",
    line: "return true;",
    change: "true -> false",
    why: "where no hops are made the run goes on in steps, which comes to the same",
  },
  {
    file: "src/machine/foresight.js",
    line: "pc < code.length; pc += stride",
    change: "< -> <=",
    why: "behind the last instruction nothing is read, and what is written there is nowhere",
  },
  {
    file: "src/machine/foresight.js",
    line: "if (!isCost && (code[pc] !== Op.check",
    change: "&& -> ||",
    why: "a run of local steps that is not noted is gone through one by one",
  },
  {
    file: "src/machine/foresight.js",
    line: "if (fore[pc + Fore.lock] === 0 || fore[pc + Fore.way] === Way.ask)",
    change: "|| -> &&",
    why: "the header stands at address 0, which is no lock of which a hop is made",
  },
  {
    file: "src/machine/standing.js",
    line: "status === Status.waiting && (words[base + T.wait] & endsOtherwise) !== 0",
    change: "&& -> ||",
    why: "who can do nothing is asked in vain",
  },
  {
    file: "src/windows/world-threads.js",
    line: "same < 0 ? i : same",
    change: "< -> <=",
    why: "users that are alike are told apart: there are more states that mean the same",
  },
  {
    file: "src/machine/foresight.js",
    line: "if (costUs > shortUsMax ||",
    change: "> -> >=",
    why: "a run of local steps that is not noted is gone through one by one",
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
    file: "src/machine/hop.js",
    line: "for (let byte = 0; byte < 256; byte++) {",
    change: "< -> <=",
    why: "what is written behind a typed array's end is nowhere",
  },
  {
    file: "src/machine/durations.js",
    line: "return -2 - (known >= 0 ?",
    change: ">= -> >",
    why: "a time that stands in the table twice is the same time: only code has its word",
  },
];

/** `before` is the line ahead of it. */
export const isEquivalent = (
  file: string,
  { before, line }: { readonly before: string; readonly line: string },
  name: string,
): boolean =>
  equivalents.some(
    (one) =>
      one.file === file &&
      line.includes(one.line) &&
      before.includes(one.behind ?? "") &&
      name.endsWith(one.change),
  );
