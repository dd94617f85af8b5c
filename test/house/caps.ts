/** Caps that a file of the model or the search has for itself, instead of in the list of bounds. */
import ts from "typescript";

/** Folders in which whatever cuts a run, a search or a story has to be in the list. */
export const listed = ["machine", "windows", "explore", "judge", "shrink", "campaign", "worlds"];

/** Sizes of representation, which a run cannot come to. */
const representation: readonly string[] = ["opcodesMax", "shortUsMax", "noLimit"];

const isCapName = (name: string): boolean => /(?:[Mm]ax|[Ll]imit|[Mm]ost)$/.test(name);

const numberOf = (node: ts.Node | undefined): number | undefined =>
  node !== undefined && ts.isNumericLiteral(node) ? Number(node.text) : undefined;

/** Comparisons with a number so large count something up to it, and do not ask what it is. */
const largest = 16;

/** Lines of constants that say how many there may be, and of loops that end at a number. */
export function capsOf(path: string, text: string): string[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const report = (node: ts.Node): void => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    found.push(`${path}:${line + 1}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name)) {
      const { text: name } = node.name;
      const isNumber = numberOf(node.initializer) !== undefined;
      if (isNumber && isCapName(name) && !representation.includes(name)) report(node);
    }
    if (ts.isForStatement(node) || ts.isWhileStatement(node) || ts.isIfStatement(node)) {
      const condition = ts.isForStatement(node) ? node.condition : node.expression;
      if (condition !== undefined && comparesWithCount(condition)) report(node);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function comparesWithCount(node: ts.Node): boolean {
  if (!ts.isBinaryExpression(node)) return false;
  const { operatorToken, left, right } = node;
  const { LessThanToken, LessThanEqualsToken, GreaterThanToken, GreaterThanEqualsToken } =
    ts.SyntaxKind;
  const compares = [LessThanToken, LessThanEqualsToken, GreaterThanToken, GreaterThanEqualsToken];
  if (compares.some((kind) => kind === operatorToken.kind))
    return (numberOf(right) ?? 0) >= largest || (numberOf(left) ?? 0) >= largest;
  return comparesWithCount(left) || comparesWithCount(right);
}
