/** Where a text stops being JSON. `JSON.parse` does not always tell. */

interface JsonFault {
  /** Characters before the fault. */
  readonly offset: number;
  readonly reason: string;
}

const space = /[ \t\n\r]*/y;
const text = String.raw`"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"`;
const key = new RegExp(text, "y");
const number = String.raw`-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])`;
const scalar = new RegExp(String.raw`${text}|${number}|(?:true|false|null)(?!\w)`, "y");

/** The first fault of a text; undefined for JSON. */
export function jsonFault(json: string): JsonFault | undefined {
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const match = pattern.exec(json);
    if (match === null) return false;
    at = pattern.lastIndex;
    return true;
  };
  const skipTo = (wanted: string): boolean => {
    take(space);
    if (json[at] !== wanted) return false;
    at++;
    return true;
  };
  const expected = (what: string): JsonFault => {
    take(space);
    return { offset: at, reason: `${found(json, at)} where ${what} belongs` };
  };
  /** Closing brackets that are still to come: a list, so that no depth of input can overflow. */
  const open: ("]" | "}")[] = [];
  let wantsKey = false;
  for (;;) {
    if (wantsKey) {
      take(space);
      if (!take(key)) return expected("a key in double quotes");
      if (!skipTo(":")) return expected('a ":"');
      wantsKey = false;
    }
    if (skipTo("{")) {
      open.push("}");
      wantsKey = !skipTo("}");
      if (wantsKey) continue;
      open.pop();
    } else if (skipTo("[")) {
      open.push("]");
      if (!skipTo("]")) continue;
      open.pop();
    } else if (!take(scalar)) {
      return expected("a value");
    }
    // A value has ended here, and perhaps what it stands in.
    while (open.length > 0 && skipTo(open[open.length - 1])) open.pop();
    if (open.length === 0) break;
    if (!skipTo(",")) return expected(`a "," or a "${open[open.length - 1]}"`);
    wantsKey = open[open.length - 1] === "}";
  }
  take(space);
  return at === json.length ? undefined : expected("the end of the file");
}

function found(json: string, at: number): string {
  if (at >= json.length) return "the end of the file";
  const rest = json.slice(at);
  if (rest.startsWith("//") || rest.startsWith("/*")) return "a comment (JSON has none)";
  if (rest.startsWith('"')) {
    key.lastIndex = at;
    const whole = key.exec(json)?.[0];
    if (whole !== undefined) return whole.length <= 40 ? whole : "a text";
    return "a text that is not closed on its line, or not escaped right";
  }
  const word = /^[\w.+-]{1,20}/.exec(rest)?.[0] ?? String.fromCodePoint(rest.codePointAt(0) ?? 0);
  return JSON.stringify(word);
}
