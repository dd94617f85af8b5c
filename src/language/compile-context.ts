/** What the parts of a body's compilation share. */
import { Result } from "../machine/layout.ts";
import type { Assembled } from "./assembler.ts";
import type { Irql, Operand, ResultName, Routine, Statement } from "./model.ts";
import type { DriverScope } from "./scope.ts";
import type { ApiShape } from "./shape.ts";

/** What the bodies need of the system around them; `src/windows` supplies it. */
export interface Surroundings {
  readonly apis: ReadonlyMap<string, ApiShape>;
  /** Emits one primitive of an API. */
  primitive(context: BodyContext, primitive: ApiShape["does"][number], args: BoundArgs): void;
  raise(context: BodyContext, family: string): void;
  /** Emits what an API raises in the calling thread beside what its primitives do. */
  raised(context: BodyContext, api: ApiShape): void;
  costUs(api: ApiShape): number;
  /** Whether a request can pend its IRP, and whether it is at rest then until somebody completes it. */
  pended(driver: DriverScope["driver"], request: string): "never" | "at rest" | "at work";
  /** Whether the code of this routine can go before it has returned (W4). */
  canGoInside(driver: DriverScope["driver"], routine: string): boolean;
  /** Number of an event's name. */
  eventNumber(event: string): number;
  /** Role number of a service. */
  serviceRole(scope: DriverScope, name: string | undefined): number;
  print(statement: Statement): string;
  opId(driver: DriverScope["driver"], statement: Statement): string;
}

export interface BodyContext {
  readonly asm: Assembled;
  readonly scope: DriverScope;
  readonly routine: Routine;
  readonly around: Surroundings;
  readonly place: string;
}

export type BoundArgs = ReadonlyMap<string, Operand>;

export const resultCodes: Readonly<Record<ResultName, number>> = {
  success: Result.success,
  timeout: Result.timeout,
  failure: Result.failure,
  terminated: Result.terminated,
  disconnected: Result.disconnected,
  abandoned: Result.abandoned,
  empty: Result.empty,
  object0: Result.object0,
  object1: Result.object0 + 1,
  object2: Result.object0 + 2,
  object3: Result.object0 + 3,
  alerted: Result.alerted,
  userApc: Result.userApc,
};

export const irqlNumber: Readonly<Record<Irql, number>> = {
  PASSIVE_LEVEL: 0,
  APC_LEVEL: 1,
  DISPATCH_LEVEL: 2,
};

/** Hidden words that a routine has for a number that it asks for. */
export const valueWords = (result: string): readonly string[] => [
  `value ${result}`,
  `pointer ${result}`,
];
