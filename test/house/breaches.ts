/** The house rules that no linter here can say, as a function from a file's text to its breaches. */

import { builtinModules } from "node:module";
import ts from "typescript";

export interface Breach {
  /** `src/judge/finding.ts:12`; no line when the whole file is meant. */
  readonly place: string;
  readonly what: string;
}

/** A file of ours is read in one sitting. */
export const linesMax = 400;

/** The one folder that may look at the clock, the process and the environment. */
const outsideWorldFolder = "src/cli/";
const barrels: readonly string[] = ["src/index.ts"];

/** Names that must not stand for the global of that name. */
const bannedGlobals = new Set([
  "Date",
  "Intl",
  "performance",
  "setInterval",
  "setTimeout",
  "Temporal",
]);

/** Members that bring in chance or the outside, by the global that has them. */
const bannedMembers: Readonly<Record<string, readonly string[]>> = {
  Math: ["random"],
  // No "pid": a process of the model may well have one.
  process: ["argv", "cwd", "cpuUsage", "env", "hrtime", "memoryUsage", "platform", "uptime"],
  crypto: ["getRandomValues", "randomUUID", "subtle"],
  globalThis: [...bannedGlobals],
};

/** Methods whose result depends on the machine's locale, on any object. */
const bannedMethods = new Set([
  "localeCompare",
  "toLocaleDateString",
  "toLocaleLowerCase",
  "toLocaleString",
  "toLocaleTimeString",
  "toLocaleUpperCase",
]);

const bannedModules = new Set([
  "node:os",
  "node:perf_hooks",
  "node:process",
  "node:timers",
  "node:timers/promises",
]);
const bannedImports: Readonly<Record<string, readonly string[]>> = {
  "node:crypto": [
    "default",
    "*",
    "getRandomValues",
    "randomBytes",
    "randomFill",
    "randomFillSync",
    "randomInt",
    "randomUUID",
    "webcrypto",
  ],
};

/** All breaches in one file. `path` is relative to the project, with forward slashes. */
export function breachesOf(path: string, text: string): Breach[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const breaches: Breach[] = [];
  const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  if (lines > linesMax) breaches.push({ place: path, what: `${lines} lines, over ${linesMax}` });
  if (/(?:^|\/)index\.[a-z]+$/.test(path) && !barrels.includes(path)) {
    breaches.push({ place: path, what: "a barrel: import from the file that has it" });
  }

  const report = (node: ts.Node, what: string): void => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    breaches.push({ place: `${path}:${line + 1}`, what });
  };
  const judgesDeterminism = !path.startsWith(outsideWorldFolder);
  const visit = (node: ts.Node): void => {
    const specifier = moduleSpecifierOf(node);
    if (specifier !== undefined) {
      const fault = specifierFault(specifier.text);
      if (fault !== undefined) report(specifier, fault);
    }
    if (judgesDeterminism) {
      for (const what of unrepeatable(node, specifier?.text)) report(node, what);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return breaches;
}

function moduleSpecifierOf(node: ts.Node): ts.StringLiteralLike | undefined {
  let specifier: ts.Node | undefined;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    specifier = node.moduleSpecifier;
  } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    specifier = node.arguments[0];
  } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    specifier = node.argument.literal;
  }
  return specifier !== undefined && ts.isStringLiteralLike(specifier) ? specifier : undefined;
}

function specifierFault(specifier: string): string | undefined {
  if (/^\.{1,2}(?:\/|$)/.test(specifier)) {
    if (/(?<!\.d)\.(?:ts|json)$/.test(specifier)) return undefined;
    return `import path "${specifier}" does not end in .ts`;
  }
  if (builtinModules.includes(specifier)) return `import "node:${specifier}" by its full name`;
  return undefined;
}

/** What makes this node's result depend on more than its inputs. */
function unrepeatable(node: ts.Node, specifier: string | undefined): string[] {
  if (specifier !== undefined) return bannedFromModule(node, specifier);
  if (ts.isIdentifier(node) && bannedGlobals.has(node.text) && standsForGlobal(node)) {
    return [node.text];
  }
  if (ts.isPropertyAccessExpression(node)) return bannedMember(node.expression, node.name.text);
  if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression)) {
    return bannedMember(node.expression, node.argumentExpression.text);
  }
  if (
    ts.isVariableDeclaration(node) &&
    ts.isObjectBindingPattern(node.name) &&
    node.initializer !== undefined
  ) {
    const object = node.initializer;
    return node.name.elements.flatMap((element) =>
      bannedMember(object, (element.propertyName ?? element.name).getText()),
    );
  }
  return [];
}

function bannedFromModule(node: ts.Node, specifier: string): string[] {
  if (bannedModules.has(specifier)) return [specifier];
  const banned = bannedImports[specifier];
  if (banned === undefined) return [];
  return importedNames(node)
    .filter((name) => banned.includes(name))
    .map((name) => `${name} of ${specifier}`);
}

/** Names as the other module exports them; "*" for all of it. */
function importedNames(node: ts.Node): string[] {
  if (!ts.isImportDeclaration(node)) return ["*"];
  const clause = node.importClause;
  if (clause === undefined) return [];
  const names = clause.name === undefined ? [] : ["default"];
  const bindings = clause.namedBindings;
  if (bindings === undefined) return names;
  if (ts.isNamespaceImport(bindings)) return [...names, "*"];
  return [...names, ...bindings.elements.map((one) => (one.propertyName ?? one.name).text)];
}

function bannedMember(object: ts.Expression, member: string): string[] {
  if (bannedMethods.has(member)) return [member];
  // `globalThis.process.env` is `process.env`.
  const throughGlobal =
    ts.isPropertyAccessExpression(object) && object.expression.getText() === "globalThis";
  const holder = throughGlobal ? object.name : object;
  if (!ts.isIdentifier(holder) || !Object.hasOwn(bannedMembers, holder.text)) return [];
  return bannedMembers[holder.text].includes(member) ? [`${holder.text}.${member}`] : [];
}

/** Whether a name is used as a value or type here, rather than as the name of a member. */
function standsForGlobal(name: ts.Identifier): boolean {
  const { parent } = name;
  if (ts.isPropertyAccessExpression(parent)) return parent.name !== name;
  if (ts.isQualifiedName(parent)) return parent.right !== name;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  const isMemberName =
    ts.isPropertyAssignment(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isEnumMember(parent);
  return !(isMemberName && parent.name === name);
}
