/** Routines that a call names: one that is there, or a new one, whose body is drawn later. */
import type { RoutineRole } from "../language/model.ts";
import { type ApiShape, type FamilyForm, runsIn } from "../language/shape.ts";
import { type Draft, type DraftRoutine, freshName, isUser, type Spot } from "./draft.ts";
import { startOf, type ThreadState } from "./state.ts";

const words: Readonly<Partial<Record<RoutineRole, string>>> = {
  callback: "On",
  entry: "DriverEntry",
  unload: "DriverUnload",
  workItem: "Item",
  systemThread: "Thread",
  cleanup: "Cleanup",
  function: "Helper",
  userThread: "Answer",
};

/** Roles that can be declared in a frame, whose objects they then reach. */
const framed: readonly RoutineRole[] = ["workItem", "systemThread", "apc"];
/** How often a routine that is there is named, before a new one is. */
const reuse = 0.6;

interface NewRoutine {
  readonly name?: string;
  readonly within?: DraftRoutine;
  readonly form?: FamilyForm;
  readonly state?: ThreadState;
}

/** Adds a routine without a body. */
export function addRoutine(draft: Draft, role: RoutineRole, given: NewRoutine = {}): DraftRoutine {
  const word = words[role] ?? role.charAt(0).toUpperCase() + role.slice(1);
  const { within, form, state } = given;
  const routine: DraftRoutine = {
    name: given.name ?? freshName(draft, word),
    role,
    ...(within === undefined ? {} : { within }),
    ...(form === undefined && within?.form === undefined ? {} : { form: form ?? within?.form }),
    locals: [],
    body: [],
    state: state ?? startOf(role, role === "callback" ? form?.family : undefined),
    results: 0,
  };
  draft.routines.push(routine);
  draft.pending.push(routine);
  return routine;
}

/** A routine of this role for an argument of a call; undefined where there can be none. */
export function routineFor(spot: Spot, role: RoutineRole, api: ApiShape): string | undefined {
  const { draft, routine } = spot;
  const { draw } = draft;
  if (role === "callback") return callbackFor(draft, api);
  const known = draft.routines.filter(
    (one) => one.role === role && (one.within === undefined || one.within === routine),
  );
  if (known.length > 0 && draw.chance(reuse)) return draw.pick(known).name;
  const extra = draft.routines.filter((one) => isExtra(one)).length;
  if (extra >= draft.features.routines)
    return known.length === 0 ? undefined : draw.pick(known).name;
  if (role === "userThread") {
    const added = addRoutine(draft, role);
    draft.serviceThreads.push({ routine: added.name, count: 0 });
    return added.name;
  }
  const inFrame = framed.includes(role) && !isUser(routine) && draw.chance(0.5);
  const added = addRoutine(draft, role, inFrame ? { within: routine } : {});
  if (role === "workItem" && !inFrame) {
    draft.objects.push({ name: added.name, kind: "WORK_ITEM", routine: added.name });
  }
  return added.name;
}

/** Routines that the driver's own calls bring about. */
const isExtra = ({ role }: DraftRoutine): boolean =>
  role !== "callback" && role !== "entry" && role !== "unload" && role !== "userThread";

/** A callback of a family that this call registers or removes. */
function callbackFor({ draw, grammar, registrations }: Draft, api: ApiShape): string | undefined {
  const served = registrations.filter(({ family }) => {
    const shape = grammar.forms.get(family)?.family;
    return shape?.registers === api.name || shape?.removes === api.name;
  });
  return served.length === 0 ? undefined : draw.pick(served).routine;
}

/** Whether the calls of a table can be made in a routine. */
export const canCall = (routine: DraftRoutine, api: ApiShape): boolean =>
  runsIn(api, isUser(routine) ? "user" : "kernel");
