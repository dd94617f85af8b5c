/** What a thread runs at as a body goes on, and which calls are legal there. */
import type { Irql, RoutineRole } from "../language/model.ts";
import type { ApiShape, FamilyShape } from "../language/shape.ts";
import type { Hold } from "./grammar.ts";

export const irqlOrder: readonly Irql[] = ["PASSIVE_LEVEL", "APC_LEVEL", "DISPATCH_LEVEL"];
const rank = (irql: Irql): number => irqlOrder.indexOf(irql);

export interface ThreadState {
  readonly irql: Irql;
  readonly critical: number;
  readonly guarded: number;
}

const passive: ThreadState = { irql: "PASSIVE_LEVEL", critical: 0, guarded: 0 };

/** Routines that the system enters above PASSIVE_LEVEL. */
const entryIrql: Readonly<Record<string, Irql>> = { apc: "APC_LEVEL", dpc: "DISPATCH_LEVEL" };

export function startOf(role: RoutineRole, family: FamilyShape | undefined): ThreadState {
  if (family !== undefined) {
    return { irql: family.irql, critical: family.criticalRegion ? 1 : 0, guarded: 0 };
  }
  return { ...passive, irql: entryIrql[role] ?? passive.irql };
}

/** What holding a lock does to its holder (SY-8, SY-9, SY-14, SY-16); the others do nothing. */
const holderRuns: Readonly<Record<string, (state: ThreadState) => ThreadState>> = {
  FAST_MUTEX: (state) => raised(state, "APC_LEVEL"),
  KSPIN_LOCK: (state) => raised(state, "DISPATCH_LEVEL"),
  EX_SPIN_LOCK: (state) => raised(state, "DISPATCH_LEVEL"),
  KGUARDED_MUTEX: (state) => ({ ...state, guarded: state.guarded + 1 }),
  WDFWAITLOCK: (state) => ({ ...state, critical: state.critical + 1 }),
  // A holder cannot be ended or suspended.
  KMUTEX: (state) => ({ ...state, critical: state.critical + 1 }),
};

const raised = (state: ThreadState, irql: Irql): ThreadState =>
  rank(irql) > rank(state.irql) ? { ...state, irql } : state;

/** The state behind a call that opened this. */
export function behind(
  state: ThreadState,
  opens: readonly Hold[],
  kind: string | undefined,
  newIrql: Irql | undefined,
): ThreadState {
  let now = state;
  for (const hold of opens) now = behindOne(now, hold, kind, newIrql);
  return now;
}

function behindOne(
  state: ThreadState,
  hold: Hold,
  kind: string | undefined,
  newIrql: Irql | undefined,
): ThreadState {
  switch (hold.kind) {
    case "lock":
      return kind === undefined ? state : (holderRuns[kind]?.(state) ?? state);
    case "critical":
      return { ...state, critical: state.critical + 1 };
    case "guarded":
      return { ...state, guarded: state.guarded + 1 };
    case "irql":
      return newIrql === undefined ? state : raised(state, newIrql);
    default:
      return state;
  }
}

/** Whether a call is legal here: "at zero" if only with a timeout of zero. */
export function legality(api: ApiShape, state: ThreadState): boolean | "at zero" {
  const isHeldOff = state.guarded > 0 || rank(state.irql) >= rank("APC_LEVEL");
  if (api.needsApcs === "special" && isHeldOff) return false;
  if (api.needsApcs === "normal" && (isHeldOff || state.critical > 0)) return false;
  if (api.needsApcs === "disabled" && !isHeldOff && state.critical === 0) return false;
  // Pageable memory is not to be had there (SV-21), and which it is says an argument.
  const allocates = api.does.some(({ op, pool }) => op === "mayFail" && pool !== undefined);
  if (allocates && state.irql === "DISPATCH_LEVEL") return false;
  if (rank(state.irql) <= rank(api.irqlMax)) return true;
  const { irqlMaxAtZero } = api;
  return irqlMaxAtZero !== undefined && rank(state.irql) <= rank(irqlMaxAtZero) ? "at zero" : false;
}
