/** What comes of a step. */
export type Came =
  /** `inLine`: for a lock that others want, too; `noEnd`: for no object and without a timeout. */
  | { readonly kind: "waits"; readonly inLine?: true; readonly noEnd?: true }
  | { readonly kind: "timesOut" }
  /** A delay is over. */
  | { readonly kind: "goesOn" }
  /** Its thread's process is told to end. */
  | { readonly kind: "toldToEnd" }
  | { readonly kind: "alerted" }
  | { readonly kind: "userApc" }
  | { readonly kind: "disconnected" }
  /** A call comes back with failure, or finds nothing to take. */
  | { readonly kind: "fails" }
  | { readonly kind: "findsNone" }
  /** A service's thread stops before it comes to it: for so long, or for good. */
  | { readonly kind: "stopsAhead"; readonly forUs?: number }
  /** The wait is one of a loop's, which makes it every so often. */
  | { readonly kind: "looksAgain"; readonly everyUs: number }
  /** Another thread's wait ends. */
  | { readonly kind: "releases"; readonly thread: string }
  /** A signal: nobody waits for the event, or nobody whose wait it ends. */
  | { readonly kind: "nobodyWaits" }
  | { readonly kind: "releasesNobody" }
  | { readonly kind: "setAlready" }
  | { readonly kind: "takesSignalBack" }
  /** A callback that is not registered yet, or not any more, is not called. */
  | { readonly kind: "notCalled" }
  /** A callback returns to Windows; behind an APC, its removal waits for this call no more. */
  | { readonly kind: "returns" | "releasesRegistration" }
  /** A record's last reference is gone. */
  | { readonly kind: "frees" }
  /** It does what a rule is about. */
  | { readonly kind: "breaks"; readonly effect: string }
  | { readonly kind: "crashes" };
