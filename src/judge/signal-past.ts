/** What became of the signal that a wait is for; steps by index. */
export type SignalPast =
  /** It was set, and cleared at `step`; the waiter asks for it since `asks`, if at all. */
  | {
      readonly kind: "cleared";
      readonly set: number;
      readonly step: number;
      readonly asks?: number;
    }
  /** A call, begun at `step`, took it, perhaps after a wait, and nothing was given back since. */
  | {
      readonly kind: "taken";
      readonly step: number;
      readonly by: string;
      readonly set?: number;
      readonly waited?: true;
      /** He is still in the routine that took it. */
      readonly isInside?: true;
    }
  /** The timer that it would have come from was cancelled. */
  | { readonly kind: "calledOff"; readonly step: number }
  /** A variable has had the value that it has since `step`. */
  | { readonly kind: "changed"; readonly step: number; readonly by: string }
  /**
   * A variable that somebody counted up and nobody down again; `counter`: its name, where that is not
   * what is waited for, but says when it is signalled.
   */
  | {
      readonly kind: "countedUp";
      readonly step: number;
      readonly by: string;
      readonly counter?: string;
    };
