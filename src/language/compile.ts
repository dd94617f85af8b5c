/** Turns the bodies of a driver's routines into machine code. */
import { InputError } from "../base/input-error.ts";
import { unreachable } from "../base/invariant.ts";
import { Mode, operand, Result } from "../machine/layout.ts";
import { Op, RootKind } from "../machine/opcodes.ts";
import { requestSince } from "../machine/roots.ts";
import { type Label, newLabel } from "./assembler.ts";
import { address, compileCondition } from "./compile-condition.ts";
import { type BodyContext, type BoundArgs, irqlNumber, valueWords } from "./compile-context.ts";
import { compileValueCall } from "./compile-value.ts";
import { callsIn, resultsAsked, statementsIn, valuesAsked } from "./conditions.ts";
import type { Body, CallStatement, Operand, Routine, Statement } from "./model.ts";
import { capturesOf, hiddenOperand } from "./scope.ts";
import type { ApiShape } from "./shape.ts";
export function compileRoutine(context: BodyContext): void {
  const { asm, scope, routine } = context;
  const plan = scope.plans.get(routine.name);
  if (plan === undefined) return;
  asm.routines[plan.index].pc = asm.here();
  asm.site = markSite(context, routine.name, `${routine.name}`, routine.at);
  asm.emit(Op.cost, 0);
  if (routine.role === "request") asm.emit(Op.rootBegin, RootKind.request, requestSince);
  const end = newLabel();
  if (routine.role === "userThread") {
    asm.userMode = [];
    asm.userRoutines.push(asm.userMode);
  }
  compileBody(context, routine.body, end);
  asm.userMode = undefined;
  asm.site = endSite(context);
  asm.place(end);
  if (routine.role === "request") completeRequest(context);
  if (routine.role === "entry") asm.emit(Op.setResult, Result.success);
  emitReturn(context);
}

/**
 * The running routine comes back to whoever called it, or its thread ends. Where code can go, whoever
 * has begun a call is inside until he has left in a step of its own.
 */
export function emitReturn({ asm, scope, routine, around }: BodyContext): void {
  if (around.canGoInside(scope.driver, routine.name)) {
    const outside = newLabel();
    asm.emit(Op.branchCalled, 0, routine.role === "apc" ? 1 : 0);
    asm.target(outside, 0);
    asm.emit(Op.leave);
    asm.place(outside);
  }
  asm.emit(Op.return);
}

/** Where what a routine leaves behind is told that runs to its end. */
const endSite = (context: BodyContext): number => {
  const { asm, scope, routine } = context;
  return asm.addSite({
    owner: scope.driver.name,
    routine: routine.name,
    opId: `${routine.name}/end`,
    text: `the end of ${routine.name}`,
    at: routine.at,
    api: "",
    effects: [],
    ...whose(context, false),
  });
};

/** A pended IRP keeps its sender until somebody completes it; termination withdraws it. */
function completeRequest(context: BodyContext): void {
  const { asm, scope, routine, around } = context;
  const pended = around.pended(scope.driver, routine.name);
  const done = newLabel();
  const broken = newLabel();
  asm.emit(Op.branchPended);
  asm.target(done, 0);
  if (pended !== "never") {
    waitForCompletion(context, done, pended === "at rest");
    asm.emit(Op.setResult, Result.terminated);
    asm.emit(Op.jump);
    asm.target(broken, 0);
  }
  asm.place(done);
  // What the request comes back with says nothing of the calls inside of it.
  asm.emit(Op.setResult, Result.success);
  asm.place(broken);
  asm.emit(Op.rootEnd, RootKind.request, requestSince);
}

function waitForCompletion(
  { asm, scope, routine }: BodyContext,
  done: Label,
  rests: boolean,
): void {
  const message = operand(Mode.local, scope.plans.get(routine.name)?.hidden.get("message") ?? 0);
  if (rests) asm.emit(Op.rest, 0);
  asm.emit(Op.wait, message, 0, 0, 0, -1, 1 | 32);
  if (rests) asm.emit(Op.rest, 1);
  asm.emit(Op.branchResult, Result.terminated, 0);
  asm.target(done, 1);
  asm.emit(Op.withdraw, message);
}

/** What is the system's own is nothing that a run has to reach. */
const whose = ({ scope }: BodyContext, counts: boolean) =>
  scope.isSystem === true ? { users: false } : { users: true, counts };

function markSite(context: BodyContext, text: string, opId: string, at?: string): number {
  return context.asm.addSite({
    owner: context.scope.driver.name,
    routine: context.routine.name,
    opId,
    text,
    at,
    api: "",
    effects: [],
    ...whose(context, true),
  });
}

function compileBody(context: BodyContext, body: Body, end: Label): void {
  body.forEach((statement, i) => {
    compileStatement({ ...context, place: `${context.place}[${i}]` }, statement, end);
  });
}

function siteOf(context: BodyContext, statement: Statement, api?: ApiShape): number {
  const { scope, routine, around, asm } = context;
  return asm.addSite({
    owner: scope.driver.name,
    routine: routine.name,
    opId: around.opId(scope.driver, statement),
    text: around.print(statement),
    at: statement.at,
    api: api?.name ?? (statement.kind === "other" ? statement.name : ""),
    effects: api?.effects ?? [],
    does: api?.does.map(({ op }) => op),
    ...whose(context, ["call", "other", "return", "veto"].includes(statement.kind)),
    assumed: (statement.kind === "other" && scope.isSystem !== true) || undefined,
    shows: statement.kind === "veto" || undefined,
  });
}

/** A thread that was told to end does so where it would next be in user mode. */
function userPoint(context: BodyContext): void {
  if (context.routine.role === "userThread") context.asm.emit(Op.userPoint);
}

function compileStatement(context: BodyContext, statement: Statement, end: Label): void {
  const { asm, around, scope, routine } = context;
  userPoint(context);
  switch (statement.kind) {
    case "call":
      return compileCall(context, statement);
    case "if": {
      const otherwise = newLabel();
      const after = newLabel();
      const site = siteOf(context, statement);
      asm.site = site;
      compileCondition(context, statement.test, otherwise);
      branchMark(context, site, "yes");
      compileBody({ ...context, place: `${context.place}.then` }, statement.then, end);
      if (statement.else !== undefined && statement.else.length > 0) {
        asm.site = site;
        asm.emit(Op.jump);
        asm.target(after, 0);
        asm.place(otherwise);
        branchMark(context, site, "no");
        compileBody({ ...context, place: `${context.place}.else` }, statement.else, end);
        asm.place(after);
      } else asm.place(otherwise);
      return;
    }
    case "repeat": {
      const counter = hiddenOperand(scope, routine, routine, `result ${counterName(statement)}`);
      const again = newLabel();
      const done = newLabel();
      const site = siteOf(context, statement);
      asm.site = site;
      asm.emit(Op.storeLocal, counter, 0, 0);
      asm.place(again);
      asm.emit(Op.branchLocal, counter, 2, statement.times);
      asm.target(done, 3);
      asm.emit(Op.storeLocal, counter, 1, 1);
      compileBody({ ...context, place: `${context.place}.body` }, statement.body, end);
      // The loop's own: its body may end in an operation that was gone past.
      asm.site = site;
      asm.emit(Op.cost, 1);
      asm.emit(Op.jump);
      asm.target(again, 0);
      asm.place(done);
      asm.emit(Op.storeLocal, counter, 0, 0);
      return;
    }
    case "forever": {
      const again = newLabel();
      const site = siteOf(context, statement);
      asm.place(again);
      compileBody({ ...context, place: `${context.place}.body` }, statement.body, end);
      asm.site = site;
      userPoint(context);
      asm.emit(Op.backEdge);
      asm.target(again, 0);
      return;
    }
    case "poll":
      return compilePoll(context, statement, end);
    case "return":
      asm.site = siteOf(context, statement);
      asm.emit(Op.cost, 0);
      if (routine.role === "request") completeRequest(context);
      // A DriverEntry that comes back ahead of its end does so for a reason.
      if (routine.role === "entry") {
        const isLast = statement === routine.body.at(-1);
        asm.emit(Op.setResult, isLast ? Result.success : Result.failure);
      }
      emitReturn(context);
      return;
    case "veto":
      asm.site = siteOf(context, statement);
      asm.emit(Op.cost, 0);
      asm.emit(Op.veto);
      return;
    case "invoke": {
      const callee = scope.plans.get(statement.routine);
      if (callee === undefined)
        throw new InputError(context.place, `no routine "${statement.routine}"`);
      asm.site = siteOf(context, statement);
      asm.emit(Op.call, callee.index, capturesOf(scope, routine, callee.routine));
      return;
    }
    case "other":
      asm.site = siteOf(context, statement);
      asm.emit(Op.check, irqlNumber[statement.irql ?? "PASSIVE_LEVEL"], 0);
      asm.emit(Op.cost, statement.costUs);
      if (statement.raises !== undefined) around.raise(context, statement.raises);
      if (statement.waitsFor !== undefined) {
        const at = address(context, statement.waitsFor);
        asm.emit(Op.wait, at.operand, 0, 0, 0, -1, 1);
      }
      return;
    default:
      return unreachable(statement, "every kind of statement is compiled");
  }
}

function branchMark(context: BodyContext, site: number, which: string): void {
  const { asm } = context;
  const base = asm.sites[site];
  asm.site = asm.addSite({
    ...base,
    opId: `${base.opId} ${which}`,
    text: `${base.text}: ${which}`,
  });
  asm.emit(Op.cost, 0);
}

const counters = new WeakMap<Statement, string>();
/** A loop's counter is a hidden word of the routine; its name only has to be unique there. */
function counterName(statement: Statement): string {
  return counters.get(statement) ?? "counter";
}

/** Names that a routine's frame keeps: results of calls and counters of loops. */
export function keptNames(routine: Routine): readonly string[] {
  const names: string[] = [...valuesAsked(routine.body)].flatMap(valueWords);
  let loops = 0;
  for (const statement of statementsIn(routine.body)) {
    if (statement.kind === "call" && statement.result !== undefined) names.push(statement.result);
    if (statement.kind === "repeat" || (statement.kind === "poll" && statement.limit !== null)) {
      counters.set(statement, `loop ${++loops}`);
      names.push(`loop ${loops}`);
    }
  }
  return [...new Set(names)];
}

function compilePoll(
  context: BodyContext,
  statement: Statement & { kind: "poll" },
  end: Label,
): void {
  const { asm, scope, routine } = context;
  const site = siteOf(context, statement);
  asm.site = site;
  const again = newLabel();
  const body = newLabel();
  const done = newLabel();
  const counter =
    statement.limit === null
      ? 0
      : hiddenOperand(scope, routine, routine, `result ${counterName(statement)}`);
  if (statement.limit !== null) asm.emit(Op.storeLocal, counter, 0, 0);
  const own = new Set(callsIn(statement.body).map(({ result }) => result));
  for (const name of new Set(resultsAsked(statement.until))) {
    if (!own.has(name)) continue;
    asm.emit(Op.storeLocal, hiddenOperand(scope, routine, routine, `result ${name}`), 0, 0);
  }
  asm.place(again);
  compileCondition(context, statement.until, body);
  asm.emit(Op.jump);
  asm.target(done, 0);
  asm.place(body);
  if (statement.limit !== null) {
    asm.emit(Op.branchLocal, counter, 2, statement.limit);
    asm.target(done, 3);
    asm.emit(Op.storeLocal, counter, 1, 1);
  }
  compileBody({ ...context, place: `${context.place}.body` }, statement.body, end);
  asm.site = site;
  userPoint(context);
  asm.emit(Op.backEdge);
  asm.target(again, 0);
  asm.place(done);
  if (statement.limit !== null) asm.emit(Op.storeLocal, counter, 0, 0);
}

/** What `Op.check` makes of an API's need. */
const apcNeeds = { none: 0, special: 1, normal: 2, disabled: -1 } as const;

/** Whether a call with a timeout only looks, since it is zero. */
function isLook({ scope }: BodyContext, api: ApiShape, args: BoundArgs): boolean {
  const param = api.params.find(({ kind }) => kind.type === "timeout");
  const given = param === undefined ? undefined : args.get(param.name);
  if (typeof given !== "object" || !("timeout" in given)) return false;
  const { timeout } = given;
  if (typeof timeout !== "object") return timeout === 0;
  return scope.driver.settings.find(({ name }) => name === timeout.setting)?.value === 0;
}

function compileCall(context: BodyContext, statement: CallStatement): void {
  const { asm, around, scope, routine } = context;
  const api = around.apis.get(statement.api);
  if (api === undefined) throw new InputError(context.place, `unknown call ${statement.api}`);
  const args = new Map<string, Operand>(Object.entries(statement.args));
  for (const param of api.params) {
    if (args.has(param.name) || param.default === undefined) continue;
    args.set(param.name, param.default);
  }
  asm.site = siteOf(context, statement, api);
  if (routine.role !== "userThread") {
    const limit = isLook(context, api, args) ? (api.irqlMaxAtZero ?? api.irqlMax) : api.irqlMax;
    asm.emit(Op.check, irqlNumber[limit], apcNeeds[api.needsApcs ?? "none"]);
  }
  asm.emit(Op.cost, around.costUs(api));
  around.raised(context, api);
  const site = asm.site;
  // A call whose operations say nothing of its result is a success, whatever the one before came to.
  if (statement.result !== undefined) asm.emit(Op.setResult, Result.success);
  if (api.returns === "number") {
    const { result } = statement;
    const isAsked = result !== undefined && valuesAsked(routine.body).has(result);
    compileValueCall(context, api, args, isAsked ? result : undefined);
  } else {
    const vetoed = newLabel();
    api.does.forEach((primitive, i) => {
      asm.site = site;
      around.primitive(context, primitive, args);
      // What a callback has vetoed goes no further.
      if (primitive.op === "raise" && i < api.does.length - 1) {
        asm.emit(Op.branchResult, Result.success);
        asm.target(vetoed, 1);
      }
    });
    asm.place(vetoed);
  }
  asm.site = site;
  if (statement.result !== undefined) {
    asm.emit(Op.saveResult, hiddenOperand(scope, routine, routine, `result ${statement.result}`));
  }
}
