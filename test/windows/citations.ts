/** Where a source file cites facts: in its data, its comments and the titles of its tests. */

import ts from "typescript";

export interface Citation {
  /** `src/machine/wait.ts:12` */
  readonly place: string;
  readonly id: string;
}

/** What the ids of facts look like, in running text. */
const idShape = /\b(?:CB-[A-Z]\d+|(?:SY|APC|PR|SV)-\d+|R\d{1,2}[ab]?|[BWNT][1-9]\d?|P\d{2})\b/g;

export function idsIn(text: string): string[] {
  return text.match(idShape) ?? [];
}

/**
 * All citations in one file: every string of `facts: […]` and `fact: "…"`, whatever it looks like,
 * and what looks like an id in comments and in titles. Other strings and all names are left alone.
 */
export function citationsIn(path: string, text: string): Citation[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const citations: Citation[] = [];
  const cite = (ids: readonly string[], position: number): void => {
    const { line } = source.getLineAndCharacterOfPosition(position);
    for (const id of ids) citations.push({ place: `${path}:${line + 1}`, id });
  };

  const comments = new Map<number, ts.CommentRange>();
  const visit = (node: ts.Node): void => {
    for (const string of citedStrings(node)) cite([string.text], string.getStart(source));
    const title = titleOf(node);
    if (title !== undefined) cite(idsIn(title.getText(source)), title.getStart(source));
    const children = node.getChildren(source);
    if (children.length === 0) {
      const ranges = [
        ...(ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []),
        ...(ts.getTrailingCommentRanges(text, node.getEnd()) ?? []),
      ];
      for (const range of ranges) comments.set(range.pos, range);
    }
    for (const child of children) visit(child);
  };
  visit(source);
  for (const { pos, end } of comments.values()) citeLines(text.slice(pos, end), pos);
  return citations;

  function citeLines(comment: string, start: number): void {
    let position = start;
    for (const line of comment.split("\n")) {
      cite(idsIn(line), position);
      position += line.length + 1;
    }
  }
}

/** The strings given as `fact` or `facts`, of a property or a constant. */
function citedStrings(node: ts.Node): ts.StringLiteralLike[] {
  if (!ts.isPropertyAssignment(node) && !ts.isVariableDeclaration(node)) return [];
  if (!/^facts?$/.test(node.name.getText()) || node.initializer === undefined) return [];
  const value = unwrapped(node.initializer);
  const values: readonly ts.Expression[] = ts.isArrayLiteralExpression(value)
    ? value.elements
    : [value];
  return values.filter(ts.isStringLiteralLike);
}

function unwrapped(value: ts.Expression): ts.Expression {
  return ts.isAsExpression(value) || ts.isSatisfiesExpression(value)
    ? unwrapped(value.expression)
    : value;
}

/** The title given to `test`, `it` or `describe`, also through `.each(…)`, `.skip` and the like. */
function titleOf(node: ts.Node): ts.Expression | undefined {
  if (!ts.isCallExpression(node) || node.arguments.length === 0) return undefined;
  let callee: ts.Expression = node.expression;
  while (ts.isCallExpression(callee) || ts.isPropertyAccessExpression(callee)) {
    callee = callee.expression;
  }
  if (!ts.isIdentifier(callee) || !/^(?:test|it|describe)$/.test(callee.text)) return undefined;
  const title = node.arguments[0];
  return ts.isStringLiteralLike(title) || ts.isTemplateExpression(title) ? title : undefined;
}
