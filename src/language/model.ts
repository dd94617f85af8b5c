/**
 * The language of drivers: everything that a driver is, as plain JSON.
 *
 * A model is written through the builder (`builder.ts`) or by hand; `validate.ts` checks either.
 * Every name that declares something (object, variable, record, routine, setting, condition,
 * service) is unique within its driver, so that a reference is just the name. Two exceptions: a
 * driver-wide WORK_ITEM may have the name of the routine that it runs, since they are one thing to
 * their author; and a record's fields are names within that record.
 */
import type { Extension } from "./shape.ts";
import type { Body, ObjectDecl, OpaqueDecl, RecordDecl, SettingDecl } from "./statement.ts";

export * from "./statement.ts";

/**
 * - `callback`: registered for a family; `entry`, `unload`: DriverEntry and DriverUnload;
 * - `workItem`: run by a system worker; `systemThread`: PsCreateSystemThread;
 * - `dpc`: queued by a timer or KeInsertQueueDpc, run at DISPATCH_LEVEL;
 * - `request`: entered by a user thread's DeviceIoControl; `cleanup`: when a service's handle closes;
 * - `function`: called by others; `userThread`: a service's thread.
 */
export type RoutineRole =
  | "callback"
  | "entry"
  | "unload"
  | "workItem"
  | "systemThread"
  | "apc"
  | "dpc"
  | "request"
  | "cleanup"
  | "function"
  | "userThread";

export interface Routine {
  readonly name: string;
  readonly role: RoutineRole;
  /**
   * The routine in whose activation this one was declared: its objects are in reach, through the
   * captured frame. Absent for routines of the driver.
   */
  readonly within?: string;
  readonly locals: readonly ObjectDecl[];
  readonly body: Body;
  readonly at?: string;
}

export interface Registration {
  readonly family: string;
  /** PsSetCreateProcessNotifyRoutineEx and the like: which form registers it. */
  readonly routine: string;
}

/** A user-mode process that works with the driver. */
export interface Service {
  readonly name: string;
  /** Objects of the user-mode process: critical sections, queues between its threads, events. */
  readonly objects: readonly ObjectDecl[];
  readonly threads: readonly { readonly routine: string; readonly count: number }[];
}

export interface DriverModel {
  readonly loophole: "driver";
  readonly version: 1;
  readonly name: string;
  /** Where the modelled source stands. */
  readonly origin?: {
    readonly repository: string;
    readonly commit?: string;
    readonly note?: string;
  };
  readonly objects: readonly ObjectDecl[];
  readonly perProcess: readonly ObjectDecl[];
  readonly records: readonly RecordDecl[];
  readonly settings: readonly SettingDecl[];
  readonly conditions: readonly OpaqueDecl[];
  readonly routines: readonly Routine[];
  readonly registrations: readonly Registration[];
  readonly services: readonly Service[];
  /** The entries that its author adds to the tables, those that it uses: the driver stands alone. */
  readonly extension?: Extension;
}
