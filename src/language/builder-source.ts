/**
 * Reads the source of a recorded function for tests that JavaScript would decide while the driver
 * is recorded: `if (a.isCreate())` is true whenever it is reached, since a condition is an object.
 * What the function makes from its parameters must not be tested; a plain host value may.
 */
import { type AnyNode, parse } from "acorn";
import { childrenOf, type FunctionNode, isFunction } from "./builder-syntax.ts";
import { type Taint, traceTaint } from "./builder-taint.ts";

export interface Suspicion {
  /** The text of the function, given to a recorder, in which the test stands. */
  readonly within: string;
  readonly message: string;
}

interface Reading {
  /** Texts of all functions that were read through as bodies. */
  readonly covered: readonly string[];
  readonly suspicions: readonly Suspicion[];
}

/** Reads one function; undefined when its source is not there (native or bound functions). */
export function readBody(text: string): Reading | undefined {
  const root = parseFunction(text);
  if (root === undefined) return undefined;
  const { body, source } = root;
  const taint = traceTaint(body);
  // The text of a method begins with its name, its function behind it.
  const textOf = (node: AnyNode): string =>
    node === body ? text : source.slice(node.start, node.end);
  const found: Suspicion[] = [];
  const visit = (node: AnyNode, callback: FunctionNode): void => {
    const inside = isFunction(node) && taint.callbacks.has(node) ? node : callback;
    for (const tested of testsOf(node, taint)) {
      const message = messageFor(shorten(textOf(tested)), words[node.type] ?? "test");
      found.push({ within: textOf(inside), message });
    }
    for (const child of childrenOf(node)) visit(child, inside);
  };
  visit(body, body);
  return { covered: [...taint.callbacks].map(textOf), suspicions: found };
}

/** What a node tests and must not. */
function testsOf(node: AnyNode, taint: Taint): AnyNode[] {
  switch (node.type) {
    case "IfStatement":
    case "ConditionalExpression":
    case "WhileStatement":
    case "DoWhileStatement":
      return [node.test].filter(taint.isRecorded);
    case "ForStatement":
      return node.test ? [node.test].filter(taint.isRecorded) : [];
    case "SwitchStatement":
      return [node.discriminant, ...node.cases.flatMap((one) => one.test ?? [])].filter(
        taint.isRecorded,
      );
    case "LogicalExpression":
      return node.operator === "??" ? [] : [node.left].filter(taint.isRecorded);
    case "AssignmentExpression":
      return ["&&=", "||="].includes(node.operator) ? [node.left].filter(taint.isRecorded) : [];
    case "UnaryExpression":
      return node.operator === "!" ? [node.argument].filter(taint.isRecorded) : [];
    default:
      return [];
  }
}

const words: Readonly<Record<string, string>> = {
  IfStatement: "if",
  ConditionalExpression: "?:",
  WhileStatement: "while",
  DoWhileStatement: "while",
  ForStatement: "for",
  SwitchStatement: "switch",
  LogicalExpression: "&& or ||",
  AssignmentExpression: "&&= or ||=",
  UnaryExpression: "!",
};

function messageFor(tested: string, construct: string): string {
  return (
    `JavaScript's ${construct} tests \`${tested}\`, which stands for something in the driver: ` +
    "it would be decided once, while the driver is recorded. Write a.when(condition, () => { … }), " +
    "a.repeat or a.poll; combine conditions with not, and, or"
  );
}

const shownMax = 60;
function shorten(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length <= shownMax ? line : `${line.slice(0, shownMax)}…`;
}

/** Functions and arrows parse in brackets, methods in an object. */
function parseFunction(text: string): { body: FunctionNode; source: string } | undefined {
  for (const source of [`(${text})`, `({${text}})`]) {
    try {
      const program = parse(source, {
        ecmaVersion: "latest",
        sourceType: "module",
        allowSuperOutsideMethod: true,
        checkPrivateFields: false,
      });
      const [statement] = program.body;
      if (statement?.type !== "ExpressionStatement") continue;
      const body = firstFunction(statement.expression);
      if (body !== undefined) return { body, source };
    } catch {
      // Not this form.
    }
  }
  return undefined;
}

function firstFunction(expression: AnyNode): FunctionNode | undefined {
  if (isFunction(expression)) return expression;
  if (expression.type !== "ObjectExpression") return undefined;
  const [property] = expression.properties;
  if (property?.type !== "Property") return undefined;
  return isFunction(property.value) ? property.value : undefined;
}
