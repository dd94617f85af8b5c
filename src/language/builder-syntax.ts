/** Names and scopes in the source of a recorded function: which declaration an identifier means. */
import type { AnyNode, Function as FunctionSyntax, Identifier } from "acorn";

export type FunctionNode = FunctionSyntax & AnyNode;

export interface Binding {
  recorded: boolean;
  /** Functions that the name may stand for. */
  readonly functions: Set<FunctionNode>;
}

export interface Names {
  readonly own: Map<string, Binding>;
  readonly outer: Names | undefined;
}

/** Gives each identifier the names that are in scope where it stands. */
export function resolve(
  node: AnyNode,
  outer: Names | undefined,
  scopes: Map<AnyNode, Names>,
): void {
  const names = opensScope(node) ? { own: new Map<string, Binding>(), outer } : outer;
  const declare = (pattern: AnyNode, value?: FunctionNode): void => {
    for (const { name } of namesIn(pattern)) {
      const functions = new Set(value === undefined ? [] : [value]);
      if (names?.own.has(name) === false) names.own.set(name, { recorded: false, functions });
    }
  };
  if (isFunction(node)) {
    for (const parameter of node.params) declare(parameter);
    if (node.type === "FunctionExpression" && node.id) declare(node.id, node);
  }
  if (node.type === "CatchClause" && node.param) declare(node.param);
  for (const declaration of opensScope(node) ? declarationsOf(node) : []) {
    if (declaration.type === "VariableDeclaration") declare(declaration);
    else if (declaration.id) {
      declare(declaration.id, isFunction(declaration) ? declaration : undefined);
    }
  }
  if (node.type === "Identifier" && names !== undefined) scopes.set(node, names);
  const block = isFunction(node) ? node.body : undefined;
  for (const child of childrenOf(node)) {
    // The block of a function is the function's own scope.
    const parts = child === block && child.type === "BlockStatement" ? child.body : [child];
    for (const part of parts) resolve(part, names, scopes);
  }
}

type Declaration = Extract<
  AnyNode,
  { type: "FunctionDeclaration" | "ClassDeclaration" | "VariableDeclaration" }
>;

/** Declarations of a scope: its own, and for a function, every `var` further in. */
function declarationsOf(scope: AnyNode): Declaration[] {
  const ofFunction = isFunction(scope);
  const found: Declaration[] = [];
  const search = (node: AnyNode, direct: boolean): void => {
    for (const child of childrenOf(node)) {
      if (child.type === "VariableDeclaration") {
        if (child.kind === "var" ? ofFunction : direct) found.push(child);
      } else if (child.type === "FunctionDeclaration" || child.type === "ClassDeclaration") {
        if (direct) found.push(child);
      }
      if (isFunction(child)) continue;
      if (!opensScope(child)) search(child, direct);
      else if (ofFunction) search(child, false);
    }
  };
  search(ofFunction && scope.body.type === "BlockStatement" ? scope.body : scope, true);
  return found;
}

function opensScope(node: AnyNode): boolean {
  return (
    isFunction(node) ||
    ["BlockStatement", "ForStatement", "ForOfStatement", "ForInStatement"].includes(node.type) ||
    ["SwitchStatement", "CatchClause"].includes(node.type)
  );
}

export function isFunction(node: AnyNode): node is FunctionNode {
  return (
    node.type === "ArrowFunctionExpression" ||
    node.type === "FunctionExpression" ||
    node.type === "FunctionDeclaration"
  );
}

/** The names that a pattern binds. */
export function namesIn(pattern: AnyNode): Identifier[] {
  const found: Identifier[] = [];
  const visit = (node: AnyNode | null): void => {
    switch (node?.type) {
      case "Identifier":
        found.push(node);
        break;
      case "ObjectPattern":
        node.properties.forEach(visit);
        break;
      case "Property":
        visit(node.value);
        break;
      case "ArrayPattern":
        node.elements.forEach(visit);
        break;
      case "AssignmentPattern":
        visit(node.left);
        break;
      case "RestElement":
        visit(node.argument);
        break;
      case "VariableDeclaration":
        for (const { id } of node.declarations) visit(id);
        break;
      default:
    }
  };
  visit(pattern);
  return found;
}

export function childrenOf(node: AnyNode): AnyNode[] {
  const isNode = (value: unknown): value is AnyNode =>
    typeof (value as AnyNode | null | undefined)?.type === "string";
  return Object.values(node).flat().filter(isNode);
}
