/** Checks the statements of one routine. */
import { unreachable } from "../base/invariant.ts";
import { waitableKinds } from "./builder-kinds.ts";
import type { Body, CallStatement, Statement } from "./model.ts";
import { type ApiShape, ambiguous, apisByName, type FamilyForm, runsIn } from "./shape.ts";
import { checkCondition, type Results } from "./validate-condition.ts";
import { checkLoops } from "./validate-loop.ts";
import type { Path } from "./validate-names.ts";
import { didYouMean } from "./validate-nearest.ts";
import { checkArgs, checkObject, type RoutineContext } from "./validate-operand.ts";

interface BodyContext extends RoutineContext {
  readonly apis: readonly ApiShape[];
  /** Families for which the routine is registered. */
  readonly registered: readonly FamilyForm[];
}

export function checkBody(context: BodyContext, path: Path): void {
  const results = collectResults(context, path);
  const labels = new Set<string>();
  walk(context.routine.body, path, (statement, at) => {
    const { label } = statement;
    if (label !== undefined) {
      if (labels.has(label))
        context.fail([...at, "label"], `two statements have the label "${label}"`);
      labels.add(label);
    }
    checkStatement(context, results, statement, at);
  });
  checkLoops(context, path);
}

/** Visits all statements in the order of the text. */
export function walk(
  body: Body,
  path: Path,
  visit: (statement: Statement, path: Path) => void,
): void {
  body.forEach((statement, i) => {
    const at = [...path, i];
    visit(statement, at);
    if (statement.kind === "if") {
      walk(statement.then, [...at, "then"], visit);
      if (statement.else !== undefined) walk(statement.else, [...at, "else"], visit);
    } else if ("body" in statement) walk(statement.body, [...at, "body"], visit);
  });
}

function collectResults(context: BodyContext, path: Path): Results {
  const results = new Map<string, ApiShape>();
  walk(context.routine.body, path, (statement, at) => {
    if (statement.kind !== "call" || statement.result === undefined) return;
    const api = findApi(context, statement, at);
    if (results.has(statement.result)) {
      context.fail([...at, "result"], `two calls keep their result as "${statement.result}"`);
    }
    results.set(statement.result, api);
  });
  return results;
}

function findApi(context: BodyContext, { api }: CallStatement, path: Path): ApiShape {
  const { apis, routine } = context;
  const index = apisByName(apis);
  const found = index.get(api);
  const mode = routine.role === "userThread" ? "user" : "kernel";
  if (found === undefined) {
    const sameMode = apis.filter((one) => runsIn(one, mode)).map(({ name }) => name);
    context.fail(
      [...path, "api"],
      `unknown call "${api}"${didYouMean(api, sameMode) || "."} ` +
        'If the table lacks it, write a statement of kind "other"',
    );
  }
  if (routine.role !== "systemThread" && found.does.some(({ op }) => op === "endThread")) {
    context.fail(
      [...path, "api"],
      `${api} ends a system thread, and is called in its own routine: return from ${routine.name} first`,
    );
  }
  if (!runsIn(found, mode)) {
    context.fail(
      [...path, "api"],
      `${api} is a ${found.mode}-mode call, and ${routine.name} runs in ${mode} mode`,
    );
  }
  return found;
}

function checkStatement(
  context: BodyContext,
  results: Results,
  statement: Statement,
  path: Path,
): void {
  const { routine } = context;
  switch (statement.kind) {
    case "call":
      checkCall(context, statement, path);
      return;
    case "if":
      checkCondition(context, results, statement.test, [...path, "test"]);
      return;
    case "poll":
      checkCondition(context, results, statement.until, [...path, "until"]);
      return;
    case "invoke":
      checkInvoke(context, statement.routine, [...path, "routine"]);
      return;
    case "other":
      checkOther(context, statement, path);
      return;
    case "veto":
      if (routine.role !== "callback" && routine.role !== "function") {
        context.fail(path, "only a callback can veto");
      }
      if (routine.role === "callback" && !context.registered.some(({ family }) => family.veto)) {
        context.fail(path, `${routine.name} is registered for no family whose callbacks can veto`);
      }
      return;
    case "repeat":
    case "forever":
    case "return":
      return;
    default:
      unreachable(statement, "kind of statement");
  }
}

function checkCall(
  context: BodyContext,
  statement: Extract<Statement, { kind: "call" }>,
  path: Path,
): void {
  const api = findApi(context, statement, path);
  checkArgs(context, api, statement.args, [...path, "args"]);
  // Which events of a family somebody added does a call of the table raise that knows the family alone?
  if (api.does.some(({ op }) => op === "raise" || op === "act")) return;
  for (const raised of api.raises) {
    const several = ambiguous(context.forms.get(raised));
    if (several === undefined) continue;
    const instead = `a.other("${api.name}", { raises: … })`;
    context.fail([...path, "api"], `${api.name} raises ${raised}. ${several}, by ${instead}`);
  }
}

function checkInvoke(context: BodyContext, callee: string, path: Path): void {
  const { names, routine } = context;
  if (routine.role === "userThread") {
    context.fail(path, "a thread of a service calls no routine of the driver");
  }
  const all = [...names.routines.values()];
  const functions = all.filter(({ role }) => role === "function").map(({ name }) => name);
  if (!functions.includes(callee)) {
    context.fail(path, `no function "${callee}"${didYouMean(callee, functions)}`);
  }
}

function checkOther(
  context: BodyContext,
  { name, waitsFor, raises }: Extract<Statement, { kind: "other" }>,
  path: Path,
): void {
  const { apis, forms } = context;
  const known = apisByName(apis).get(name);
  if (known !== undefined && !raisesMore(known, forms.get(raises ?? ""))) {
    context.fail(
      [...path, "name"],
      `the table has ${name}: call it, rather than assume what it does`,
    );
  }
  if (waitsFor !== undefined) checkObject(context, waitableKinds, waitsFor, [...path, "waitsFor"]);
  if (raises !== undefined && !forms.has(raises)) {
    context.fail([...path, "raises"], `no family "${raises}"${didYouMean(raises, forms.keys())}`);
  }
  const several = raises === undefined ? undefined : ambiguous(forms.get(raises));
  if (several !== undefined) {
    context.fail([...path, "raises"], several);
  }
}

/** Whether an event is one that the table cannot know the call to raise: of a family that somebody added. */
const raisesMore = (api: ApiShape, form: FamilyForm | undefined): boolean =>
  form?.family.paths !== undefined &&
  (!api.raises.includes(form.family.name) || form.family.events.length > 1) &&
  !api.does.some(({ op }) => op === "raise" || op === "act");
