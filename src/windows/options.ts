/** Where sources disagree or are silent: what a run of the model takes for granted, in words. */
import { pipesOf, sendsWithZeroTimeout, unloadsBesideItems } from "./questions.ts";
import type { Scenario, World } from "./scenario.ts";

/** Thread priorities and preemption are not modelled: see the README. */
const always = [
  "a veto is read after all callbacks have run (T16)",
  "no lock of Windows is held around callbacks (CB-L2)",
  "callbacks run in order of registration (CB-Q7)",
] as const;

/** What a scenario rests on: that which always is so, and what matters to these drivers. */
export const optionsOf = ({ drivers, world }: Scenario): readonly string[] => [
  ...always,
  ...(sendsWithZeroTimeout(drivers) ? [zeroMessageWords(world)] : []),
  ...(pipesOf(drivers).some(({ room }) => room === undefined) ? [pipeWords] : []),
  ...(world.removal !== "none" && unloadsBesideItems(drivers) ? [itemsAtUnloadWords(world)] : []),
];

/** Of pipes of which the driver's model gives no room. */
const pipeWords =
  "a pipe has room for one message where nothing else is said, and then each write waits (SV-34)";

/** Where callbacks that can be removed return with kernel APCs pending: both orders are tried in each run. */
export const returnWords =
  "at a callback's return a pending kernel APC runs before its registration is released, or after (CB-U7)";

/** Of messages whose timeout points to 0. */
const zeroMessageWords = ({ zeroMessageTimeout }: World): string =>
  zeroMessageTimeout === undefined
    ? "a message with a timeout of 0 is waited for without limit (SV-7)"
    : "a message with a timeout of 0 is not waited for (SV-7)";

/** Of work items that keep their driver loaded while it is unloaded. */
const itemsAtUnloadWords = ({ itemsAtUnload }: World): string =>
  itemsAtUnload === undefined
    ? "DriverUnload begins when the driver's own IoWorkItems have ended; sources disagree, and a world's itemsAtUnload: \"run on\" has it otherwise (W26)"
    : "DriverUnload begins while the driver's own IoWorkItems still run (W26)";
