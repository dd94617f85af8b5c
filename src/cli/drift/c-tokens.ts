/**
 * C (and as much of C++ as drivers have) as tokens: without comments and white space, so that equal
 * tokens are equal code. Nothing is preprocessed; a directive is one token, of its tokens' texts.
 */

export interface Token {
  /** A directive begins with "#". */
  readonly text: string;
  readonly kind: "word" | "text" | "mark" | "directive";
  /** From 1. */
  readonly line: number;
}

const words = /[A-Za-z0-9_$\u0080-\uffff]/;

export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  const text = source.replaceAll(/\r\n?/g, "\n");
  let at = 0;
  let line = 1;
  /** Of the directive that is being read, if one is. */
  let directive: { readonly line: number; readonly parts: string[] } | undefined;
  const add = (kind: Token["kind"], from: number, of: number): void => {
    const part = unspliced(text.slice(from, at));
    if (directive === undefined) tokens.push({ text: part, kind, line: of });
    else directive.parts.push(part);
  };
  const endDirective = (): void => {
    if (directive === undefined) return;
    tokens.push({ text: directive.parts.join(" "), kind: "directive", line: directive.line });
    directive = undefined;
  };
  let isLineStart = true;
  while (at < text.length) {
    const from = at;
    const of = line;
    const c = text[at];
    if (c === "\n") {
      at++;
      line++;
      endDirective();
      isLineStart = true;
    } else if (c === "\\" && text[at + 1] === "\n") {
      at += 2;
      line++;
    } else if (/\s/.test(c)) at++;
    else if (c === "/" && text[at + 1] === "/") {
      at = endOfLine(text, at);
      line += newlines(text, from, at);
    } else if (c === "/" && text[at + 1] === "*") {
      const end = text.indexOf("*/", at + 2);
      at = end < 0 ? text.length : end + 2;
      line += newlines(text, from, at);
    } else if (c === "#" && isLineStart) {
      at++;
      directive = { line, parts: ["#"] };
      isLineStart = false;
    } else {
      isLineStart = false;
      at = endOfToken(text, at);
      line += newlines(text, from, at);
      const kind = /["']$/.test(text.slice(from, at)) ? "text" : words.test(c) ? "word" : "mark";
      add(kind, from, of);
    }
  }
  endDirective();
  return tokens;
}

function newlines(text: string, from: number, to: number): number {
  let count = 0;
  for (let i = from; i < to; i++) if (text[i] === "\n") count++;
  return count;
}

/** Where a line comment ends: a backslash at the end of its line takes in the next. */
function endOfLine(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== "\n") at += text[at] === "\\" ? 2 : 1;
  return Math.min(at, text.length);
}

function endOfToken(text: string, from: number): number {
  const raw = /^(?:u8|[uUL])?R"([^()\\\s]{0,16})\(/.exec(text.slice(from, from + 24));
  if (raw !== null) {
    const end = text.indexOf(`)${raw[1]}"`, from + raw[0].length);
    return end < 0 ? text.length : end + raw[1].length + 2;
  }
  const quote = /^(?:u8|[uUL])?(["'])/.exec(text.slice(from, from + 3));
  if (quote !== null) return endOfQuoted(text, from + quote[0].length, quote[1]);
  if (!words.test(text[from])) return from + 1;
  let at = from;
  while (at < text.length && (words.test(text[at]) || isSplice(text, at))) {
    at += isSplice(text, at) ? 2 : 1;
  }
  return at;
}

const isSplice = (text: string, at: number): boolean => text[at] === "\\" && text[at + 1] === "\n";

/** A line breaks off a text that is not closed, such as an apostrophe after #error. */
function endOfQuoted(text: string, from: number, quote: string): number {
  let at = from;
  while (at < text.length && text[at] !== "\n") {
    if (text[at] === quote) return at + 1;
    at += text[at] === "\\" ? 2 : 1;
  }
  return Math.min(at, text.length);
}

const unspliced = (text: string): string => text.replaceAll("\\\n", "");
