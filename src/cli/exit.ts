/** Exit codes, and the words for what went wrong. */
import { CommanderError } from "commander";
import { InputError } from "../base/input-error.ts";

export const exitCodes = {
  /** Nothing found; every file did what it says. */
  clean: 0,
  /** Something found; a file did not do what it says. */
  findings: 1,
  /** A mistake in the call or in a file. */
  input: 2,
  /** A fault of Loophole's own. */
  fault: 3,
  /** The second Ctrl-C; 128 + SIGINT, as shells have it. */
  interrupted: 130,
} as const;

/** Several mistakes of the user's, told one a line. */
export class InputErrors extends Error {
  override readonly name = "InputErrors";
  readonly errors: readonly InputError[];

  constructor(errors: readonly InputError[]) {
    super(errors.map((error) => error.message).join("; "));
    this.errors = errors;
  }
}

/** A fault of ours that happened in another thread or process, with its stack there. */
export class RemoteFault extends Error {
  override readonly name = "RemoteFault";

  constructor(message: string, stack: string | undefined) {
    super(message);
    if (stack !== undefined) this.stack = stack;
  }
}

/** The exit code for an error, and the text to print, which ends in a newline. */
export function explainFailure(
  error: unknown,
  debug: boolean,
): { readonly code: number; readonly text: string } {
  const code = exitCodes.input;
  const details = debug && error instanceof Error ? `${error.stack}\n` : "";
  if (error instanceof InputErrors) {
    return {
      code,
      text: error.errors.map((one) => `${printable(one.message)}\n`).join("") + details,
    };
  }
  if (error instanceof InputError) return { code, text: `${printable(error.message)}\n${details}` };
  if (error instanceof CommanderError) return { code, text: `${callMistake(error.message)}\n` };
  const message = error instanceof Error ? error.message : String(error);
  const lines = [
    printable(message.startsWith("fault in Loophole") ? message : `fault in Loophole: ${message}`),
    "This is a fault of Loophole itself and says nothing about your driver. Please report it, with",
    "the command line and the files that it names. LOOPHOLE_DEBUG=1 adds where it happened.",
  ];
  return { code: exitCodes.fault, text: `${lines.join("\n")}\n${details}` };
}

/** "error: unknown option '--scop'\n(Did you mean --scope?)" as one line with a place. */
function callMistake(message: string): string {
  const line = printable(message.replace(/^error: /, ""));
  const option = /^unknown option '(-[^']*)'|^option '(-[^ ,']*)/.exec(line);
  return `${option?.[1] ?? option?.[2] ?? "loophole"}: ${line} See loophole --help.`;
}

/** One line that moves no cursor, whatever a file says. */
function printable(text: string): string {
  return text.replace(/\s*[\n\r]+\s*/g, " ").replace(/\p{Cc}/gu, " ");
}
