/** A scenario as the oracle reads it: the JSON alone, indexed so that positions in code are numbers. */
import { statementsIn } from "../../src/language/conditions.ts";
import type { Body, Condition, DriverModel, Routine, Statement } from "../../src/language/model.ts";
import type { TimeProfile } from "./timed/profile.ts";

export interface World {
  readonly name: string;
  readonly workload: readonly { readonly name: string; readonly does: readonly string[] }[];
  readonly pool: { readonly profile: string; readonly load: string; readonly items?: number };
  readonly service: { readonly condition: string; readonly threads?: number };
  readonly startup: string;
  readonly removal: string;
  readonly images?: number;
  readonly specialApcs?: string;
  readonly neighbour?: string;
  readonly zeroMessageTimeout?: string;
  readonly itemsAtUnload?: string;
  readonly disk?: string;
  readonly times?: TimeProfile;
}

export interface Scenario {
  readonly drivers: readonly DriverModel[];
  readonly world: World;
}

/** Thrown where the oracle has no rule for what a scenario asks: no answer, rather than a guess. */
export class Unsupported extends Error {}

export interface Registration {
  readonly driver: number;
  readonly routine: string;
  readonly family: string;
  /** Undefined: all of its family. */
  readonly event: string | undefined;
}

export interface Code {
  readonly scenario: Scenario;
  readonly bodies: readonly Body[];
  readonly bodyIds: ReadonlyMap<Body, number>;
  readonly statements: readonly Statement[];
  readonly statementIds: ReadonlyMap<Statement, number>;
  readonly conditions: readonly Condition[];
  readonly conditionIds: ReadonlyMap<Condition, number>;
  /** Operation ids: routine and label, or routine, call and ordinal. */
  readonly opIds: readonly string[];
  /** Behind them, the ends of routines, by driver and name. */
  readonly endIds: ReadonlyMap<string, number>;
  readonly registrations: readonly Registration[];
  /** CB-U5: where none can change, a registration is not looked at. */
  readonly registrationsChange: boolean;
}

const families = ["non-system-thread", "process", "thread", "image"];

export function indexed(scenario: Scenario): Code {
  const bodies: Body[] = [];
  const statements: Statement[] = [];
  const conditions: Condition[] = [];
  const opIds: string[] = [];
  const addCondition = (condition: Condition): void => {
    conditions.push(condition);
    if (condition.kind === "not") addCondition(condition.test);
    if (condition.kind === "and" || condition.kind === "or") condition.tests.forEach(addCondition);
  };
  const addBody = (routine: Routine, body: Body, ordinals: Map<string, number>): void => {
    bodies.push(body);
    for (const statement of body) {
      const stem = statement.kind === "call" ? statement.api : statement.kind;
      const ordinal = (ordinals.get(stem) ?? 0) + 1;
      ordinals.set(stem, ordinal);
      statements.push(statement);
      opIds.push(`${routine.name}/${statement.label ?? `${stem}#${ordinal}`}`);
      if (statement.kind === "if") {
        addCondition(statement.test);
        addBody(routine, statement.then, ordinals);
        addBody(routine, statement.else ?? [], ordinals);
      } else if ("body" in statement) {
        if (statement.kind === "poll") addCondition(statement.until);
        addBody(routine, statement.body, ordinals);
      }
    }
  };
  for (const { routines } of scenario.drivers) {
    for (const routine of routines) addBody(routine, routine.body, new Map());
  }
  const endIds = new Map<string, number>();
  scenario.drivers.forEach(({ routines }, i) => {
    for (const { name } of routines) {
      endIds.set(`${i}/${name}`, opIds.length);
      opIds.push(`${name}/end`);
    }
  });
  const ids = <T>(list: readonly T[]) => new Map(list.map((one, i) => [one, i] as const));
  const { removal, startup } = scenario.world;
  return {
    scenario,
    bodies,
    bodyIds: ids(bodies),
    statements,
    statementIds: ids(statements),
    conditions,
    conditionIds: ids(conditions),
    opIds,
    endIds,
    registrations: scenario.drivers.flatMap((driver, i) =>
      driver.registrations.map(({ family: form, routine }) => {
        const family = families.find((one) => form === one || form.startsWith(`${one}-`));
        if (family === undefined) throw new Unsupported(`the family ${form}`);
        const event = form === family ? undefined : form.slice(family.length + 1);
        return { driver: i, routine, family, event };
      }),
    ),
    registrationsChange:
      removal !== "none" ||
      startup !== "before" ||
      statements.some(removes) ||
      scenario.drivers.some(changesInEntry),
  };
}

const isRegistering = (one: Statement): boolean =>
  one.kind === "call" && /NotifyRoutine/.test(one.api);
/** Whether a call removes a registration. */
export const removes = (one: Statement): boolean =>
  one.kind === "call" &&
  isRegistering(one) &&
  (/Remove/.test(one.api) || one.args.Remove === "TRUE");

/** It raises thread events, or can be done without having registered all. */
function changesInEntry({ routines, registrations }: DriverModel): boolean {
  const entry = routines.find(({ role }) => role === "entry");
  if (entry === undefined) return false;
  if (registrations.some(({ family }) => /^thread/.test(family))) return true;
  if (!registersItself(routines, entry)) return false;
  const made = JSON.stringify(entry.body.filter(isRegistering));
  return registrations.some(({ routine }) => !made.includes(`"routine":"${routine}"`));
}

/** Whether this code, or a function that it calls, registers a callback. */
export const registersItself = (routines: readonly Routine[], { body }: Routine): boolean =>
  [...statementsIn(body)].some((one) => {
    if (one.kind !== "invoke") return isRegistering(one) && !removes(one);
    const called = routines.find(({ name }) => name === one.routine);
    return called !== undefined && registersItself(routines, called);
  });

export const routineOf = (code: Code, driver: number, name: string): Routine => {
  const found = code.scenario.drivers[driver].routines.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no routine ${name}`);
  return found;
};

/** Each operation gets a label, which is then its id: how others are named is no concern here. */
export function labelled(scenario: Scenario): Scenario {
  let count = 0;
  const kinds = ["call", "if", "repeat", "forever", "poll", "return", "veto", "invoke", "other"];
  const text = JSON.stringify(scenario, (_, value) =>
    kinds.includes((value as Statement | null)?.kind ?? "")
      ? { ...value, label: `s${++count}` }
      : value,
  );
  return JSON.parse(text) as Scenario;
}
