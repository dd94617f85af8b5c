/** When the workload of a timed run is over (section 13). */
import { type Context, normalApcs, top } from "../context.ts";
import type { Task, Thread } from "../state.ts";

/** The workload is over: what pollers do from here on concerns nobody (section 13). */
export function isOver(c: Context): boolean {
  const { state } = c;
  if (!state.released || Object.keys(state.dpcs).length > 0) return false;
  if (Object.values(state.pool).some(({ entries }) => entries.length > 0)) return false;
  return Object.values(state.threads).every(
    (t) => t.ended || !t.begun || (t.owes === 0 && t.items === 0 && !isAtWork(t) && !isOnItsWay(t)),
  );
}

/** A request of a service that is not at rest, and was so before. */
const isAtWork = ({ roots }: Thread): boolean =>
  roots?.some(({ kind, keeps, rest }) => kind === "request" && keeps && rest === undefined) ===
  true;

const standsStill = ["acquire", "runDownWait", "drained", "driverObject", "filterItems"];

/** Somebody from outside who is not at rest, or who was told to end and can hear of it. */
function isOnItsWay(t: Thread): boolean {
  const task = top(t) as Task;
  const hears = t.told && !t.leaving && normalApcs(t);
  const waits = ["waiting", "replied"].includes(task.k);
  if (waits)
    return hears && (task.user === true || task.alertable === true || task.isBreakable === true);
  if (comesFromOutside(t.id)) return task.k !== "rest";
  if (standsStill.includes(task.k)) return false;
  return hears && (task.k !== "take" || task.user === true);
}

/** Users, those who meddle or remove, and initial threads of new processes; not those of services. */
const comesFromOutside = (id: string): boolean =>
  /^!?user\d+$/.test(id) || /^!(?:meddler of|sc stop)/.test(id) || /^child \d+ thread$/.test(id);
