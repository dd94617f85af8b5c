/** A driver while it is being drawn: what is declared so far, and what of it a routine reaches. */
import type {
  ObjectDecl,
  ObjectKind,
  OpaqueDecl,
  Operand,
  Registration,
  Routine,
  RoutineRole,
  SettingDecl,
  Statement,
} from "../language/model.ts";
import type { FamilyForm } from "../language/shape.ts";
import { serviceKinds } from "../language/validate-names.ts";
import type { Draw } from "./draw.ts";
import type { Features } from "./features.ts";
import type { Grammar, HoldKind } from "./grammar.ts";
import type { ThreadState } from "./state.ts";

export interface DraftRoutine {
  readonly name: string;
  readonly role: RoutineRole;
  readonly within?: DraftRoutine;
  readonly locals: ObjectDecl[];
  readonly body: Statement[];
  /** What it starts from. */
  readonly state: ThreadState;
  /** The form that raises it, or that raised the activation that it belongs to. */
  readonly form?: FamilyForm;
  /** Calls whose result has a name so far. */
  results: number;
  /** Of a work item: whether some call queues it already. */
  isQueued?: boolean;
  /** What it begins with in its hands, and what gives that back at its end. */
  holds?: Held;
  last?: Statement;
}

export interface Draft {
  readonly draw: Draw;
  readonly grammar: Grammar;
  readonly features: Features;
  /** Whether calls may stand where they are not legal, and releases may be missing. */
  readonly illegal: boolean;
  readonly objects: ObjectDecl[];
  readonly perProcess: ObjectDecl[];
  /** Fields of the one counted record. */
  readonly fields: ObjectDecl[];
  readonly settings: SettingDecl[];
  readonly conditions: OpaqueDecl[];
  readonly routines: DraftRoutine[];
  /** Routines that have no body yet. */
  readonly pending: DraftRoutine[];
  readonly registrations: Registration[];
  readonly serviceObjects: ObjectDecl[];
  readonly serviceThreads: { readonly routine: string; readonly count: number }[];
  readonly counts: Map<string, number>;
  statementsLeft: number;
}

export const recordName = "Record";
export const serviceName = "Service";

/** What a thread holds at a place of a body. */
export interface Held {
  readonly kind: HoldKind;
  readonly objectKind?: string;
  readonly shared?: true;
  /** The lock, the rundown reference; of a record or message, its pointer. */
  readonly operand?: Operand;
}

export const isHeldAlone = ({ kind, shared }: Held): boolean => kind === "lock" && shared !== true;

export interface KeptResult {
  readonly name: string;
  readonly api: string;
}

/** A place in a body. */
export interface Spot {
  readonly draft: Draft;
  readonly routine: DraftRoutine;
  readonly state: ThreadState;
  readonly held: readonly Held[];
  /** Results that a condition may ask for here. */
  readonly results: KeptResult[];
  readonly depth: number;
  /** Where `return` leaves nothing open. */
  readonly canReturn: boolean;
  /** Statements that still have to come somewhere in this body. */
  readonly owed?: (() => Statement)[];
}

export const isUser = ({ role }: { readonly role: RoutineRole }): boolean => role === "userThread";

/** A name with a number of its own: Event1, Event2. */
export function freshName({ counts }: Draft, word: string): string {
  const count = (counts.get(word) ?? 0) + 1;
  counts.set(word, count);
  return `${word}${count}`;
}

const shortWords: Readonly<Record<string, string>> = {
  ERESOURCE: "Resource",
  FLT_PORT: "Port",
  WDFWAITLOCK: "WaitLock",
  variable: "Count",
};

/** EX_PUSH_LOCK: PushLock; SynchronizationEvent: Event. */
const wordOf = (kind: string): string => {
  if (shortWords[kind] !== undefined) return shortWords[kind];
  const short = kind.replace(/^(?:EX_|K(?=[A-Z])|Notification|Synchronization)/, "");
  if (short !== short.toUpperCase()) return short;
  return short.toLowerCase().replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
};

/** Whether the routine runs for an event, or in a frame of a routine that does. */
export const hasSubject = (routine: DraftRoutine): boolean => routine.form !== undefined;

export interface Reachable {
  readonly kind: string;
  readonly operand: Operand;
  readonly record?: string;
  /** Of a frame around the routine's own. */
  readonly isCaptured?: boolean;
}

const ref = (decl: ObjectDecl): Reachable => ({
  kind: decl.kind,
  operand: { ref: decl.name },
  record: decl.record,
});

/** Kinds of the driver's objects that its service's threads use, too. */
const isForBoth = (kind: ObjectKind): boolean => kind !== "KQUEUE" && kind !== "LIST_ENTRY";

/** The objects in reach. Pointers only of the routine's own frame. */
export function reachable({ draft, routine, held }: Spot): Reachable[] {
  const user = isUser(routine);
  const found = draft.objects.filter(({ kind }) => !user || isForBoth(kind)).map(ref);
  if (user) return [...found, ...draft.serviceObjects.map(ref), ...routine.locals.map(ref)];
  for (const decl of draft.perProcess) {
    const of = hasSubject(routine) ? {} : ({ of: "current" } as const);
    found.push({ kind: decl.kind, operand: { ref: decl.name, ...of } });
  }
  for (let at: DraftRoutine | undefined = routine; at !== undefined; at = at.within) {
    for (const decl of at.locals) {
      if (at === routine) found.push(ref(decl));
      else if (decl.kind !== "pointer") found.push({ ...ref(decl), isCaptured: true });
    }
  }
  for (const { kind, operand } of held) {
    if (kind !== "record" || typeof operand !== "object" || !("ref" in operand)) continue;
    for (const decl of draft.fields) {
      found.push({ kind: decl.kind, operand: { ref: operand.ref, field: decl.name } });
    }
  }
  return found;
}

/** Declares an object of this kind where the routine reaches it. */
export function declareObject(spot: Spot, kind: ObjectKind): Reachable {
  const { draft, routine } = spot;
  const { draw, features } = draft;
  const decl = declOf(draft, kind);
  const put = (list: ObjectDecl[], operand: Operand = { ref: decl.name }): Reachable => {
    list.push(decl);
    return { kind, operand };
  };
  if (isUser(routine)) {
    const isItsOwn = kind === "CRITICAL_SECTION" || !isForBoth(kind);
    return serviceKinds.includes(kind) && (isItsOwn || draw.chance(0.5))
      ? put(draft.serviceObjects)
      : put(draft.objects);
  }
  if (isOfDriver(draft, kind)) return put(draft.objects);
  const pointer = spot.held.find((one) => one.kind === "record")?.operand;
  if (typeof pointer === "object" && "ref" in pointer && draw.chance(0.4)) {
    return put(draft.fields, { ref: pointer.ref, field: decl.name });
  }
  if (features.locals && isSignal(draft, kind) && draw.chance(0.5)) return put(routine.locals);
  if (features.perProcess && draw.chance(0.4)) {
    const of = hasSubject(routine) ? {} : ({ of: "current" } as const);
    return put(draft.perProcess, { ref: decl.name, ...of });
  }
  return put(draft.objects);
}

/** Kinds that something is put into, or sent to: others have to find them. */
const isOfDriver = ({ grammar }: Draft, kind: string): boolean =>
  grammar.productions.some(({ api }) =>
    api.does.some(({ op, object }) => {
      if (op !== "enqueue" && op !== "send" && op !== "write" && op !== "pend") return false;
      const param = typeof object === "object" ? object.param : undefined;
      const found = api.params.find(({ name }) => name === param);
      return (
        found !== undefined && "kinds" in found.kind && found.kind.kinds.some((k) => k === kind)
      );
    }),
  );

/** Kinds that are no lock: one of a single activation can still be of use. */
const isSignal = ({ grammar }: Draft, kind: string): boolean =>
  !grammar.productions.some(
    ({ api, opens }) =>
      opens.some((hold) => hold.kind === "lock" || hold.kind === "plain lock") &&
      api.params.some((param) => "kinds" in param.kind && param.kind.kinds.some((k) => k === kind)),
  );

function declOf(draft: Draft, kind: ObjectKind): ObjectDecl {
  const { draw } = draft;
  const name = freshName(draft, wordOf(kind));
  if (kind === "KSEMAPHORE") {
    const limit = draw.int(1, 3);
    return { name, kind, initial: draw.int(0, limit), limit };
  }
  // What fits into a pipe; one that only messages go through is no pipe.
  if (kind === "FLT_PORT" && isWritten(draft) && draw.chance(0.3))
    return { name, kind, room: draw.pick([0, 2]) };
  if (kind.endsWith("Event") && draw.chance(0.15)) return { name, kind, initial: 1 };
  return { name, kind };
}

const isWritten = ({ features, grammar }: Draft): boolean =>
  grammar.productions.some(
    ({ api }) => features.apis.has(api.name) && api.does.some(({ op }) => op === "write"),
  );

/** A pointer of the routine's own that holds nothing here. */
export function freePointer({ draft, routine, held }: Spot, holds: "record" | "message"): Operand {
  const record = holds === "record" ? recordName : undefined;
  const taken = new Set(held.map(({ operand }) => JSON.stringify(operand)));
  const free = routine.locals.find(
    (decl) =>
      decl.kind === "pointer" &&
      decl.record === record &&
      !taken.has(JSON.stringify({ ref: decl.name })),
  );
  if (free !== undefined) return { ref: free.name };
  const name = freshName(draft, holds === "record" ? "Pointer" : "Message");
  routine.locals.push({ name, kind: "pointer", ...(record === undefined ? {} : { record }) });
  return { ref: name };
}

/** The routine as it is in a model. */
export const finished = ({ name, role, within, locals, body }: DraftRoutine): Routine => ({
  name,
  role,
  ...(within === undefined ? {} : { within: within.name }),
  locals,
  body,
});
