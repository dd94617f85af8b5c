/** What each finding counts for: whether it fails, and if not, why not. Asks no clock. */
import type { PropertyResult } from "../../campaign/report.ts";
import { type Accepted, isAbout, isExpired, unreviewed } from "../../corpus/baseline.ts";
import type { Finding } from "../../judge/finding.ts";
import { type Fault, faultsOf } from "../expectation.ts";
import type { Judged } from "../judge/judge-files.ts";

/** By what findings and claims are ruled on. */
export interface Gate {
  readonly baseline?: {
    /** As given, for messages. */
    readonly file: string;
    readonly entries: readonly Accepted[];
  };
  /** YYYY-MM-DD. */
  readonly today: string;
  /** Accepts what is new, to write it down. */
  readonly writes: boolean;
  readonly requireComplete: boolean;
  /** Findings that a driver file expects do not fail (suite), or do (check). */
  readonly heedsExpected: boolean;
}

export type Standing =
  | { readonly kind: "new" }
  | { readonly kind: "expected" }
  /** `isNew`: only now, by --write-baseline. */
  | { readonly kind: "accepted"; readonly entry: Accepted; readonly isNew: boolean }
  | { readonly kind: "expired"; readonly entry: Accepted };

export interface Ruled {
  readonly finding: Finding;
  /** Where its counterexample was saved. */
  readonly saved?: string;
  readonly standing: Standing;
}

/** A judged file, and what that comes to. */
export interface Ruling {
  readonly judged: Judged;
  readonly findings: readonly Ruled[];
  /** How the file differs from what it says is known. */
  readonly faults: readonly Fault[];
  /** Properties that had to be complete, and are not. */
  readonly incomplete: readonly PropertyResult[];
  /** A stop came before its end: more may be found. */
  readonly isPartial: boolean;
}

export function ruleOn(judged: Judged, gate: Gate, isPartial = false): Ruling {
  const { report, expected, saved } = judged;
  const entries = gate.baseline?.entries ?? [];
  const known = gate.heedsExpected ? faultsOf(report, expected) : undefined;
  const standings = report.findings.map(({ finding }): Standing => {
    const isNews = known === undefined || known.some((fault) => fault.finding === finding);
    // Nobody has to accept what is expected; an entry for it is one too many, not a fault.
    if (!isNews) return { kind: "expected" };
    const name = driverOf(finding, judged);
    const about = entries.filter((entry) => isAbout(entry, finding, name));
    const holds = about.find((entry) => !isExpired(entry, gate.today));
    if (holds !== undefined) return { kind: "accepted", entry: holds, isNew: false };
    if (about.length > 0) return { kind: "expired", entry: about[0] };
    if (!gate.writes) return { kind: "new" };
    return { kind: "accepted", entry: entryFor(finding, name), isNew: true };
  });
  const accepted = new Set(
    report.findings.flatMap(({ finding }, i) =>
      standings[i].kind === "accepted" ? [finding] : [],
    ),
  );
  return {
    judged,
    findings: report.findings.map(({ finding }, i) => ({
      finding,
      saved: saved[i],
      standing: standings[i],
    })),
    // What was stopped half-way may have found the rest.
    faults:
      known === undefined || isPartial
        ? []
        : known.filter(({ finding }) => finding === undefined || !accepted.has(finding)),
    incomplete: gate.requireComplete
      ? report.results.filter(({ claim }) => claim !== "complete")
      : [],
    isPartial,
  };
}

/** Whether a file fails, of its own. */
export function fails({ findings, faults, incomplete }: Ruling): boolean {
  const isOpen = ({ standing: { kind } }: Ruled): boolean => kind === "new" || kind === "expired";
  return findings.some(isOpen) || faults.length > 0 || incomplete.length > 0;
}

/** The findings that were accepted before now, with their entries. */
export function acceptedOf({ findings }: Ruling): { finding: Finding; entry: Accepted }[] {
  return findings.flatMap(({ finding, standing }) =>
    standing.kind === "accepted" && !standing.isNew ? [{ finding, entry: standing.entry }] : [],
  );
}

/** What a baseline calls the driver of a finding. */
function driverOf(finding: Finding, judged: Judged): string {
  return finding.driver === "" ? namesOf(judged) : finding.driver;
}

export function namesOf({ subject }: Pick<Judged, "subject">): string {
  return subject.drivers.map(({ name }) => name).join(" + ");
}

function entryFor({ outcome, identity, mechanism, budget }: Finding, driver: string): Accepted {
  const of = budget === undefined ? {} : { of: budget.of };
  return { driver, outcome, identity, mechanism, ...of, reason: unreviewed };
}

/** Entries for which nothing was found, by index: of drivers that were judged to their end. */
export function staleEntries(gate: Gate, rulings: readonly Ruling[]): number[] {
  const entries = gate.baseline?.entries ?? [];
  return entries.flatMap((entry, i) => {
    const of = rulings.filter(({ judged }) => isOf(entry, judged));
    const isFound = of.some(({ findings, judged }) =>
      findings.some(({ finding }) => isAbout(entry, finding, driverOf(finding, judged))),
    );
    return of.length === 0 || isFound || of.some(({ isPartial }) => isPartial) ? [] : [i];
  });
}

function isOf({ driver }: Accepted, judged: Judged): boolean {
  return driver === namesOf(judged) || judged.subject.drivers.some(({ name }) => name === driver);
}

/** A baseline for what was found: what there was stays, unless it is stale; what is new is added. */
export function baselineAfter(gate: Gate, rulings: readonly Ruling[]): Accepted[] {
  const stale = new Set(staleEntries(gate, rulings));
  const kept = (gate.baseline?.entries ?? []).filter((_, i) => !stale.has(i));
  const added = rulings.flatMap(({ findings }) =>
    findings.flatMap(({ standing }) =>
      standing.kind === "accepted" && standing.isNew ? [standing.entry] : [],
    ),
  );
  const texts = new Map([...kept, ...added].map((entry) => [JSON.stringify(entry), entry]));
  return [...texts.values()];
}
