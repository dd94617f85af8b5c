/**
 * Which names and expressions of a recorded function stand for things of the driver: its
 * parameters (the recorders), and all that is made from them. Names are resolved by scope; the
 * marks spread until nothing changes.
 */
import type { AnyNode, Function as FunctionSyntax, Identifier } from "acorn";

export type FunctionNode = FunctionSyntax & AnyNode;

interface Binding {
  recorded: boolean;
  /** Functions that the name may stand for. */
  readonly functions: Set<FunctionNode>;
}

interface Names {
  readonly own: Map<string, Binding>;
  readonly outer: Names | undefined;
}

export interface Taint {
  isRecorded(expression: AnyNode): boolean;
  /** Functions that are given to a recorder: they run while the driver is recorded. */
  readonly callbacks: ReadonlySet<FunctionNode>;
}

export function traceTaint(root: FunctionNode): Taint {
  const scopes = new Map<AnyNode, Names>();
  const callbacks = new Set<FunctionNode>([root]);
  const returning = new Set<FunctionNode>();
  let changed = true;

  const lookUp = (name: string, from: Names | undefined): Binding | undefined => {
    for (let names = from; names !== undefined; names = names.outer) {
      const binding = names.own.get(name);
      if (binding !== undefined) return binding;
    }
    return undefined;
  };

  const isRecorded = (node: AnyNode): boolean => {
    switch (node.type) {
      case "Identifier":
        return lookUp(node.name, scopes.get(node))?.recorded === true;
      case "MemberExpression":
        return isRecorded(node.object);
      case "ChainExpression":
        return isRecorded(node.expression);
      case "CallExpression":
      case "NewExpression":
        return (
          isRecorded(node.callee) ||
          node.arguments.some(isRecorded) ||
          functionsOf(node.callee).some((one) => returning.has(one))
        );
      case "UnaryExpression":
        return (node.operator === "!" || node.operator === "-") && isRecorded(node.argument);
      case "BinaryExpression":
        // Whether a handle is there at all is a fact of the recording: `x !== undefined`.
        return (
          !["in", "instanceof"].includes(node.operator) &&
          !isNothing(node.left) &&
          !isNothing(node.right) &&
          (isRecorded(node.left) || isRecorded(node.right))
        );
      case "LogicalExpression":
        return isRecorded(node.left) || isRecorded(node.right);
      case "ConditionalExpression":
        return isRecorded(node.consequent) || isRecorded(node.alternate);
      case "SequenceExpression":
        return isRecorded(node.expressions[node.expressions.length - 1]);
      case "AssignmentExpression":
        return isRecorded(node.right);
      case "TemplateLiteral":
        return node.expressions.some(isRecorded);
      case "SpreadElement":
        return isRecorded(node.argument);
      default:
        return false;
    }
  };

  const functionsOf = (node: AnyNode): FunctionNode[] => {
    if (isFunction(node)) return [node];
    if (node.type === "Identifier") {
      return [...(lookUp(node.name, scopes.get(node))?.functions ?? [])];
    }
    // Loaders of TypeScript wrap functions to keep their names: __name(() => …, "name").
    if (node.type === "CallExpression" && node.arguments.length === 2 && isHostCall(node)) {
      return functionsOf(node.arguments[0]);
    }
    return [];
  };
  const isHostCall = (node: { callee: AnyNode }): boolean =>
    node.callee.type === "Identifier" && node.callee.name === "__name";

  const markPattern = (pattern: AnyNode): void => {
    for (const name of namesIn(pattern)) {
      const binding = lookUp(name.name, scopes.get(name));
      if (binding === undefined || binding.recorded) continue;
      binding.recorded = true;
      changed = true;
    }
  };
  const addTo = <T>(set: Set<T>, one: T): void => {
    if (set.has(one)) return;
    set.add(one);
    changed = true;
  };
  const markCallback = (node: AnyNode): void => {
    for (const one of functionsOf(node)) {
      addTo(callbacks, one);
      for (const parameter of one.params) markPattern(parameter);
    }
  };
  const bind = (target: AnyNode, value: AnyNode): void => {
    if (isRecorded(value)) markPattern(target);
    if (target.type !== "Identifier") return;
    const binding = lookUp(target.name, scopes.get(target));
    if (binding === undefined) return;
    for (const one of functionsOf(value)) addTo(binding.functions, one);
  };

  const spread = (node: AnyNode, inside: FunctionNode): void => {
    const enclosing = isFunction(node) ? node : inside;
    if (node.type === "VariableDeclarator" && node.init) bind(node.id, node.init);
    if (node.type === "AssignmentExpression") bind(node.left, node.right);
    if (node.type === "ForOfStatement" && isRecorded(node.right)) markPattern(node.left);
    if (node.type === "ReturnStatement" && node.argument && isRecorded(node.argument)) {
      addTo(returning, inside);
    }
    if (isFunction(node) && node.type === "ArrowFunctionExpression" && node.expression) {
      if (isRecorded(node.body)) addTo(returning, node);
    }
    if (node.type === "CallExpression") {
      if (isRecorded(node.callee) || node.arguments.some(isRecorded)) {
        node.arguments.forEach(markCallback);
      }
      for (const called of functionsOf(node.callee)) {
        node.arguments.forEach((argument, position) => {
          const parameter = called.params[position];
          if (parameter !== undefined && isRecorded(argument)) markPattern(parameter);
        });
      }
    }
    for (const child of childrenOf(node)) spread(child, enclosing);
  };

  resolve(root, undefined, scopes);
  for (const parameter of root.params) markPattern(parameter);
  while (changed) {
    changed = false;
    spread(root, root);
  }
  return { isRecorded, callbacks };
}

/** Gives each identifier the names that are in scope where it stands. */
function resolve(node: AnyNode, outer: Names | undefined, scopes: Map<AnyNode, Names>): void {
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

function isNothing(node: AnyNode): boolean {
  if (node.type === "Literal") return node.value === null && node.raw === "null";
  if (node.type === "UnaryExpression") return node.operator === "void";
  return node.type === "Identifier" && node.name === "undefined";
}

/** The names that a pattern binds. */
function namesIn(pattern: AnyNode): Identifier[] {
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
