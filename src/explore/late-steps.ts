/**
 * Which of the steps that end something late are worth a trace: there can be thousands, and most
 * tell the same. The longest of each root is among them, whatever else is left out.
 */

/** The last step of a run in which something took too long. */
export interface LateStep {
  readonly state: number;
  readonly code: number;
}

export interface LateSteps {
  readonly most: number;
  /** By root, a kind at a place of the code: the longest. */
  readonly longest: Map<number, LateStep & { readonly took: number }>;
  /** The first of each duration of each root, then others of the same. */
  readonly durations: Set<string>;
  readonly first: LateStep[];
  readonly others: LateStep[];
  /** More than `most` were there. */
  isCut: boolean;
}

/** @param most Steps that are kept, beside the longest of each root. */
export const createLateSteps = (most: number): LateSteps => ({
  most,
  longest: new Map(),
  durations: new Set(),
  first: [],
  others: [],
  isCut: false,
});

/** Notes a step: by which `root`, as a number, took `took` microseconds. */
export function noteLateStep(late: LateSteps, root: number, took: number, step: LateStep): void {
  const known = late.longest.get(root);
  if (known === undefined || took > known.took) late.longest.set(root, { ...step, took });
  const duration = `${root}/${took}`;
  const list = late.durations.has(duration) ? late.others : late.first;
  if (list.length >= late.most) {
    late.isCut = true;
    return;
  }
  late.durations.add(duration);
  list.push(step);
}

/** The steps to trace: the longest of each root, then as many others as there is room for. */
export function stepsToTrace(late: LateSteps): LateStep[] {
  const steps = [...late.first, ...late.others];
  if (steps.length > late.most) late.isCut = true;
  const seen = new Set<string>();
  return [...late.longest.values(), ...steps.slice(0, late.most)].filter(({ state, code }) => {
    const key = `${state}/${code}`;
    return !seen.has(key) && seen.add(key);
  });
}
