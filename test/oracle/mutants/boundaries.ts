/** Mutants of where something begins or ends that change nothing: what lies at the boundary is nothing, or never is there. */
import type { Equivalent } from "./equivalence.ts";

const behindEntries =
  "behind a queue's last entry there is nothing, which is no reference, and its clock is 0";
const aPlace = "each thread in a line has a place of its own";
const notAThread = "behind the last thread there is none, which waits for nothing";
const stepByStep =
  "a run of local steps that is not noted, or not taken at once, is gone through one by one";
const siteOfEnd = "place 0 is that of a thread's end, which sets no timer";

export const ofBoundaries: readonly Equivalent[] = [
  {
    file: "src/machine/enabled.js",
    line: "for (let base = program.threadFirst; base < end; base += threadWords)",
    change: "< -> <=",
    why: notAThread,
  },
  {
    file: "src/machine/objects/semaphore.js",
    line: "for (let t = 0; t < m.program.threads.length && free > 0; t++)",
    ahead: "let t = 0; t",
    change: "< -> <=",
    why: notAThread,
  },
  {
    file: "src/machine/checks.js",
    line: ": apcs < 0 && normal",
    change: "< -> <=",
    why: "0 has gone back before: no call asks for nothing",
  },
  {
    file: "src/machine/durations.js",
    line: "if (us <= shortUsMax)",
    change: "<= -> <",
    why: "a time that stands in the table is the same time",
  },
  {
    file: "src/machine/foresight.js",
    line: "code[pc] >= Op.firstVisible && fore[pc + Fore.way] !== Way.ask",
    change: ">= -> >",
    why: stepByStep,
  },
  {
    file: "src/machine/foresight.js",
    line: "if (costUs > shortUsMax || (isCost && code[pc + 2] < 0))",
    change: "< -> <=",
    why: stepByStep,
  },
  {
    file: "src/machine/local.js",
    line: "if (end !== 0 && words[base + T.irql] <= fore[pc + Fore.irqlMax]",
    change: "<= -> <",
    why: stepByStep,
  },
  {
    file: "src/machine/hop.js",
    line: "if (kind === Hop.none || hops[pc] !== Hop.none)",
    change: "|| -> &&",
    why: "a hop that is noted already is noted once more, and one that is none is not taken",
  },
  {
    file: "src/machine/life.js",
    line: "if (setAt >= 0)",
    change: ">= -> >",
    why: siteOfEnd,
  },
  {
    file: "src/machine/objects/timer.js",
    line: "site = site < 0 ? set : Math.min(site, set);",
    change: "< -> <=",
    why: siteOfEnd,
  },
  {
    file: "src/machine/messages.js",
    line: "if (last >= 0 && last < words[port + Q.count])",
    change: "< -> <=",
    why: behindEntries,
  },
  {
    file: "src/machine/objects/list.js",
    line: "for (let i = 0; i < count; i++) {",
    change: "< -> <=",
    why: behindEntries,
  },
  {
    file: "src/machine/objects/list.js",
    line: "index < words[list + Q.count] ? words[list + Q.entries",
    change: "< -> <=",
    why: behindEntries,
  },
  {
    file: "src/machine/objects/queue.js",
    line: "for (let at = from; at < last; at += E.size)",
    change: "< -> <=",
    why: "the clock of the last place is cleared behind it",
  },
  {
    file: "src/machine/objects/timer.js",
    line: "for (let i = 0; i < m.words[m.program.timers + Q.count]; i++)",
    change: "< -> <=",
    why: behindEntries,
  },
  {
    file: "src/machine/objects/timer.js",
    line: "for (let i = 0; i < timersSet(m); i++) {",
    behind: "let site = -1;",
    change: "< -> <=",
    why: behindEntries,
  },
  {
    file: "src/machine/objects/timer.js",
    line: "while (place < count && words[entryAt(m, place) + E.item] <= code[pc + 1])",
    change: "<= -> <",
    why: "of timers that one call has set each has its way, whichever stands first",
  },
  {
    file: "src/machine/objects/event.js",
    line: "if (pulseSets(m, event) > waysMax || ordersOf(m, event) > 1)",
    ahead: "pulseSets(m, event)",
    change: "> -> >=",
    why: "a power of two is not 28",
  },
  {
    file: "src/machine/objects/shared-lock.js",
    line: "if (words[base + T.line] > mine)",
    change: "> -> >=",
    why: aPlace,
  },
  {
    file: "src/machine/objects/shared-lock.js",
    line: "words[other + T.line] > place)",
    change: "> -> >=",
    why: aPlace,
  },
  {
    file: "src/machine/objects/shared-lock.js",
    line: "if (next < 0 || at < words[baseOf(m, next) + T.line])",
    ahead: "|| at",
    change: "< -> <=",
    why: aPlace,
  },
  {
    file: "src/machine/objects/shared-lock.js",
    line: "if (slot < 0)",
    change: "< -> <=",
    why: "no sharer stands at address 0: the header does",
  },
  {
    file: "src/machine/recursion.js",
    line: "for (let pc = 0; pc < code.length; pc += stride)",
    change: "< -> <=",
    why: "behind the last instruction there is none, which asks for nothing",
  },
  {
    file: "src/machine/recursion.js",
    line: "if (at >= program.threadFirst)",
    change: ">= -> >",
    why: "what is written behind a typed array's end is nowhere",
  },
  {
    file: "src/machine/standing.js",
    line: "way.length > threadsMax",
    change: "> -> >=",
    why: "where no account is kept all are asked anew, which comes to the same",
  },
  {
    file: "src/machine/standing.js",
    line: "if (old > Way.none)",
    change: "> -> >=",
    why: "who is at rest stands before no lock: the header has no bits of threads",
  },
  {
    file: "src/machine/step.js",
    line: "const isLate = timeUs > m.earliest",
    change: "> -> >=",
    why: "who is not late has no skew",
  },
  {
    file: "src/machine/visible.js",
    line: "else if (alerted >= 0)",
    change: ">= -> >",
    why: "neither way of being alerted has the number 0",
  },
  {
    file: "src/machine/waits.js",
    line: "(timeoutUs > 0 ? waitFlags.timed : 0)",
    change: "> -> >=",
    why: "a timeout of 0 has come back before: nobody waits with it",
  },
  {
    file: "src/machine/waits.js",
    line: "clocks[base + T.wait] = timeoutUs > 0 ? deadline : 0;",
    change: "> -> >=",
    why: "a timeout of 0 has come back before: nobody waits with it",
  },
  {
    file: "src/machine/waits.js",
    line: "for (let i = 0; i < count; i++) {",
    behind: "const count = words[base + T.wait] & waitFlags.count;",
    change: "< -> <=",
    why: "behind the objects stands 0, which leads to the header, where no object is",
  },
  {
    file: "src/machine/waits.js",
    line: "for (let left = rivals(m, address); left > 1; left--)",
    change: "> -> >=",
    why: "times one is the same",
  },
  {
    file: "src/windows/paths/common.js",
    line: "const isUsual = at < 0 ||",
    change: "< -> <=",
    why: "the first family of the language is one of Windows, with the usual budget",
  },
  {
    file: "src/windows/world-threads.js",
    line: "const routine = same >= 0 && same < i",
    change: ">= -> >",
    why: "users that are alike have routines of their own, which do the same",
  },
];
