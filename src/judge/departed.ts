/** Those who would have ended a wait that nobody ends any more. */

/** Somebody who would have ended a wait, and does not any more, or not by himself; the step by index. */
export interface Gone {
  readonly who: string;
  readonly how:
    | "ended"
    /** A thread: the call that would have created it failed, at the step that is named, if at all. */
    | "notCreated"
    /** A callback. */
    | "removed"
    | "notRegistered"
    /** The creation of its process was vetoed. */
    | "vetoed"
    /** It ran when the driver was loaded. */
    | "returned"
    /** It runs when the driver is unloaded, and not before. */
    | "unloads"
    /** A callback: it runs when another event comes. */
    | "event"
    /** A request that nobody makes here. */
    | "asked";
  readonly step?: number;
}
