/**
 * Matchers for vitest: `import "loophole-fuzz/vitest"`, then `expect(driver).toBeDeadlockFree()`. A
 * failure prints the story, and the counterexample that replays it.
 */
import { expect } from "vitest";
import * as z from "zod";
import { InputError } from "./base/input-error.ts";
import { check } from "./campaign/check.ts";
import {
  type CheckOptions,
  type CheckReport,
  type Found,
  type Scope,
  type Subject,
  scopes,
} from "./campaign/report.ts";
import { namesOf } from "./cli/gate/ruling.ts";
import { today } from "./cli/gate/surroundings.ts";
import { seedDefault } from "./cli/options.ts";
import { askedSeed, seedAgain } from "./cli/seed.ts";
import { isAbout, isExpired, loadBaseline } from "./corpus/baseline.ts";
import { readWith } from "./corpus/read.ts";
import { printCounterexample } from "./corpus/save.ts";
import type { Exactly } from "./corpus/schema-parts.ts";
import { timesSchema } from "./corpus/world-schema.ts";
import type { Finding } from "./judge/finding.ts";
import { microseconds } from "./language/duration.ts";
import type { DriverModel } from "./language/model.ts";
import { durationUsMax } from "./language/validate-limits.ts";
import { printable } from "./report/printable.ts";
import { tellFinding } from "./report/story.ts";
import type { TimeProfile, World } from "./windows/scenario.ts";
import { boundsOf, worldsFor } from "./worlds/worlds.ts";

export interface MatcherOptions {
  /** Which worlds: "small" (where a search is quick) unless told. */
  readonly scope?: Scope;
  /** Operations of the model. */
  readonly budget?: number;
  /**
   * For what is sampled; the same unless told, so that a test that fails fails again. For all tests
   * the variable `LOOPHOLE_SEED` tells: a seed, or `fresh` for another each time.
   */
  readonly seed?: string;
  /** These worlds instead of the scope's. */
  readonly worlds?: readonly World[];
  /** Times that differ from the model's, in microseconds. */
  readonly times?: Partial<TimeProfile>;
  /** Fail also where the property holds only as far as was searched. */
  readonly complete?: boolean;
  /** A file of findings that are accepted, and do not fail: as `loophole suite` writes it. */
  readonly baseline?: string;
}

/** A driver, or several on one machine. */
type Received = DriverModel | readonly DriverModel[];

interface LoopholeMatchers<R = unknown> {
  /** No callback, and nobody who waits for one, waits or runs for ever. */
  toBeDeadlockFree(options?: MatcherOptions): R;
  /** No callback takes longer than this: "500ms", or microseconds. */
  toReturnWithin(duration: number | string, options?: MatcherOptions): R;
  /** No rule of Microsoft's pages on callbacks is broken, whether by that something hangs or not. */
  toKeepTheRules(options?: MatcherOptions): R;
  /** The machine does not stop. */
  toBeCrashFree(options?: MatcherOptions): R;
}

declare module "vitest" {
  // biome-ignore lint/suspicious/noExplicitAny: the same type parameter as vitest's own
  interface Matchers<T = any> extends LoopholeMatchers<T> {}
}

const optionsSchema = z.strictObject({
  scope: z.enum(scopes).optional(),
  budget: z.int().min(1).optional(),
  seed: z.string().min(1).optional(),
  worlds: z.array(z.custom<World>()).min(1, "names no world").optional(),
  times: timesSchema.optional(),
  complete: z.boolean().optional(),
  baseline: z.string().min(1).optional(),
} satisfies Exactly<MatcherOptions>);

/** @throws {InputError} where a slip would let a test pass: nobody checks types when tests run. */
function driversOf(received: Received): readonly DriverModel[] {
  const drivers: readonly Partial<DriverModel>[] = [received].flat();
  const isDriver = (one: Partial<DriverModel> | undefined): boolean => one?.loophole === "driver";
  if (drivers.length === 0 || !drivers.every(isDriver)) {
    throw new InputError("expect", "takes a driver, or several: what defineDriver gives");
  }
  return [received].flat();
}

const budgetDefault = 300_000;

/** The last reports, for several properties of one driver: each asks for the same search. */
interface Asked {
  readonly drivers: readonly DriverModel[];
  readonly what: string;
  readonly report: CheckReport;
}
const asked: Asked[] = [];
const askedMax = 4;

/** As `check`, but what was searched for last, of the very same drivers as they still are, is not again. */
function checkOnce(subject: Subject, options: CheckOptions): CheckReport {
  const { drivers } = subject;
  const what = JSON.stringify([subject, options]);
  const known = asked.find(
    (one) =>
      one.what === what &&
      one.drivers.length === drivers.length &&
      drivers.every((driver, i) => driver === one.drivers[i]),
  );
  if (known !== undefined) return known.report;
  const report = check(subject, options);
  asked.push({ drivers: [...drivers], what, report });
  if (asked.length > askedMax) asked.shift();
  return report;
}

function checked(received: Received, options: MatcherOptions, callbackUs?: number): CheckReport {
  const {
    scope = "small",
    budget = budgetDefault,
    seed = askedSeed ?? seedDefault,
    worlds,
    times,
  } = readWith(optionsSchema, options, "options");
  const drivers = driversOf(received);
  const tried = worlds ?? worldsFor(drivers, scope);
  return checkOnce(
    {
      drivers,
      cut: worlds === undefined ? boundsOf(drivers, scope) : [],
      worlds:
        callbackUs === undefined
          ? tried
          : tried.map((world) => ({
              ...world,
              times: { ...world.times, ...callbacksOnly(callbackUs) },
            })),
    },
    { scope, budget, seed, times },
  );
}

/** Late is what a callback takes: not all those of an event together, nor what their caller does. */
const callbacksOnly = (callbackUs: number): Partial<TimeProfile> => ({
  callbackUs,
  eventUs: durationUsMax,
  operationUs: durationUsMax,
});

/** Whether a finding is in the baseline, and not over. */
function acceptance(
  received: Received,
  baseline: string | undefined,
): (finding: Finding) => boolean {
  if (baseline === undefined) return () => false;
  const day = today();
  const entries = loadBaseline(baseline).filter((entry) => !isExpired(entry, day));
  const all = namesOf({ subject: { drivers: driversOf(received) } });
  return (finding) => entries.some((entry) => isAbout(entry, finding, finding.driver || all));
}

function verdict(
  received: Received,
  report: CheckReport,
  property: Finding["property"],
  options: MatcherOptions,
  holds: string,
) {
  const isAccepted = acceptance(received, options.baseline);
  const found = report.findings.filter(
    ({ finding }) =>
      (finding.property === property || (property === "rules" && finding.rules.length > 0)) &&
      !isAccepted(finding),
  );
  const result = report.results.find((one) => one.property === property);
  const claim = result?.claim ?? "bounded";
  const isWeak = claim === "bounded" || (options.complete === true && claim !== "complete");
  const pass = found.length === 0 && !isWeak;
  return {
    pass,
    message: (): string => {
      if (found.length > 0) return found.map((one) => told(one, options)).join("\n");
      const worlds = `${claim} in ${result?.worlds ?? 0} worlds`;
      return pass
        ? `${holds}: ${worlds}`
        : `nothing was found, but that is ${worlds}: give it a larger budget`;
    },
  };
}

function told({ finding, counterexample }: Found, { seed }: MatcherOptions): string {
  const story = printable(tellFinding(finding, { colours: false }));
  const again = seed === undefined && askedSeed !== undefined ? `${seedAgain(askedSeed)}\n` : "";
  return `${story}\n${again}To replay it, keep this in a file and run: loophole replay FILE\n\n${printCounterexample(counterexample)}`;
}

expect.extend({
  toBeDeadlockFree(received: Received, options: MatcherOptions = {}) {
    const report = checked(received, options);
    return verdict(received, report, "deadlock-freedom", options, "no callback waits for ever");
  },
  toReturnWithin(received: Received, duration: number | string, options: MatcherOptions = {}) {
    const us = microseconds(duration);
    if (us === undefined || us === 0) {
      throw new TypeError(`toReturnWithin takes a time such as "500ms", not ${String(duration)}`);
    }
    const report = checked(received, options, us);
    return verdict(
      received,
      report,
      "bounded-latency",
      options,
      `every callback returns within ${us} µs`,
    );
  },
  toKeepTheRules(received: Received, options: MatcherOptions = {}) {
    return verdict(received, checked(received, options), "rules", options, "no rule is broken");
  },
  toBeCrashFree(received: Received, options: MatcherOptions = {}) {
    return verdict(received, checked(received, options), "no-crash", options, "nothing crashes");
  },
});
