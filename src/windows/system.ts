/** What the parts of the modelled Windows share while a scenario is compiled. */
import type { Assembled } from "../language/assembler.ts";
import type { DriverScope } from "../language/scope.ts";
import type { ImageEvent } from "./families/image.ts";
import type { WindowsLanguage } from "./language.ts";
import type { Scenario, TimeProfile } from "./scenario.ts";

export interface System {
  readonly asm: Assembled;
  readonly scenario: Scenario;
  /** Whether processes that stay, once they are at rest, can leave at any time. */
  readonly stayersLeave: boolean;
  readonly times: TimeProfile;
  /** That the drivers are written in. */
  readonly language: WindowsLanguage;
  readonly scopes: DriverScope[];
  /**
   * Whether a registration can change while events are raised. Where none can, protecting it is
   * nothing that anybody sees, and no scheduling point.
   */
  readonly removals: boolean;
  /** An event that nobody sets: what undeliverable completions wait for. */
  readonly neverSignalled: number;
  /** By service that is created in the run: whether it has opened its handles. Others have theirs. */
  readonly connected: ReadonlyMap<string, number>;
  /** A word that refers to something that lives for ever, for messages without content. */
  readonly selfReference: number;
  /** Routine numbers of the kernel paths. */
  readonly paths: {
    create: number;
    exit: number;
    createAndWait: number;
    /** The same for a child that stays, where others do not. */
    createStaying: number;
    createStayingAndWait: number;
    insertThread: number;
    startUserThread: number;
    loadDriver: number;
    /** Raised for what an unknown call is said to raise. */
    thread: number;
    neighbour: number;
    /** What a suspended thread runs. */
    suspended: number;
    readonly mapImage: Record<ImageEvent, number>;
    /** What raises the events of families that drivers bring, by form; what has it run, by action. */
    readonly raise: Map<string, number>;
    readonly act: Map<string, number>;
  };
  /** The loader lock of each service's process, where its threads load DLLs. */
  readonly loaderLocks: ReadonlyMap<string, number>;
  /** The queue that work of this type goes to; makes it, and its workers, when first asked. */
  poolQueue(type: string): number;
  /** Notes which driver object a driver-wide item counts on. */
  countItem(item: number, driverObject: number): void;
}
