/** Who is there in a given state, and who has to let start those who are not there yet. */
import { F, refTo, Status, T } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { Op } from "../machine/opcodes.ts";
import { comesTo } from "./comes-to.ts";
import type { Relation } from "./finding.ts";
import { framesOf, routineOfFrame } from "./objects.ts";
import { type Runner, reachable, routineAt } from "./reach.ts";

/** Threads that have started and have not ended. */
export function alive(m: Machine): number[] {
  const found: number[] = [];
  for (let t = 0; t < m.program.threads.length; t++) {
    const status = m.words[baseOf(m, t) + T.status];
    if (status === Status.ready || status === Status.waiting) found.push(t);
  }
  return found;
}

/** The thread that is creating a thread that has not started, or its process. */
export function creatorOf(m: Machine, thread: number): number | undefined {
  const self = refTo(baseOf(m, thread));
  const process = refTo(m.program.threads[thread].process);
  return alive(m).find((t) =>
    framesOf(m, t).some(
      (f) =>
        routineOfFrame(m, f).role === "path" &&
        (m.words[f + F.thread] === self ||
          (m.words[f + F.subject] === process && m.words[baseOf(m, t) + T.process] !== process)),
    ),
  );
}

/** Somebody who has to go on for a thread to start: who creates it, or would start it. */
export function starterOf(
  m: Machine,
  thread: number,
): { readonly thread: number; readonly relation: Relation } | undefined {
  const creator = creatorOf(m, thread);
  if (creator !== undefined) return { thread: creator, relation: "creates" };
  const { program } = m;
  const { code, sites, classes, routines } = program;
  // Start-up lets all else go: before that, nobody is created who would start another, either.
  const letsGo = (at: number): boolean =>
    !sites[code[at + 1]].users && routines[routineAt(program, at)].role === "base";
  const starts = (pc: number, _at: number, runner: Runner): boolean =>
    reachable(program, pc, runner).some(
      (at) =>
        code[at] === Op.start &&
        (classes.get(code[at + 2])?.includes(thread) === true || letsGo(at)),
    );
  const starter = alive(m).find((t) => comesTo(m, t, starts));
  return starter === undefined ? undefined : { thread: starter, relation: "wouldStart" };
}
