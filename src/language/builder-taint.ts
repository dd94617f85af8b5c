/**
 * Which names and expressions of a recorded function stand for things of the driver: its
 * parameters (the recorders), and all that is made from them. Names are resolved by scope; the
 * marks spread until nothing changes.
 */
import type { AnyNode } from "acorn";
import {
  type Binding,
  childrenOf,
  type FunctionNode,
  isFunction,
  type Names,
  namesIn,
  resolve,
} from "./builder-syntax.ts";

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

function isNothing(node: AnyNode): boolean {
  if (node.type === "Literal") return node.value === null && node.raw === "null";
  if (node.type === "UnaryExpression") return node.operator === "void";
  return node.type === "Identifier" && node.name === "undefined";
}
