/** Where a thread of a hung or slow service stops: in user mode, ahead of a call that others can feel (section 10). */
import type { Context } from "./context.ts";
import { isUser, nothing } from "./rules/rule.ts";
import type { Task, Thread } from "./state.ts";
import { plus } from "./timed/clock.ts";
import { spanOf } from "./timed/profile.ts";
import { canBeSlow } from "./timed/slow.ts";

/** First steps of calls ahead of which a thread can stop. */
const felt = [
  "set",
  "reset",
  "pulse",
  "acquire",
  "unlock",
  "post",
  "take",
  "startUser",
  "number",
  "send",
  "write",
  "reply",
  "terminate",
  "exitProcess",
  "alert",
  "stopPoint",
];

/** Nobody has stopped yet. */
const isOpen = ({ code, state }: Context): boolean =>
  state.stopped === "" &&
  (code.scenario.world.service.condition === "hung" || isSlow({ code, state }));

/** Who only takes longer is told apart by times alone. */
const isSlow = ({ code, state }: Pick<Context, "code" | "state">): boolean =>
  code.scenario.world.service.condition === "slow" && state.times !== undefined;

/** Whether a step of its own is to be made of the place ahead of a call that goes on in the kernel. */
export const isStopPoint = (c: Context, t: Thread): boolean =>
  !t.told && (isOpen(c) || c.state.stopped === t.process);

/** What a thread that is about to take this step can do, and what it cannot. */
export function stopAt(c: Context, t: Thread, task: Task): "may" | "has to" | "no" {
  const isFirst = task.k === "stopPoint" || (task.ahead === true && isUser(c, String(task.f)));
  if (!isFirst || t.told || !felt.includes(task.k) || task.inLine === true) return "no";
  const { entries = [], gone = false } = c.state.things[String(task.key)] ?? {};
  if (task.k === "take" && entries.length === 0 && !gone) return "no";
  if (task.of === "compareExchange") return "no";
  if (c.state.stopped === t.process) return "has to";
  if (isSlow(c) && !canBeSlow(c, task)) return "no";
  return isOpen(c) && isService(c, t.process) ? "may" : "no";
}

const isService = ({ code }: Context, name: string): boolean =>
  code.scenario.drivers.some(({ services }) => services.some((one) => one.name === name));

const wasSlow = "(was slow)";

/** It waits for nothing; the call has not begun. From here on its process hangs. Or it takes a while. */
export function stop(c: Context, t: Thread): void {
  const { times } = c.state;
  if (isSlow(c) && times !== undefined) {
    c.state.stopped = wasSlow;
    const took = spanOf(c.code.scenario.world.times, "slowServiceUs");
    times.clocks[t.id] = plus(times.clocks[t.id], took);
    return;
  }
  c.state.stopped = t.process;
  c.marks.add("a service stops");
  t.todo.push({ ...nothing, user: true, isStop: true, timeout: "none" });
}
