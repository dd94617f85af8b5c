/**
 * The two seams that carry all extension, and rules: an API, a family and a rule are data of these
 * shapes. `src/windows/` fills them for Windows; a user's own take the same way.
 */
import type { Irql, ObjectKind, ResultName } from "./model.ts";

/** What a parameter takes. The builder derives a method's argument types from it. */
export type ParamKind =
  | { readonly type: "object"; readonly kinds: readonly (ObjectKind | "process" | "thread")[] }
  | { readonly type: "objects"; readonly kinds: readonly (ObjectKind | "process" | "thread")[] }
  | { readonly type: "timeout" }
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
  readonly effects: readonly EffectTag[];
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
  /** Whether special kernel APCs can be held off too: a world says when. */
  readonly specialApcs?: "sometimes off";
  readonly veto: boolean;
  /** Effects of calls that its callbacks must not have. */
  readonly forbids?: readonly EffectTag[];
  /** Microseconds for one callback. */
  readonly budgetUs: number;
  readonly registers: string;
  readonly removes: string;
  readonly rules: readonly string[];
  readonly facts: readonly string[];
}

/** An effect observed in runs, over which rules are written. */
export type Effect =
  | "callbackBlocksOnOtherThread"
  | "callbackAsksUserMode"
  | "callbackTouchesRegistry"
  | "callbackWaitsForIpc"
  | "callbackAwaitsQueuedWork"
  | "callbackRunsLong"
  | "callbackUnregisters"
  | "stackTooDeep"
  | "unloadLeavesCallbacks"
  | "awaitsWorkHoldingLock"
  | "workItemNeverEnds"
  | "workItemQueuedTwice"
  | "irqlTooHigh"
  | "regionLeaked"
  | "apcsEnabled"
  | "apcsDisabled"
  | "normalApcsDisabled"
  | "imageCallbackTouchesUserVm"
  | "fileIoHoldingLock"
  | "actsWhileAttached"
  | "protectsWhileSuspendable";

export interface RuleShape {
  readonly id: string;
  readonly effect: Effect;
  /** The rule in our words. */
  readonly text: string;
  /** Why it exists: the harm that it prevents. */
  readonly why: string;
  readonly fact: string;
}

/** What drivers are written in: the builder and the checks are generic in it. */
export interface Language {
  readonly apis: readonly ApiShape[];
  readonly families: readonly FamilyShape[];
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
