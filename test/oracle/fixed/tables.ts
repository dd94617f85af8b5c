/** What an author adds to the tables: what is left out of an entry, and what is said of one that means nothing. */
import {
  defineApi,
  defineDriverWith,
  defineFamily,
  defineRule,
} from "../../../src/windows/define-driver.ts";
import { languageWith } from "../../../src/windows/language.ts";

const callback = { name: "Routine", kind: { type: "routine", role: "callback" } } as const;
const registering = (name: string, remove: "TRUE" | "FALSE") =>
  defineApi({
    name,
    params: [callback],
    does: [{ op: "register", routine: { param: "Routine" }, remove }],
    summary: "Registers, or removes.",
  });
const family = {
  name: "power",
  context: "the thread that asks",
  registers: "ExRegister",
  removes: "ExUnregister",
} as const;
const path = { action: "sleep now", routine: "NtInitiatePowerAction" } as const;
const apis = [registering("ExRegister", "FALSE"), registering("ExUnregister", "TRUE")];
const made = (events: readonly string[], more: object = {}) =>
  defineFamily({ ...family, events, paths: [{ ...path, raises: events[0] }], ...more });

/** As text, each with what it should be. */
const entries: readonly (readonly [name: string, is: unknown, should: unknown])[] = (() => {
  const quiet = defineApi({ name: "ExNothing", summary: "Does nothing." });
  const user = defineApi({
    name: "WaitTwice",
    mode: "user",
    irqlMax: "APC_LEVEL",
    results: ["success", "timeout"],
    summary: "Waits.",
  });
  const [one, two] = [made(["sleep"]), made(["sleep", "wake"], { veto: true, budgetUs: 7 })];
  const raised = (events: ReturnType<typeof made>) =>
    (events.paths ?? []).flatMap(({ body }) =>
      body.map((statement) => (statement as { raises?: string }).raises),
    );
  return [
    ["the mode of a call", quiet.mode, "kernel"],
    ["the level of a call", quiet.irqlMax, "PASSIVE_LEVEL"],
    ["results", quiet.results, ["success"]],
    ["parameters", quiet.params, []],
    ["what it does", quiet.does, []],
    ["what it raises", quiet.raises, []],
    ["its cost", quiet.cost, "short"],
    ["its weight", quiet.weight, 1],
    ["a mode that is given", user.mode, "user"],
    ["a level that is given", user.irqlMax, "APC_LEVEL"],
    ["results that are given", user.results, ["success", "timeout"]],
    ["an operation", apis[0].does[0].kind, "op"],
    ["the level of callbacks", one.irql, "PASSIVE_LEVEL"],
    ["their region", one.criticalRegion, false],
    ["their veto", one.veto, false],
    ["their budget", one.budgetUs, 500_000],
    ["a veto that is given", two.veto, true],
    ["a budget that is given", two.budgetUs, 7],
    ["whose thread", one.paths?.[0].thread, "caller"],
    ["the only event", raised(one), ["power"]],
    ["one event of two", raised(two), ["power-sleep"]],
    ["a cost", two.paths?.[0].body.map((one) => (one as { costUs?: number }).costUs), [1]],
  ];
})();

const noRule = defineRule({
  id: "TEAM-1",
  effect: "callbackTouchesNothing" as "callbackTouchesRegistry",
  text: "Nothing.",
  why: "We said so.",
  fact: "R3",
});
const rule = { ...noRule, effect: "callbackTouchesRegistry" } as const;
const quiet = defineApi({ name: "ExNothing", summary: "Does nothing." });
const windowsAlone = languageWith([]);
type Given = Parameters<typeof defineDriverWith>[0];
/** Tables that mean nothing; what is said has this in it, and the place is that of the entry, or of the call. */
const refused: readonly (readonly [given: unknown, says: string])[] = [
  [{ apis, families: [], rules: [noRule] }, "TEAM-1"],
  [{ apis: [registering("KeSetEvent", "FALSE")] }, "KeSetEvent"],
  [{ apis: [defineApi({ name: "not a name", summary: "No." })] }, "name"],
  [{ families: [made(["sleep"])] }, "ExRegister"],
  [{ apis: [3] }, "where object belongs"],
  [{ apis: [null] }, "where object belongs"],
];
const right: readonly unknown[] = [
  { apis, families: [made(["sleep"])], rules: [rule] },
  { apis },
  {},
];

function saidOf(given: unknown): { place: string; reason: string } | undefined {
  try {
    defineDriverWith(given as Given);
    return undefined;
  } catch (error) {
    const { place = "", reason = String(error) } = error as { place?: string; reason?: string };
    return { place, reason };
  }
}

const same = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/** What several drivers bring together. */
const together = (): string[] => {
  const both = languageWith([
    { apis, families: [made(["sleep"])], rules: [] },
    { apis: [quiet], families: [], rules: [] },
  ] as unknown as Parameters<typeof languageWith>[0]);
  const names = ["ExRegister", "ExUnregister", "ExNothing", "ZwReadFile"];
  const missing = names.filter((name) => !both.apisByName.has(name));
  if (!both.forms.has("power")) missing.push("power");
  if (windowsAlone.forms.has("power") || windowsAlone.apisByName.has("ExNothing"))
    missing.push("Windows alone");
  return missing.map((name) => `not as it is in the tables together: ${name}`);
};

export const tableDifferences = (): string[] => [
  ...together(),
  ...entries
    .filter(([, is, should]) => !same(is, should))
    .map(([name, is, should]) => `${name}: ${JSON.stringify(is)}, not ${JSON.stringify(should)}`),
  ...refused.flatMap(([given, says]) => {
    const said = saidOf(given);
    if (said === undefined) return [`not refused: ${says}`];
    const isHere = /tables\.ts:\d+$|\.js:\d+$|^an extension$/.test(said.place);
    return said.reason.includes(says) && isHere ? [] : [`${said.place}: ${said.reason}`];
  }),
  ...right.flatMap((given) => saidOf(given)?.reason ?? []),
];
