/** Short forms for entries of the API table: what an entry leaves out is what most calls have. */
import type { Irql, ObjectKind, ResultName } from "../../language/model.ts";
import type {
  ApiShape,
  CostClass,
  EffectTag,
  Param,
  ParamKind,
  Primitive,
} from "../../language/shape.ts";

type Returns = ApiShape["returns"];
interface Entry<N extends string, P extends readonly Param[], V extends Returns> {
  readonly name: N;
  readonly params?: P;
  readonly does?: readonly Primitive[];
  readonly summary: string;
  readonly facts: readonly string[];
  readonly irqlMax?: Irql;
  readonly irqlMaxAtZero?: Irql;
  readonly needsApcs?: "special" | "normal" | "disabled";
  readonly results?: readonly ResultName[];
  readonly cost?: CostClass;
  readonly raises?: readonly string[];
  readonly effects?: readonly EffectTag[];
  readonly weight?: number;
  readonly returns?: V;
}
type Defined<
  N extends string,
  P extends readonly Param[],
  M extends ApiShape["mode"],
  V extends Returns,
> = ApiShape & {
  readonly name: N;
  readonly params: P;
  readonly mode: M;
  readonly returns: V;
};

function define<
  const N extends string,
  const P extends readonly Param[],
  const M extends ApiShape["mode"],
  const V extends Returns,
>(mode: M, entry: Entry<N, P, V>): Defined<N, P, M, V> {
  return {
    irqlMax: "APC_LEVEL",
    results: ["success"],
    cost: "short",
    raises: [],
    effects: [],
    weight: 1,
    does: [],
    ...entry,
    params: (entry.params ?? []) as P,
    returns: entry.returns as V,
    mode,
  };
}

export const kernelApi = <
  const N extends string,
  const P extends readonly Param[] = readonly [],
  const V extends Returns = undefined,
>(
  entry: Entry<N, P, V>,
): Defined<N, P, "kernel", V> => define("kernel", entry);

export const userApi = <
  const N extends string,
  const P extends readonly Param[] = readonly [],
  const V extends Returns = undefined,
>(
  entry: Entry<N, P, V>,
): Defined<N, P, "user", V> => define("user", entry);

/** A call of kernel and user mode. */
export const intrinsic = <
  const N extends string,
  const P extends readonly Param[] = readonly [],
  const V extends Returns = undefined,
>(
  entry: Entry<N, P, V>,
): Defined<N, P, "any", V> => define("any", entry);

/** A parameter that takes an object of these kinds. */
export const object = <
  const N extends string,
  const K extends readonly (ObjectKind | "process" | "thread")[],
>(
  name: N,
  ...kinds: K
) => ({ name, kind: { type: "object", kinds } }) as const;

export const param = <const N extends string, const K extends ParamKind>(name: N, kind: K) =>
  ({ name, kind }) as const;

/** The last, optional argument of a wait: no timeout unless given. */
export const timeout = {
  name: "Timeout",
  kind: { type: "timeout" },
  default: { timeout: "none" },
} as const satisfies Param;

/** KernelMode unless given. Termination can break a UserMode wait (SY-20), outside critical regions (APC-5). */
export const waitMode = {
  name: "WaitMode",
  kind: { type: "oneOf", values: ["KernelMode", "UserMode"] },
  default: "KernelMode",
} as const satisfies Param;

/** FALSE unless given. An alert or a user APC can end an alertable wait (SY-20). */
export const alertable = {
  name: "Alertable",
  kind: { type: "oneOf", values: ["FALSE", "TRUE"] },
  default: "FALSE",
} as const satisfies Param;

/** A name more for what the table has already: a generator that draws either gains nothing. */
export const anotherName = { weight: 0 } as const;

export const op = (name: string, operands: Omit<Primitive, "kind" | "op"> = {}): Primitive => ({
  kind: "op",
  op: name,
  ...operands,
});
export const arg = (name: string) => ({ param: name }) as const;

export const waitables = [
  "NotificationEvent",
  "SynchronizationEvent",
  "KMUTEX",
  "KSEMAPHORE",
  "NotificationTimer",
  "SynchronizationTimer",
  "process",
  "thread",
] as const;
/** What the kernel can wait for besides: a thread that it has a pointer or a handle to. */
export const kernelWaitables = [...waitables, "PETHREAD"] as const;
