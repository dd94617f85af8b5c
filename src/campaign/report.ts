/** What a check comes back with: plain data for reports, CI and people. */
import type { BoundName } from "../base/bounds.ts";
import type { Counterexample } from "../corpus/counterexample.ts";
import type { Finding, Outcome } from "../judge/finding.ts";
import type { DriverModel } from "../language/model.ts";
import type { TimeProfile, World } from "../windows/scenario.ts";

export const scopes = ["small", "default"] as const;
export type Scope = (typeof scopes)[number];

export interface CheckOptions {
  readonly scope: Scope;
  /** Transitions of the machine, over all worlds and both readings. */
  readonly budget: number;
  readonly seed: string;
  /** Times that differ from the model's, in worlds that do not say otherwise. */
  readonly times?: Partial<TimeProfile>;
  /** Asked often; true ends the check with what was found so far. */
  readonly shouldStop?: () => boolean;
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  readonly driver: string;
  readonly world: string;
  /** Worlds done and in all. */
  readonly done: number;
  readonly worlds: number;
  /** Transitions so far. */
  readonly spent: number;
  readonly findings: number;
}

/** Drivers that run on one machine, and the worlds that their author fixed, if any. */
export interface Subject {
  readonly drivers: readonly DriverModel[];
  readonly worlds?: readonly World[];
  /** Bounds by which worlds that are given here are fewer than they should be; absent: by none. */
  readonly cut?: readonly BoundName[];
}

export interface Found {
  readonly finding: Finding;
  readonly counterexample: Counterexample;
}

export interface PropertyResult {
  readonly property: Finding["property"];
  /**
   * complete: every reachable state compared in full; sampled: the budget left some open, which
   * `runs` random runs went through; bounded: `bounds` cut more than that.
   */
  readonly claim: "complete" | "bounded" | "sampled";
  readonly bounds: readonly BoundName[];
  readonly worlds: number;
  readonly states: number;
  readonly runs: number;
}

export interface CheckReport {
  readonly verdict: "clean" | "findings" | "bounded";
  readonly findings: readonly Found[];
  readonly results: readonly PropertyResult[];
  /** Names of the worlds that were tried, each with its claim. */
  readonly worlds: readonly {
    readonly name: string;
    readonly claim: PropertyResult["claim"];
    readonly bounds: readonly BoundName[];
    readonly states: number;
  }[];
  readonly complete: boolean;
  /** Hangs that were seen and are not told: at the operations of one that is, and at more. */
  readonly contained: number;
  /** Callbacks, branches and operations that no run reached, by operation id. */
  readonly unreached: readonly string[];
  /** Operations that can wait: how many had to in some run, of how many; and those that never had. */
  readonly waits: {
    readonly contended: number;
    readonly of: number;
    readonly never: readonly string[];
  };
  /** Transitions spent, and the budget with which a later check repeats this one. */
  readonly spent: number;
  readonly repeats: number;
  readonly stopped: boolean;
  /** Times of the author's own, in words. */
  readonly ownTimes?: readonly string[];
}

/**
 * What is known of a driver: for each outcome the mechanisms that have to be found, for `rule` the
 * rule ids; an outcome that is not there must not be found.
 */
export type Expectation = { readonly [O in Outcome]?: readonly string[] };
