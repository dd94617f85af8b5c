/** What a campaign comes to, as text. No times: it is the same on every machine. */
import type { FuzzOptions, FuzzState } from "../../campaign/fuzz.ts";
import { illegalDefault, runBudgetDefault } from "../../campaign/fuzz-defaults.ts";
import type { FuzzFound } from "../../campaign/fuzz-shrink.ts";
import {
  counted,
  finish,
  grouped,
  heading,
  pageOf,
  paragraph,
  type TextOptions,
} from "../../report/text.ts";
import { type Column, type Row, table } from "../../report/text-table.ts";

export interface Told extends FuzzFound {
  readonly file?: string;
}

const headings: readonly Column[] = [
  { title: "outcome" },
  { title: "mechanism", min: 24 },
  { title: "runs", align: "right" },
  { title: "1 in", align: "right" },
  { title: "needs" },
  { title: "statements", align: "right" },
];

/** How often a mechanism came up: once in so many runs. */
const oneIn = ({ count }: { readonly count: number }, { done }: FuzzState): number =>
  Math.round(done / count);

export function tellCampaign(
  state: FuzzState,
  told: readonly Told[],
  campaign: FuzzOptions,
  options: TextOptions,
): string {
  const page = pageOf(options);
  const rows = [...told]
    .sort((a, b) => b.count - a.count || a.first - b.first)
    .map(
      (one): Row => ({
        cells: [
          { text: one.outcome },
          { text: one.mechanism },
          { text: grouped(one.count) },
          { text: grouped(oneIn(one, state)) },
          { text: one.found?.finding.needs ?? "?" },
          { text: grouped(one.statements) },
        ],
      }),
    );
  const none = `Nothing was found in ${counted(state.done, "run")}.`;
  const head = `${counted(told.length, "mechanism")} in ${counted(state.done, "run")}, ${grouped(state.spent)} operations`;
  return finish([
    ...(told.length === 0 ? [none] : [page.paint.bold(head), "", ...table(page, headings, rows)]),
    ...heading(page, "What was tried"),
    ...paragraph(page, triedWords(state)),
    ...state.faults.flatMap(({ run, message }) =>
      paragraph(
        page,
        `Run ${run} ended in a fault of Loophole itself: ${message}. Please report it.`,
      ),
    ),
    ...heading(page, "To see it again"),
    ...paragraph(page, againWords(state, told, campaign)),
  ]);
}

function triedWords({ done, statistics }: FuzzState): string {
  const { statements, largest, routines, threads, exhausted } = statistics;
  const mean = (sum: number): string => (sum / Math.max(1, done)).toFixed(1);
  return (
    `Drivers of ${mean(statements)} statements (at most ${largest}) and ${mean(routines)} routines, ` +
    `in worlds of ${mean(threads)} threads; ${counted(Object.keys(statistics.calls).length, "call")} ` +
    `of the table, ${counted(Object.keys(statistics.families).length, "kind")} of callback. ` +
    `${grouped(statistics.reached)} of ${grouped(statistics.operations)} operations ran; of ` +
    `${counted(exhausted, "scenario")} every state was seen.`
  );
}

function againWords(state: FuzzState, told: readonly Told[], campaign: FuzzOptions): string {
  const { seed, budget, runBudget, illegal, given, generated } = campaign;
  const call = [
    `--seed ${seed} --runs ${state.done} --budget ${budget}`,
    ...(runBudget === runBudgetDefault ? [] : [`--run-budget ${runBudget}`]),
    ...(illegal === illegalDefault ? [] : [`--illegal ${illegal}`]),
    ...(given.length > 0 && generated ? ["--with-generated"] : []),
  ].join(" ");
  const files = given.length === 0 ? "" : ", with the same driver files,";
  const whole = `${call}${files} repeats this campaign, with any number of workers.`;
  const saved = told.filter(({ file }) => file !== undefined).length;
  if (saved === 0) return `${whole} --save FOLDER keeps each mechanism as a counterexample.`;
  return `${whole} loophole replay FILE tells the story of any of the ${counted(saved, "file")} saved.`;
}

/** The same as data. */
export function jsonCampaign(
  state: FuzzState,
  told: readonly Told[],
  { seed }: FuzzOptions,
  isWhole: boolean,
): unknown {
  const { done, spent, statistics, faults } = state;
  return {
    loophole: "campaign",
    version: 1,
    seed,
    runs: done,
    spent,
    complete: isWhole,
    mechanisms: told.map((one) => ({
      outcome: one.outcome,
      mechanism: one.mechanism,
      count: one.count,
      oneIn: oneIn(one, state),
      first: one.first,
      statements: one.statements,
      ...(one.found === undefined
        ? {}
        : {
            needs: one.found.finding.needs,
            identity: one.found.finding.identity,
            possible: one.found.finding.possible,
            steps: one.found.finding.steps.length,
            rules: one.found.finding.rules,
          }),
      ...(one.file === undefined ? {} : { file: one.file }),
    })),
    statistics,
    faults,
  };
}
