/** The options of a command of the oracle: numbers all of them, and `--help`. */
import { parseArgs } from "node:util";

type Known = Readonly<Record<string, readonly [usual: number, what: string]>>;

/** What was asked for; anything else ends the process with a line that says so. */
export function numbersOf<K extends Known>(title: string, known: K): { [name in keyof K]: number } {
  const refuse = (why: string): never => {
    process.stderr.write(`${why}; --help tells what there is\n`);
    process.exit(2);
  };
  const options = Object.fromEntries(
    Object.keys(known).map((name) => [name, { type: "string" as const }]),
  );
  let given: Record<string, string | boolean | undefined> = {};
  try {
    given = parseArgs({ options: { ...options, help: { type: "boolean" } } }).values;
  } catch (error) {
    refuse((error as Error).message.split(". ")[0]);
  }
  if (given.help === true) {
    process.stdout.write(`${title}\n`);
    for (const [name, [usual, what]] of Object.entries(known))
      process.stdout.write(`  --${name} ${what} (${usual})\n`);
    process.exit(0);
  }
  const numbers = Object.entries(known).map(([name, [usual]]) => {
    const text = given[name];
    if (text === undefined) return [name, usual];
    if (!/^-?\d+$/.test(String(text))) refuse(`--${name} ${text} is no whole number`);
    return [name, Number(text)];
  });
  return Object.fromEntries(numbers);
}
