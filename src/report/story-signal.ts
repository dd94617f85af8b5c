/**
 * What became of the signal that somebody waits for: cleared or taken before he got it, or never to
 * come, since its timer was cancelled.
 */
import { unreachable } from "../base/invariant.ts";
import type { Link } from "../judge/finding.ts";
import type { SignalPast } from "../judge/signal-past.ts";
import { nameOf } from "./story-names.ts";
import { waitWords } from "./story-words.ts";
import { glue } from "./text.ts";

const step = (index: number): string => `step${glue}${index + 1}`;

/** Of several that are waited for, which one it is. */
const lostWords = ({ wait, lost }: Link): string =>
  lost === undefined ? "it" : waitWords({ ...wait, objects: [wait.objects[lost]] });

/** "it was set at step 3, and user2 took that at step 5" */
export function pastWords(past: SignalPast, link: Link, it = lostWords(link)): string {
  const name = nameOf(link.who);
  switch (past.kind) {
    case "cleared": {
      const late =
        past.asks === undefined ? "" : `, and ${name} asks for it only from ${step(past.asks)} on`;
      return past.set === past.step
        ? `${it} was pulsed at ${step(past.step)}${late}`
        : `${it} was set at ${step(past.set)} and cleared at ${step(past.step)}${late}`;
    }
    case "taken": {
      const by = past.by === name ? `${name} itself` : past.by;
      if (link.wait.kind === "rundown")
        return past.isInside === true
          ? `${by} took protection at ${step(past.step)} and has not released it`
          : `${by} took protection at ${step(past.step)}, and nobody has released that`;
      if (link.wait.kind === "semaphore" && past.waited === true)
        return `the last of ${it} went to ${by}, who waited since ${step(past.step)} and has not given it back`;
      if (link.wait.kind === "semaphore")
        return past.isInside === true
          ? `${by} took the last of ${it} at ${step(past.step)} and has not given it back`
          : `${by} took the last of ${it} at ${step(past.step)}, and nobody has given that back`;
      if (past.set !== undefined && past.set > past.step)
        return `${it} was set at ${step(past.set)}, and that went to ${by}, who waited since ${step(past.step)}`;
      const set = past.set === undefined ? "" : `${it} was set at ${step(past.set)}, and `;
      if (past.waited === true && past.set === undefined)
        return `the signal went to ${by}, who waited since ${step(past.step)}`;
      return `${set}${by} took the signal at ${step(past.step)}`;
    }
    case "calledOff":
      return `the timer that it would have come from was cancelled at ${step(past.step)}`;
    case "changed": {
      const by = past.by === name ? `${name} itself` : past.by;
      return `${by} changed ${it} at ${step(past.step)}, and nobody has since`;
    }
    case "countedUp": {
      const by = past.by === name ? `${name} itself` : past.by;
      const does = (what: string): string =>
        `${by} counted ${what} up at ${step(past.step)}, and nobody has counted that down again`;
      return past.counter === undefined
        ? does(it)
        : `${it} is set where ${past.counter} comes down, and ${does("that")}`;
    }
    default:
      return unreachable(past, "past of a signal");
  }
}
