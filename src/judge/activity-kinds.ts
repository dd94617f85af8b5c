/** What a thread is doing: the kind of code that it runs, with names erased. */
export type Activity =
  | "callback"
  | "workItem"
  /** A work item of a driver that is not the user's. */
  | "foreignItem"
  | "systemThread"
  | "apc"
  | "dpc"
  | "service"
  | "entry"
  | "unload"
  | "request"
  | "poolManager"
  | "worker"
  | "system"
  | "user";
