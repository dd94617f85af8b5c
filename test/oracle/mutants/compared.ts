/** The two sides of a comparison in a line of compiled text, which is not understood further. */

export interface Compared {
  readonly left: string;
  readonly right: string;
  /** What stands behind the right side. */
  readonly behind: string;
}

const opening = "([{";
const closing = ")]}";
/** Between operands that are none of each other's parts. */
const between = [" && ", " || ", " ? ", " : ", " = ", "; ", ", "];

/** Where an operand begins that ends where this text does. */
function beginOf(text: string): number {
  let depth = 0;
  for (let at = text.length - 1; at >= 0; at--) {
    if (closing.includes(text[at])) depth++;
    else if (opening.includes(text[at]) && depth-- === 0) return at + 1;
    if (depth > 0) continue;
    const found = between.find((one) => text.endsWith(one, at + 1));
    if (found !== undefined) return at + 1;
  }
  return 0;
}

/** Where an operand ends that begins where this text does. */
function endOf(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (opening.includes(text[at])) depth++;
    else if (closing.includes(text[at]) && depth-- === 0) return at;
    if (depth > 0) continue;
    if (text[at] === ";" || between.some((one) => text.startsWith(one, at))) return at;
  }
  return text.length;
}

/** `column`, from 1 on, is where the operator stands, the space ahead of it included. */
export function comparedIn(line: string, column: number): Compared | undefined {
  const ahead = line.slice(0, column - 1);
  const [operator] = /^ [<>]=? /.exec(line.slice(column - 1)) ?? [];
  if (operator === undefined) return undefined;
  const left = ahead.slice(beginOf(ahead)).replace(/^\s*(?:return )?/, "");
  const rest = line.slice(column - 1 + operator.length);
  const end = endOf(rest);
  return { left, right: rest.slice(0, end), behind: rest.slice(end) };
}
