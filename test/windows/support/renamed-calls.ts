/** The same driver with every call of the table replaced by one of its own that does the same. */
import { mapBodies } from "../../../src/generate/tidy.ts";
import type { Args, Body, CallStatement, DriverModel } from "../../../src/language/model.ts";
import { type ApiShape, apisByName, type Primitive } from "../../../src/language/shape.ts";
import { validateDriver } from "../../../src/language/validate.ts";
import { apiTable } from "../../../src/windows/api/table.ts";
import { windowsTables } from "../../../src/windows/language.ts";

/** What a driver can define itself: no intrinsics, no numbers handed back, no routine left out. */
const canBeOwn = ({ mode, returns, params }: ApiShape): boolean =>
  mode !== "any" && returns === undefined && params.every((one) => one.default !== "NULL");

const table = apisByName(apiTable);
const numbers = new Map(apiTable.map(({ name }, i) => [name as string, i]));

/** The values of a parameter that are names: only those can a user's own call offer. */
const isName = (value: string): boolean => /^\w+$/.test(value);

/** A call of one's own that does what this call does; undefined where nobody can define one. */
function ownCall({
  api: name,
  args,
}: CallStatement): { readonly api: ApiShape; readonly args: Args } | undefined {
  const api = table.get(name);
  if (api === undefined || !canBeOwn(api)) return undefined;
  const { returns: _, ...rest } = api;
  // What takes other words than names is defined once for each of them.
  const fixed = api.params.filter(
    ({ kind }) => kind.type === "oneOf" && !kind.values.every(isName),
  );
  const words = fixed.map((param) => String(args[param.name] ?? param.default));
  if (!words.every(isName)) return undefined;
  const wordOf = new Map(fixed.map((param, i) => [param.name, words[i]]));
  const does = api.does.map((primitive) => {
    const bound = Object.entries(primitive).map(([operand, given]) => [
      operand,
      typeof given === "object" ? (wordOf.get(given.param) ?? given) : given,
    ]);
    return Object.fromEntries(bound) as Primitive;
  });
  return {
    api: {
      ...rest,
      name: `Acme${[numbers.get(name), ...words].join("_")}`,
      params: api.params.filter((param) => !fixed.includes(param)),
      does,
      summary: "Does what another does.",
    },
    args: Object.fromEntries(Object.entries(args).filter(([param]) => !wordOf.has(param))),
  };
}

export function withOwnCalls(driver: DriverModel): DriverModel {
  const own = new Map<string, ApiShape>();
  const change = (list: Body): Body =>
    list.map((statement) => {
      const made = statement.kind === "call" ? ownCall(statement) : undefined;
      if (made === undefined || statement.kind !== "call") return statement;
      own.set(made.api.name, made.api);
      return { ...statement, api: made.api.name, args: made.args };
    });
  const routines = driver.routines.map((routine) => ({
    ...routine,
    body: mapBodies(routine.body, change),
  }));
  const { apis = [], families = [], rules = [] } = driver.extension ?? {};
  const extension = { apis: [...apis, ...own.values()], families, rules };
  return validateDriver({ ...driver, routines, extension }, driver.name, windowsTables);
}
