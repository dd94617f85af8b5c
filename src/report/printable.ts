/**
 * The border to terminals and to the logs that CI systems read. Names come from files; here they
 * become text that moves no cursor, turns no line round and is no command, whatever stands in them.
 */

/** Controls, marks of direction, separators and halves of characters: all that is not seen itself. */
const unseen = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const hex = (character: string): string => (character.codePointAt(0) as number).toString(16);

/** What is not seen becomes `\u{1b}`; line breaks and tabs stay. */
export const visible = (text: string): string =>
  text.replaceAll("\r\n", "\n").replace(unseen, (character) => `\\u{${hex(character)}}`);

/** The colours and weights of our own reports, as terminals take them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what terminals take.
const ownStyle = /(\u001b\[(?:0|1|2|22|31|32|33|36|39)m)/;

/** A workflow command of GitHub's: the first that is seen on a line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a style may stand before it.
const commandAtStart = /^((?:\s|\u001b\[\d+m)*)::/gm;
/** Commands of Azure, of TeamCity and older ones of GitHub's: anywhere on a line. */
const commandAnywhere = /##(?=\w*\[)/g;

/** Lines for people. @param colours Whether our own colours are asked for; others never are. */
export function printable(text: string, colours = false): string {
  const shown = colours
    ? text
        .split(ownStyle)
        .map((part, i) => (i % 2 === 1 ? part : visible(part)))
        .join("")
    : visible(text);
  return shown.replace(commandAtStart, "$1\\::").replace(commandAnywhere, "#\\#");
}

/** One line of JSON that says the same, and holds neither of these. */
export const printableJson = (value: unknown): string =>
  JSON.stringify(value)
    .replace(/[\u007f-\u009f]|(?!\n)[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, asUnits)
    .replace(commandAnywhere, "#\\u0023");

/** As JSON has it: `\u202e`, and two of them beyond U+FFFF. */
const asUnits = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`,
  ).join("");
