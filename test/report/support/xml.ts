/** A small, strict reader of XML: what it does not know is a fault. */
interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

const start = /<([a-z-]+)((?: [a-z]+="[^"<]*")*)(\/?)>/y;
const end = /<\/([a-z-]+)>/y;
const characters = /[^<]+/y;
const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** The root element of a document. */
export function readXml(document: string): Element {
  if (!document.startsWith(declaration)) throw new Error("no declaration");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML has no place for
  const bad = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]/u.exec(document);
  if (bad !== null) throw new Error(`a character that XML lacks at ${bad.index}`);
  let at = declaration.length;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(document);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  const element = (): Element => {
    const open = take(start);
    if (open === null) throw new Error(`no element at ${document.slice(at, at + 40)}`);
    const [, name, list, isEmpty] = open;
    const attributes: Record<string, string> = {};
    for (const [, key, value] of list.matchAll(/ ([a-z]+)="([^"]*)"/g)) {
      if (key in attributes) throw new Error(`${key} stands twice`);
      attributes[key] = dereferenced(value.replace(/[\t\n\r]/g, " "));
    }
    const children: Element[] = [];
    let text = "";
    while (isEmpty === "") {
      const said = take(characters);
      if (said !== null) text += dereferenced(said[0].replace(/\r\n?/g, "\n"));
      const close = take(end);
      if (close !== null) {
        if (close[1] !== name) throw new Error(`${name} ends as ${close[1]}`);
        break;
      }
      if (said === null || document[at] === "<") children.push(element());
    }
    return { name, attributes, children, text };
  };
  const root = element();
  if (document.slice(at) !== "\n") throw new Error("more than one element");
  return root;
}

const entities: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

function dereferenced(text: string): string {
  return text.replace(/&([^;&]*);?/g, (whole, name: string) => {
    const code = /^#(\d+)$/.exec(name)?.[1];
    const value = code === undefined ? entities[name] : String.fromCodePoint(Number(code));
    if (value === undefined || !whole.endsWith(";")) throw new Error(`no reference: ${whole}`);
    return value;
  });
}
