/** Timers that are set anew before they fall due: who waits for one begins to wait all over again. */
import type { Finding, Part } from "../judge/finding.ts";
import type { Names } from "../judge/instances.ts";
import { Op } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";
import type { Doing } from "./signals.ts";

/** Of the timer that came last in a run: where it was set, and by whom it was set anew since. */
export function rearmedIn(steps: readonly Doing[], names: Names): Finding["rearmed"] {
  const acts = steps
    .flatMap(({ done, step }, index) => done.map((one) => ({ ...one, index, by: step.thread })))
    .sort((a, b) => a.order - b.order);
  const came = acts.findLast(({ act }) => act === "expires");
  if (came === undefined) return undefined;
  const own = acts.filter((one) => one.at === came.at && one.order < came.order);
  const before = own.findLast(({ act }) => act === "expires" || act === "cancels");
  const arms = own.filter((one) => one.act === "arms" && one.order > (before?.order ?? -1));
  const [first, ...again] = arms;
  if (first === undefined || again.length === 0) return undefined;
  return {
    timer: names.object(came.at),
    set: first.index,
    again: again.map(({ index, by }) => ({ step: index, by })),
  };
}

/** Whether most of a path passes till a timer comes. */
export function awaitsTimer(program: Program, path: readonly Part[]): boolean {
  const { threads, dpcThreads, code, routines } = program;
  const ofTimers = new Set(
    threads.flatMap(({ name, routine }, t) =>
      dpcThreads.includes(t) || code[routines[routine].pc] === Op.expire ? [name] : [],
    ),
  );
  const sum = (parts: readonly Part[]): number => parts.reduce((all, { us }) => all + us, 0);
  const till = path.filter(({ who }) => who.kind === "thread" && ofTimers.has(who.name));
  return sum(till) * 2 > sum(path);
}
