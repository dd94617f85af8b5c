/** What is wrong with what the command prints, whatever it prints it about. */

/** The longest are those that list what could stand there. */
const lineMax = 1_500;

/** Why a line is none that a person can read. */
export function unclear(line: string | undefined): string | undefined {
  if (line === undefined) return "no line";
  const shown = line.slice(0, 300);
  if (line.length > lineMax) return `a line of ${line.length} characters: ${shown}`;
  if (/\p{Cc}/u.test(line)) return `a control character: ${JSON.stringify(shown)}`;
  if (
    /\[object |\bundefined\b.*\bundefined\b|Maximum call stack|at .*:\d+:\d+\)|node:internal|\/src\//.test(
      line,
    )
  ) {
    return `a line about our insides: ${shown}`;
  }
  return undefined;
}

/** What a terminal or a CI system would act on, and no command of ours has said. */
export function commandIn(text: string): string | undefined {
  const control = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u.exec(
    text.replaceAll("\n", ""),
  );
  if (control !== null) {
    return `a control character: ${JSON.stringify(text.slice(Math.max(0, control.index - 40), control.index + 40))}`;
  }
  // Marks of ours name a title.
  const mark = /^(?:::(?!(?:error|warning|notice) (?:file=[^\n]*,)?title=)|##\[).*$/m.exec(text);
  return mark === null ? undefined : `a command for CI: ${mark[0].slice(0, 200)}`;
}
