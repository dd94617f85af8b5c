/**
 * The two seams that carry all extension, and rules: an API, a family and a rule are data of these
 * shapes. `src/windows/` fills them for Windows; a user's own take the same way.
 */
import type { Body, Irql, ObjectDecl, ObjectKind, ResultName } from "./statement.ts";

/** What a parameter takes. The builder derives a method's argument types from it. */
export type ParamKind =
  | { readonly type: "object"; readonly kinds: readonly (ObjectKind | "process" | "thread")[] }
  | { readonly type: "objects"; readonly kinds: readonly (ObjectKind | "process" | "thread")[] }
  /** `whole`: in whole milliseconds alone. */
  | { readonly type: "timeout"; readonly whole?: "ms" }
  | { readonly type: "oneOf"; readonly values: readonly string[] }
  | { readonly type: "number" }
  | {
      readonly type: "routine";
      readonly role:
        | "workItem"
        | "systemThread"
        | "apc"
        | "dpc"
        | "request"
        | "function"
        | "callback"
        | "userThread";
    }
  | { readonly type: "record" };

export interface Param {
  readonly name: string;
  readonly kind: ParamKind;
  /** Given by the builder as the last, options argument; absent means this value. */
  readonly default?: number | string | { readonly timeout: "none" | number };
}

/**
 * Cost classes of kernel-facts section 5. The time profile gives each its microseconds; they are
 * ours, not Microsoft's, and reports say so.
 */
export type CostClass = "none" | "short" | "lock" | "io" | "userMode";

/** What an operation does in effect; rules are written over these. */
export const effectTags = [
  "queuesWork",
  "registry",
  "fileIo",
  "ipc",
  "asksUserMode",
  "createsThread",
  "createsProcess",
  "needsSpecialApcs",
  "unregisters",
  "waits",
  "wakes",
  "userVm",
  "crossProcess",
  /** It does its I/O only where special kernel APCs can be delivered, and fails elsewhere. */
  "declinesWithoutApcs",
  /** Its protection is not the calling thread's: another one may give it back. */
  "keptAcrossThreads",
] as const;
export type EffectTag = (typeof effectTags)[number];

/** An operand of a primitive: a parameter of the API, or a constant. */
export type PrimitiveOperand = { readonly param: string } | number | string;

/** One machine primitive: `op` names an instruction of `src/machine`. */
export interface Primitive {
  readonly kind: "op";
  readonly op: string;
  readonly [operand: string]: PrimitiveOperand | undefined | boolean;
}

export interface ApiShape {
  /** WDK (or Win32) name. */
  readonly name: string;
  /** `any`: an intrinsic, which is compiled into either. */
  readonly mode: "kernel" | "user" | "any";
  readonly params: readonly Param[];
  /** Highest IRQL of a legal call. */
  readonly irqlMax: Irql;
  /** Highest IRQL of a legal call that does not wait, since its timeout is zero. */
  readonly irqlMaxAtZero?: Irql;
  /** Kernel APCs that must be deliverable, or that normal ones must be held off. */
  readonly needsApcs?: "special" | "normal" | "disabled";
  readonly does: readonly Primitive[];
  readonly results: readonly ResultName[];
  /** It hands back a number beside its result, read in the same step as what it does. */
  readonly returns?: "number";
  readonly cost: CostClass;
  /** Families that it raises in the calling thread. */
  readonly raises: readonly string[];
  /** Of `effectTags`, or one that a family forbids by a name of its own. */
  readonly effects: readonly string[];
  /** How often a generator picks it, relative to the others. */
  readonly weight: number;
  /** Fact ids. */
  readonly facts: readonly string[];
  /** One sentence for `--help` and reports. */
  readonly summary: string;
}

export interface FamilyShape {
  /** "process", "thread", "image"… */
  readonly name: string;
  /** The events that raise it; builder methods are named after them. */
  readonly events: readonly string[];
  /** In whose thread: words for reports. */
  readonly context: string;
  readonly irql: Irql;
  /** What it adds to the caller's region counts. */
  readonly criticalRegion: boolean;
  /** Special kernel APCs are held off too: always, or where a world says so. Absent: they are not. */
  readonly specialApcs?: "off" | "sometimes off";
  readonly veto: boolean;
  /**
   * Tags of calls that its callbacks must not make, each with the effect that it then has: what
   * rules speak of.
   */
  readonly forbids?: Readonly<Record<string, string>>;
  /** Microseconds for one callback. */
  readonly budgetUs: number;
  readonly registers: string;
  readonly removes: string;
  /** Ids of the rules that bind its callbacks: of those that any family names, no others do. */
  readonly rules: readonly string[];
  readonly facts: readonly string[];
  /** What stories call one of its events, where that does not follow from its name. */
  readonly noun?: string;
  /** How its events come about; absent for those that Windows' own programs raise. */
  readonly paths?: readonly PathShape[];
}

/** Queues of system worker threads. */
export const workQueues = [
  "CriticalWorkQueue",
  "DelayedWorkQueue",
  "HyperCriticalWorkQueue",
  "NormalWorkQueue",
  "BackgroundWorkQueue",
] as const;
export type WorkQueue = (typeof workQueues)[number];

/** A kernel path as data: a routine of the system's, and what has it run. */
export interface PathShape {
  /** What users of a world do to have it run: "a device arrives". */
  readonly action: string;
  /** The kernel routine, as stories name it. */
  readonly routine: string;
  /** In whose thread it runs: of whoever acts, or of a system worker that takes it off this queue. */
  readonly thread: "caller" | WorkQueue;
  /** Whether who acts waits for its end; in the caller's own thread it does in any case. */
  readonly awaited?: boolean;
  /** Objects of the system's that it uses: one of a name for all paths of its family. */
  readonly objects?: readonly ObjectDecl[];
  /** Calls of kernel mode and what they raise (`other`), in the language of drivers. */
  readonly body: Body;
}

/** Entries that somebody adds to the tables. Plain data, so that it travels with a driver. */
export interface Extension {
  readonly apis: readonly ApiShape[];
  readonly families: readonly FamilyShape[];
  readonly rules: readonly RuleShape[];
}

/** Effects observed in runs, over which rules are written. */
export const observedEffects = [
  "callbackBlocksOnOtherThread",
  "callbackAsksUserMode",
  "callbackTouchesRegistry",
  "callbackWaitsForIpc",
  "callbackAwaitsQueuedWork",
  "callbackUnregisters",
  "unloadLeavesCallbacks",
  "awaitsWorkHoldingLock",
  "workItemQueuedTwice",
  "irqlTooHigh",
  "regionLeaked",
  "apcsEnabled",
  "apcsDisabled",
  "normalApcsDisabled",
  "imageCallbackTouchesUserVm",
  "fileIoHoldingLock",
  "actsWhileAttached",
  "protectsWhileSuspendable",
] as const;

export interface RuleShape {
  readonly id: string;
  /** Which families name it, where any do; a language says so of its rules. */
  readonly named?: "by Windows' families" | "by others";
  /**
   * Of `observedEffects`, or one that a family's `forbids` names; of Windows' rules, one that whole runs
   * show: `callbackRunsLong`, `workItemNeverEnds`, `callbackStandsBehindItself`.
   */
  readonly effect: string;
  /** The rule in our words. */
  readonly text: string;
  /** Why it exists: the harm that it prevents. */
  readonly why: string;
  readonly fact: string;
}

/**
 * Whether a rule is about code in a callback whose family names these rules; undefined for the
 * families of Windows, and for code that is in no callback.
 */
export const binds = ({ id, named }: RuleShape, rules: readonly string[] | undefined): boolean =>
  named === undefined ||
  (rules === undefined ? named === "by Windows' families" : rules.includes(id));

/** What an operation of a primitive takes, as far as it can be checked ahead of time. */
export interface OperandRule {
  readonly isOptional: boolean;
  /** What a parameter that stands here can take, in words of `wordsOfKind`. */
  readonly params: ReadonlySet<string>;
  /** Constants that can stand here. */
  readonly constants: ReadonlySet<string | number | boolean>;
}

/** By operand. */
export type PrimitiveRule = ReadonlyMap<string, OperandRule>;

/** What a parameter takes, one by one: kinds of object, values, a role. */
export function wordsOfKind(kind: ParamKind): readonly string[] {
  switch (kind.type) {
    case "object":
    case "objects":
      return kind.kinds.map((one) => `${kind.type} ${one}`);
    case "oneOf":
      return kind.values.map((one) => `"${one}"`);
    case "routine":
      return [`routine ${kind.role}`];
    default:
      return [kind.type];
  }
}

/** What drivers are written in: the builder and the checks are generic in it. */
export interface Language {
  readonly apis: readonly ApiShape[];
  readonly families: readonly FamilyShape[];
  /** Absent: none. */
  readonly rules?: readonly RuleShape[];
  /** What an API of somebody's own can be made of, by mode and operation. Absent: of nothing. */
  readonly primitives?: Readonly<Record<"kernel" | "user", ReadonlyMap<string, PrimitiveRule>>>;
  /** What users of a world can do. Absent: nothing. */
  readonly actions?: readonly string[];
  /** What to write for a call that the table lacks since the language says it otherwise. */
  readonly sayOtherwise?: (call: string) => string | undefined;
}

/** What a registration, or `raises`, can name. */
export interface FamilyForm {
  readonly family: FamilyShape;
  readonly events: FamilyShape["events"];
}

/**
 * The names by which callbacks are registered: a family ("process"), which stands for all its
 * events, and where it has several, each of them ("process-create", "process-exit").
 */
export function familyForms(families: readonly FamilyShape[]): ReadonlyMap<string, FamilyForm> {
  const forms = new Map<string, FamilyForm>();
  for (const family of families) {
    forms.set(family.name, { family, events: family.events });
    if (family.events.length < 2) continue;
    for (const event of family.events) {
      forms.set(`${family.name}-${event}`, { family, events: [event] });
    }
  }
  return forms;
}

/**
 * What is wrong with raising a form: of a family with several events, one has to be named. (What is
 * said to raise a family of Windows creates or maps something.)
 */
export function ambiguous(form: FamilyForm | undefined): string | undefined {
  if (form === undefined || form.family.paths === undefined || form.events.length < 2) return;
  const { name } = form.family;
  const one = form.events.map((event) => `"${name}-${event}"`).join(" or ");
  return `"${name}" has several events: name one, ${one}`;
}

/** Whether code of this mode can make the call. */
export function runsIn(api: ApiShape, mode: "kernel" | "user"): boolean {
  return api.mode === mode || api.mode === "any";
}

const indexes = new WeakMap<readonly ApiShape[], ReadonlyMap<string, ApiShape>>();

/** The table by name; indexed once per table. */
export function apisByName(apis: readonly ApiShape[]): ReadonlyMap<string, ApiShape> {
  const known = indexes.get(apis);
  if (known !== undefined) return known;
  const index = new Map(apis.map((api) => [api.name, api]));
  indexes.set(apis, index);
  return index;
}
