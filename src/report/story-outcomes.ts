/** The words for what comes of a step. */
import { unreachable } from "../base/invariant.ts";
import type { Came } from "../judge/came.ts";
import type { Step } from "../judge/finding.ts";
import { printDuration } from "../language/print.ts";
import { everyWords, listed } from "./text.ts";

/** What a story knows of a step beyond what came of it by then. */
export interface Ending {
  /** It is the last of its thread, at a wait that never ends. */
  readonly forEver?: boolean;
  /** The same, but for what a later event could do. */
  readonly toTheEnd?: boolean;
  /** The wait that has timed out is made again and again. */
  readonly looksAgain?: boolean;
  /** Ids of the rules that it breaks. */
  readonly breaks?: readonly string[];
}

/** "waits in line for ever", "times out, looks again every second" */
export function outcomeWords({ came }: Step, ending: Ending = {}): string {
  const rules = ending.breaks ?? [];
  const said = came
    .filter(({ kind }) => kind !== "breaks" || rules.length === 0)
    .map((one) => cameWords(one, ending));
  const breaks = rules.length === 0 ? [] : [`breaks ${listed(rules)}`];
  return [...said, ...breaks].filter((words) => words !== "").join(", ");
}

function cameWords(came: Came, ending: Ending): string {
  const { forEver = false, toTheEnd = false, looksAgain = false } = ending;
  const howLong = forEver ? " for ever" : toTheEnd ? " to the end of the run" : "";
  switch (came.kind) {
    case "waits": {
      const does = came.noEnd ? "hangs" : came.inLine ? "waits in line" : "waits";
      return `${does}${howLong}`;
    }
    case "stopsAhead": {
      const does = came.forUs === undefined ? "hangs" : `takes ${printDuration(came.forUs)}`;
      return `${does}${howLong} ahead of it`;
    }
    case "timesOut":
      return looksAgain ? "times out, and looks again" : "times out";
    case "goesOn":
      return "goes on";
    case "toldToEnd":
      return "is told to end";
    case "alerted":
      return "is alerted";
    case "userApc":
      return "is ended by a user APC";
    case "disconnected":
      return "disconnected";
    case "fails":
      return "fails";
    case "findsNone":
      return "finds none";
    case "looksAgain":
      return `looks again ${everyWords(came.everyUs)}`;
    case "releases":
      return `releases ${came.thread}`;
    case "nobodyWaits":
      return "nobody waits";
    case "releasesNobody":
      return "releases nobody";
    case "setAlready":
      return "is set already";
    case "takesSignalBack":
      return "takes the signal back";
    case "notCalled":
      return "is not registered, not called";
    case "returns":
      return "returns";
    case "releasesRegistration":
      return "its registration is released";
    case "frees":
      return "frees it";
    case "breaks":
      return "breaks a rule";
    case "crashes":
      return "crashes";
    default:
      return unreachable(came, "outcome of a step");
  }
}

/** Whether something of a kind came of a step. */
export const cameOf = ({ came }: Step, kind: Came["kind"]): boolean =>
  came.some((one) => one.kind === kind);

/** Whether the step lets the thread go. */
export const releases = ({ came }: Step, thread: string): boolean =>
  came.some((one) => one.kind === "releases" && one.thread === thread);
