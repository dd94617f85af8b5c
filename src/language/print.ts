/** Drivers as text for people who read C. */
import { unreachable } from "../base/invariant.ts";
import type {
  Body,
  CallStatement,
  ObjectDecl,
  OtherStatement,
  PollStatement,
  Routine,
  RoutineRole,
  Statement,
} from "./model.ts";
import { printCondition, printDuration, printOperand, printTime } from "./print-operand.ts";
import { type ApiShape, apisByName } from "./shape.ts";

export { operationId, operationIds } from "./print-id.ts";
export { printCondition, printDuration } from "./print-operand.ts";

type Apis = readonly ApiShape[];

/** One statement on one line, without what is inside it: `KeSetEvent(ScanDone)`, `if IsProtected`. */
export function printStatement(statement: Statement, apis: Apis): string {
  switch (statement.kind) {
    case "call":
      return printCall(statement, apis);
    case "if":
      return `if ${printCondition(statement.test)}`;
    case "repeat":
      return `repeat ${statement.times} times`;
    case "forever":
      return "for ever";
    case "poll":
      return `until ${printCondition(statement.until)}, ${pollLimit(statement)}`;
    case "return":
      return "return";
    case "veto":
      return "CreationStatus = an error";
    case "invoke":
      return `${statement.routine}()`;
    case "other":
      return printOther(statement);
    default:
      return unreachable(statement, "kind of statement");
  }
}

/**
 * Arguments in the order of the API's parameters. Of those left out only timeouts are shown: a
 * wait without one should look like it.
 */
function printCall({ api: name, args }: CallStatement, apis: Apis): string {
  const api = apisByName(apis).get(name);
  const parts: string[] = [];
  for (const param of api?.params ?? []) {
    const isTime = param.kind.type === "timeout";
    const shown = args[param.name] ?? (isTime ? param.default : undefined);
    if (shown === undefined) continue;
    // A time that a call has to be given is how long it takes, not when it gives up.
    parts.push(isTime && param.default === undefined ? printTime(shown) : printOperand(shown));
  }
  // An API that this table lacks: in the order of the file.
  if (api === undefined) parts.push(...Object.values(args).map(printOperand));
  return `${name}(${parts.join(", ")})`;
}

function printOther({ name, costUs, waitsFor, raises, irql }: OtherStatement): string {
  const assumed = [`takes ${printDuration(costUs)}`];
  if (waitsFor !== undefined) assumed.push(`waits for ${printOperand(waitsFor)}`);
  if (raises !== undefined) assumed.push(`raises ${raises} callbacks`);
  if (irql !== undefined) assumed.push(`at ${irql} or below`);
  return `${name}() [assumed: ${assumed.join(", ")}]`;
}

function pollLimit({ limit }: PollStatement): string {
  if (limit === null) return "without limit";
  return limit === 1 ? "at most 1 round" : `at most ${limit} rounds`;
}

/** A routine with its frame and all its statements, one a line, ending in a line break. */
export function printRoutine(routine: Routine, apis: Apis): string {
  const { name, role, within, locals, body, at } = routine;
  const frame = within === undefined ? "" : ` in the frame of ${within}`;
  const lines = [withPlace(`${name}: ${roleWords[role]}${frame}`, at)];
  for (const decl of locals) lines.push(`  ${printDecl(decl)}`);
  lines.push(...bodyLines(body, apis, "  "));
  return `${lines.join("\n")}\n`;
}

function bodyLines(body: Body, apis: Apis, indent: string): string[] {
  return body.flatMap((statement) => {
    const lines = [withPlace(`${indent}${printStatement(statement, apis)}`, statement.at)];
    const inner = `${indent}  `;
    if (statement.kind === "if") {
      lines.push(...bodyLines(statement.then, apis, inner));
      if (statement.else !== undefined) {
        lines.push(`${indent}else`, ...bodyLines(statement.else, apis, inner));
      }
    } else if ("body" in statement) lines.push(...bodyLines(statement.body, apis, inner));
    return lines;
  });
}

function withPlace(line: string, at: string | undefined): string {
  return at === undefined ? line : `${line}  // ${at}`;
}

/** `KMUTEX Lock`, `variable Count = 3`, `Callback *Entry`. */
export function printDecl({ name, kind, initial, record }: ObjectDecl): string {
  switch (kind) {
    case "pointer":
      return record === undefined ? `pointer ${name}` : `${record} *${name}`;
    case "variable":
      return `variable ${name} = ${initial ?? 0}`;
    case "NotificationEvent":
    case "SynchronizationEvent":
      return `KEVENT ${name} (${kind}${initial === 1 ? ", signalled" : ""})`;
    default:
      return `${kind} ${name}`;
  }
}

const roleWords: Readonly<Record<RoutineRole, string>> = {
  callback: "callback",
  entry: "driver entry",
  unload: "driver unload",
  workItem: "work item",
  systemThread: "system thread",
  apc: "kernel APC",
  dpc: "DPC",
  request: "request",
  cleanup: "cleanup",
  function: "function",
  userThread: "user thread",
};
