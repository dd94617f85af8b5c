/** Many cases: made, answered in batches of one kind, and told. */
import { type Answer, answersTo, type Caller } from "./answers.ts";
import { type Case, type Kind, kinds } from "./cases.ts";

/** Files that one call is given, where it takes several. */
const batchSize = 24;

/** @param onAnswers Told after each batch, with how many of all are answered. */
export async function answerAll(
  cases: readonly Case[],
  callerFor: (batch: number) => Caller,
  onAnswers?: (answers: readonly Answer[], done: number) => void,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  let batch = 0;
  for (const kind of kinds) {
    const of = cases.filter((one) => one.kind === kind);
    for (let at = 0; at < of.length; at += batchSize) {
      const some = await answersTo(of.slice(at, at + batchSize), callerFor(batch++));
      answers.push(...some);
      onAnswers?.(some, answers.length);
    }
  }
  return answers;
}

/** How each kind was answered, in lines of a table. */
export function tableOf(answers: readonly Answer[]): string {
  const row = (kind: Kind | "all", of: readonly Answer[]): string => {
    const count = (test: (one: Answer) => boolean): string =>
      `${of.filter(test).length}`.padStart(7);
    const slowest = Math.max(0, ...of.map(({ ms }) => ms));
    return [
      kind.padEnd(22),
      `${of.length}`.padStart(7),
      count(({ code }) => code === 0 || code === 1),
      count(({ code }) => code === 2),
      count(({ fault }) => fault !== undefined),
      `${(slowest / 1_000).toFixed(1)} s`.padStart(9),
    ].join(" ");
  };
  const head = `${"file".padEnd(22)}   cases   0 or 1       2  faults   slowest`;
  const rows = kinds.map((kind) =>
    row(
      kind,
      answers.filter(({ of }) => of.kind === kind),
    ),
  );
  return [head, ...rows, row("all", answers)].join("\n");
}
