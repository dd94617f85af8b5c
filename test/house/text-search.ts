/**
 * Where code looks a question up in a model's text or names: what JSON says is searched, or a call
 * of the API table is meant by its name. Such code misses a user's own call that does the same.
 */
import ts from "typescript";
import { apiTable } from "../../src/windows/api/table.ts";
import type { Breach } from "./breaches.ts";

const apiNames: readonly string[] = apiTable.map(({ name }) => name);
/** How calls of kernel mode begin: what else begins like that is a part of a call's name. */
const prefix = /\b(?:Ex|Flt|Interlocked|Io|Ke|Lpc|Mm|Nt|Ob|Ps|Rtl|Se|Wdf|Zw)[A-Z]\w*/g;

/** Who names calls: the table, families by what registers them, users' calls, words for people. */
const namingFolders: readonly string[] = [
  "src/windows/api/",
  "src/windows/families/",
  "src/windows/facts/",
  "src/report/",
  "src/windows/rules.ts",
  "src/windows/user-calls.ts",
  "src/cli/help.ts",
  "src/cli/init/",
];

const searches = new Set(["includes", "indexOf", "match", "matchAll", "search", "startsWith"]);

/** All places of a file that search text for what the model says. */
export function textSearchesOf(path: string, text: string): Breach[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const breaches: Breach[] = [];
  const report = (node: ts.Node, what: string): void => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    breaches.push({ place: `${path}:${line + 1}`, what });
  };
  const namesCalls = namingFolders.some((folder) => path.startsWith(folder));
  const visit = (node: ts.Node): void => {
    if (isSearch(node)) report(node, "a search through JSON text");
    const named = namesCalls ? undefined : callNamedBy(node);
    if (named !== undefined) report(node, `the call ${named} by its name`);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return breaches;
}

/** `JSON.stringify(…).includes(…)`, or the same of a constant that holds such a text. */
function isSearch(node: ts.Node): boolean {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
  const { expression, name } = node.expression;
  if (searches.has(name.text)) return holdsJson(expression);
  return name.text === "test" && node.arguments.some(holdsJson);
}

function holdsJson(node: ts.Expression): boolean {
  if (ts.isIdentifier(node)) {
    const initializer = initializerOf(node);
    return initializer !== undefined && initializer !== node && isJson(initializer);
  }
  return isJson(node);
}

const isJson = (node: ts.Expression): boolean =>
  ts.isCallExpression(node) && node.expression.getText() === "JSON.stringify";

/** What the constant was declared as, in the nearest block around its use. */
function initializerOf(use: ts.Identifier): ts.Expression | undefined {
  for (let at: ts.Node | undefined = use.parent; at !== undefined; at = at.parent) {
    if (!ts.isBlock(at) && !ts.isSourceFile(at)) continue;
    for (const statement of at.statements) {
      if (!ts.isVariableStatement(statement)) continue;
      for (const { name, initializer } of statement.declarationList.declarations) {
        if (ts.isIdentifier(name) && name.text === use.text) return initializer;
      }
    }
  }
  return undefined;
}

/** The call of the table, or the several, that a literal stands for. */
function callNamedBy(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node) && !ts.isImportDeclaration(node.parent)) {
    return meant(node.text);
  }
  if (ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node)) {
    return meant(node.text);
  }
  return ts.isRegularExpressionLiteral(node) ? meant(node.text.slice(1, -1)) : undefined;
}

function meant(text: string): string | undefined {
  const whole = apiNames.find((name) => text === name);
  if (whole !== undefined) return whole;
  const words = text.match(prefix) ?? [];
  return words.find((word) => apiNames.some((name) => name.startsWith(word)));
}
