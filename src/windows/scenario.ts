/** A scenario: drivers and the world around them. Plain JSON. */
import type { DriverModel } from "../language/model.ts";

/** What a user thread of the workload does, in order. */
export const userActions = [
  /** Creates a process whose initial thread stays. */
  "create",
  /** Creates a process whose initial thread exits. */
  "create and exit",
  /** Creates a process and waits until it has ended, as a shell does. */
  "create and wait",
  /** Creates a process that never ends, and waits for its end: at rest, not a hang. */
  "create a daemon and wait",
  /** The thread's own process exits. */
  "exit",
  /** Creates a thread in its own process, which ends at once. */
  "create a thread",
  "load a DLL",
  /** A driver is loaded by a system worker thread, and waited for. */
  "load a driver",
] as const;
export type UserAction = (typeof userActions)[number];

/** Actions whose child ends by itself, and whose child stays. */
export const endingActions: readonly Action[] = ["create and exit", "create and wait"];
export const stayingActions: readonly Action[] = ["create", "create a daemon and wait"];
/** One of these, or of a family that a driver brings. */
export type Action = UserAction | (string & {});

export interface UserThread {
  readonly name: string;
  readonly does: readonly Action[];
}

export const poolProfileNames = ["tiny", "nt5", "modern"] as const;
export type PoolProfileName = (typeof poolProfileNames)[number];
export const poolLoads = ["idle", "busy", "exhausted"] as const;
export type PoolLoad = (typeof poolLoads)[number];

/** As a user can find a service; suspended: its threads, by a debugger, at some moment. */
export const serviceConditions = [
  "well",
  "slow",
  "hung",
  "target",
  "restarted",
  "suspended",
] as const;
export type ServiceCondition = (typeof serviceConditions)[number];

export const startups = ["before", "racing", "failing", "failing beside"] as const;
export type Startup = (typeof startups)[number];

/** Whether the driver is loaded beside the events. */
export const startsBeside = ({ startup }: Pick<World, "startup">): boolean =>
  startup === "racing" || startup === "failing beside";

/** Whether one call of a run may fail. */
export const hasFault = ({ startup }: Pick<World, "startup">): boolean =>
  startup === "failing" || startup === "failing beside";

/** How long things take in the model, and how long they may, in microseconds. */
export interface TimeProfile {
  /** Calls by their cost: plain ones, on locks and events, in user mode, to files, registry, devices. */
  readonly shortUs: number;
  readonly lockUs: number;
  readonly userModeUs: number;
  readonly ioUs: number;
  /** The kernel's own work for an event, without callbacks. */
  readonly createProcessUs: number;
  readonly exitProcessUs: number;
  readonly createThreadUs: number;
  readonly mapImageUs: number;
  /** A foreign item of a busy pool. */
  readonly busyItemUs: number;
  /** What a slow service computes for a request. */
  readonly slowServiceUs: number;
  /** Until somebody has answered a dialog. */
  readonly personUs: number;
  /** What may be taken by one callback; by all of one event; by a user's operation. */
  readonly callbackUs: number;
  readonly eventUs: number;
  readonly operationUs: number;
}

export interface World {
  readonly name: string;
  readonly workload: readonly UserThread[];
  readonly pool: {
    readonly profile: PoolProfileName;
    readonly load: PoolLoad;
    /** Foreign items queued first; default: as many as the load needs. */
    readonly items?: number;
  };
  readonly service: {
    readonly condition: ServiceCondition;
    /** Threads of each kind that the driver file declares; absent: as declared. */
    readonly threads?: number;
  };
  /** DriverEntry before anything else, or beside the events; and whether one call of the run may fail. */
  readonly startup: Startup;
  readonly removal: "none" | "racing";
  /** Special kernel APCs while image callbacks run (CB-I1); absent: on. */
  readonly specialApcs?: "on" | "off";
  /** Times that differ from the model's. */
  readonly times?: Partial<TimeProfile>;
  /** Another driver on the machine; absent: none. */
  readonly neighbour?: "creates a thread";
  /** DLLs that a new process maps on its way to user mode, beside its EXE and ntdll; absent: none. */
  readonly images?: number;
  /** Of a disk that is gone the file system asks a person to put it back (APC-7); absent: all are there. */
  readonly disk?: "removed";
  /** What a pointer to 0 as the timeout of a message means (SV-7); absent: no limit, as NULL does. */
  readonly zeroMessageTimeout?: "no wait";
  /** The driver's own IoWorkItems while DriverUnload runs (W26); absent: they have ended before it begins. */
  readonly itemsAtUnload?: "run on";
}

export interface Scenario {
  readonly drivers: readonly DriverModel[];
  readonly world: World;
}
