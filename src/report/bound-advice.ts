/** What an author can do about a bound that was reached. */
import type { BoundName } from "../base/bounds.ts";

const fewerUsers = "or fix worlds with fewer users in the file (`worlds`)";
const shorterLoops =
  "Write a poll or a long loop with fewer rounds: how many there are seldom matters, how long they take does.";

export const adviceOn: Readonly<Partial<Record<BoundName, string>>> = {
  nesting: "Let calls nest less deep: what a routine causes itself needs a limit.",
  localSteps: "Write what nobody else sees as one `Compute`, or with fewer rounds.",
  ways: `Model fewer threads that wait for one signal, ${fewerUsers}: three show what many do.`,
  sharers: `Model fewer who take the lock at once (threads, items, users), ${fewerUsers}: three show what many do.`,
  queueRoom: `Model a queue that is drained or refuses before so many stand in it, ${fewerUsers}.`,
  poolRoom: `Queue fewer items at once, ${fewerUsers}.`,
  timers: "Model fewer timers: those that are set and handled alike are one.",
  processes: "Let the driver create processes for one event, not for each.",
  threads: "Let fewer threads of the routine live at once: two show what many do.",
  records: `Free records as the driver does, say with the record's \`max\` how many there can be, ${fewerUsers}.`,
  numbers: "Count in smaller numbers: only the tests that they pass matter.",
  regions: "Leave each region that is entered, and detach as often as is attached.",
  registrations: "Remove the callback before it is registered again.",
  times: "Give shorter times in the file.",
  users:
    "Model it with fewer units, or threads of its own, if what comes behind the last one is what you ask about.",
  unlooked: "Give a larger `--budget`, or a smaller `--scope`.",
  stopped: "Let it go on to its end.",
  decisions: shorterLoops,
  runWork: shorterLoops,
  suspicions: "Give a larger `--budget`, or write polls with fewer rounds.",
  memory: "Give a smaller `--scope`, or leave out of the file what nobody waits for.",
  hangStates: "Mend what was found and check again: what hangs hides what is behind it.",
  lateSteps: "Mend what was found and check again: what is late hides what is behind it.",
};
