/** The public face: writing drivers, checking and generating them, replaying counterexamples. */
export { check } from "./campaign/check.ts";
export {
  type FuzzOptions,
  type FuzzState,
  fuzz,
  type MechanismSeen,
} from "./campaign/fuzz.ts";
export { type FuzzFound, tellMechanism } from "./campaign/fuzz-shrink.ts";
export { type ReplayResult, replay } from "./campaign/replay.ts";
export type {
  CheckOptions,
  CheckReport,
  Expectation,
  Found,
  Progress,
  PropertyResult,
  Scope,
  Subject,
} from "./campaign/report.ts";
export { type Config, defineConfig } from "./cli/config-schema.ts";
export type { Counterexample, Deviation } from "./corpus/counterexample.ts";
export { findCorpusFiles } from "./corpus/files.ts";
export { loadCounterexample } from "./corpus/load.ts";
export { drivers, type GenerateOptions, scenarios, worldsAround } from "./generate/arbitraries.ts";
export type { Finding, Link, Outcome, Step } from "./judge/finding.ts";
export type { Need } from "./judge/needs.ts";
export { and, not, or } from "./language/builder.ts";
export type { DriverModel } from "./language/model.ts";
export type { ApiShape, Extension, FamilyShape, RuleShape } from "./language/shape.ts";
export {
  defineApi,
  defineDriver,
  defineDriverWith,
  defineFamily,
  defineRule,
} from "./windows/define-driver.ts";
export type { Scenario, TimeProfile, World } from "./windows/scenario.ts";
