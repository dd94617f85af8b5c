/** How far the work is: a bar on a terminal, now and then a line elsewhere. All on stderr. */
import { SingleBar } from "cli-progress";
import type { Progress } from "../campaign/report.ts";
import { counted, glue, grouped } from "../report/text.ts";
import { print, warn } from "./output.ts";

interface ProgressDisplay {
  /** Job `index` is at work. */
  update(index: number, progress: Progress): void;
  /** Job `index` is done. */
  finish(index: number): void;
  /** Writes to standard output without a bar in its way. */
  print(text: string): void;
  end(): void;
}

export function showProgress(jobs: number): ProgressDisplay {
  return process.stderr.isTTY ? bar(jobs) : lines();
}

/** Steps of the bar for one job. */
const stepsOfJob = 1_000;

function bar(jobs: number): ProgressDisplay {
  const single = new SingleBar({
    stream: process.stderr,
    format: "{bar} {percentage} %  {what}",
    barCompleteChar: "#",
    barIncompleteChar: "-",
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
    linewrap: false,
    noTTYOutput: false,
  });
  const parts = new Map<number, number>();
  let what = "";
  const start = (): void => single.start(jobs * stepsOfJob, sum(parts), { what });
  start();
  return {
    update(index, progress) {
      parts.set(index, (stepsOfJob * progress.done) / Math.max(1, progress.worlds));
      what = words(progress);
      single.update(sum(parts), { what });
    },
    finish(index) {
      parts.set(index, stepsOfJob);
      single.update(sum(parts), { what });
    },
    print(text) {
      single.stop();
      print(text);
      start();
    },
    end: () => single.stop(),
  };
}

/** Milliseconds between two lines. */
const lineMs = 10_000;

function lines(): ProgressDisplay {
  let last = performance.now();
  return {
    update(_index, progress) {
      if (performance.now() - last < lineMs) return;
      last = performance.now();
      warn(`loophole: ${words(progress)}\n`);
    },
    finish() {},
    print,
    end() {},
  };
}

function words({ driver, done, worlds, spent, findings }: Progress): string {
  const found = findings === 0 ? "" : `, ${counted(findings, "finding")}`;
  const text = `${driver}: world ${done + 1} of ${worlds}, ${grouped(spent)} operations${found}`;
  return text.replaceAll(glue, " ");
}

function sum(parts: ReadonlyMap<number, number>): number {
  return [...parts.values()].reduce((a, b) => a + b, 0);
}
