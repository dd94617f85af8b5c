/**
 * Words for people, where only facts belong: sentences and ids of rules in the machine, the search and
 * the judge. What they find is told by `src/report`.
 */
import ts from "typescript";
import { rules } from "../../src/windows/rules.ts";
import type { Breach } from "./breaches.ts";

const factFolders: readonly string[] = ["src/machine/", "src/explore/", "src/judge/"];

/** The notation of mechanisms, by which files and baselines go: it is no story. */
const notation = "src/judge/mechanism-text.ts";

const ruleIds: ReadonlySet<string> = new Set(rules.map(({ id }) => id));

/** Three words in a row. */
const sentence = /\p{L}{2,}[,:;]? \p{L}+[,:;]? \p{L}{2,}/u;

/** Sentences and rule ids among a file's texts. */
export function wordsOf(path: string, text: string): Breach[] {
  if (!factFolders.some((folder) => path.startsWith(folder)) || path === notation) return [];
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const breaches: Breach[] = [];
  const report = (node: ts.Node, what: string): void => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    breaches.push({ place: `${path}:${line + 1}`, what });
  };
  const visit = (node: ts.Node): void => {
    // What must hold is said to ourselves.
    if (ts.isCallExpression(node) && node.expression.getText(source) === "invariant") {
      ts.forEachChild(node.arguments[0], visit);
      return;
    }
    const said = textOf(node);
    if (said !== undefined) {
      if (sentence.test(said)) report(node, `the sentence “${said}”`);
      if (ruleIds.has(said)) report(node, `the rule ${said}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return breaches;
}

function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node) && !ts.isImportDeclaration(node.parent)) return node.text;
  return ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node)
    ? node.text
    : undefined;
}
